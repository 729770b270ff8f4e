"""Sound from one process to another without a copy in memory: temporary files without names.

On POSIX the open file itself is sent through a socket; on Windows the other side opens the file
by its name, which goes when the last of the two closes it. Either way nothing is left on disk,
whoever is killed.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import IO, Final

import numpy as np

from stenograf.audio.spool import Spool, SpooledWaveform
from stenograf.core.waveform import SAMPLE_RATE_HZ, Waveform
from stenograf.isolation.wire import Sound

COPIED_SAMPLES: Final = 30 * SAMPLE_RATE_HZ  # at a time: 2 MB


@contextmanager
def on_disk(waveforms: Sequence[Waveform]) -> Iterator[list[SpooledWaveform | None]]:
    """Each waveform as a file until the block is left; None for one without samples.

    Spooled ones are taken as they are; a waveform that comes twice is written once.
    """
    files: dict[int, SpooledWaveform] = {}
    with ExitStack() as stack:
        for waveform in waveforms:
            if isinstance(waveform, SpooledWaveform):
                files[id(waveform)] = waveform
            elif len(waveform) and id(waveform) not in files:
                copy = _written(waveform)
                files[id(waveform)] = copy
                stack.callback(copy.close)
        yield [files.get(id(waveform)) if len(waveform) else None for waveform in waveforms]


def describe(files: Sequence[SpooledWaveform | None]) -> tuple[Sound, ...]:
    """What the job says of its sounds."""
    by_name = sys.platform == "win32"
    return tuple(
        Sound(0) if file is None else Sound(len(file), str(file.file.name) if by_name else None)
        for file in files
    )


def duplicates(files: Sequence[SpooledWaveform | None]) -> list[int]:
    """Descriptors of the files that stay open whatever happens to them; the caller closes them."""
    return [os.dup(file.file.fileno()) for file in files if file is not None]


def send(descriptors: Sequence[int], lane: socket.socket) -> None:
    """Send open files, in order."""
    for descriptor in descriptors:
        socket.send_fds(lane, [b"f"], [descriptor])


def receive(sounds: Sequence[Sound], lane: socket.socket | None) -> list[Waveform]:
    """The waveforms of a job, as the child reads them; raises EOFError when the parent is gone."""
    return [_received(sound, lane) for sound in sounds]


def close(waveforms: Sequence[Waveform]) -> None:
    """Close what was received."""
    for waveform in waveforms:
        if isinstance(waveform, SpooledWaveform):
            waveform.close()


def _written(waveform: Waveform) -> SpooledWaveform:
    spool = Spool(in_memory_samples=0)
    try:
        for start in range(0, len(waveform), COPIED_SAMPLES):
            spool.append(np.asarray(waveform[start : start + COPIED_SAMPLES], dtype=np.float32))
        written = spool.finish()
    except BaseException:
        spool.close()
        raise
    assert isinstance(written, SpooledWaveform)  # noqa: S101 - the spool keeps nothing in memory
    return written


def _received(sound: Sound, lane: socket.socket | None) -> Waveform:
    if sound.n_samples == 0:
        return np.zeros(0, dtype=np.float32)
    file: IO[bytes]
    if sound.path is not None:
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_TEMPORARY", 0)
        file = os.fdopen(os.open(sound.path, flags), "rb", buffering=0)
    else:
        file = os.fdopen(_next_descriptor(lane), "rb", buffering=0)
    return SpooledWaveform(file, sound.n_samples)


def _next_descriptor(lane: socket.socket | None) -> int:
    if lane is None:
        raise EOFError
    _, descriptors, _, _ = socket.recv_fds(lane, 1, 1)
    if not descriptors:
        raise EOFError
    return descriptors[0]
