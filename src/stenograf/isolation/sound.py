"""Sound from one process to another, and back, without a copy in memory: files without names.

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
from dataclasses import dataclass
from typing import IO, Any, Final, TypeAlias

import numpy as np

from stenograf.audio.spool import Spool, SpooledWaveform
from stenograf.core.waveform import SAMPLE_RATE_HZ, Waveform
from stenograf.isolation.wire import Sound

BY_DESCRIPTOR: Final = hasattr(socket, "send_fds")
"""Whether open files can be sent, and so come back from a child."""

COPIED_SAMPLES: Final = 30 * SAMPLE_RATE_HZ  # at a time: 2 MB


@dataclass(frozen=True, slots=True)
class Blob:
    """An open file that is no waveform, for the other side to read from its first byte on.

    Goes by descriptor only.
    """

    file: IO[bytes]

    def close(self) -> None:
        """Close it here."""
        self.file.close()


@dataclass(frozen=True, slots=True)
class Brought:
    """A result with sound: `told` crosses as a message, `sounds` cross as open files."""

    told: Any
    sounds: tuple[SpooledWaveform, ...]


OnDisk: TypeAlias = SpooledWaveform | Blob | None


@contextmanager
def on_disk(sounds: Sequence[Waveform | Blob]) -> Iterator[list[OnDisk]]:
    """Each waveform as a file until the block is left; None for one without samples.

    Files are taken as they are; a waveform that comes twice is written once.
    """
    files: dict[int, OnDisk] = {}
    with ExitStack() as stack:
        for one in sounds:
            if isinstance(one, Blob) or (isinstance(one, SpooledWaveform) and len(one)):
                files[id(one)] = one
            elif len(one) and id(one) not in files:
                copy = _written(one)
                files[id(one)] = copy
                stack.callback(copy.close)
        yield [files.get(id(one)) for one in sounds]


def describe(files: Sequence[OnDisk]) -> tuple[Sound, ...]:
    """What a message says of the files that go with it."""
    return tuple(_described(file) for file in files)


def duplicates(files: Sequence[OnDisk]) -> list[int]:
    """Descriptors of the files that stay open whatever happens to them; the caller closes them."""
    return [os.dup(file.file.fileno()) for file in files if file is not None]


def send(descriptors: Sequence[int], lane: socket.socket) -> None:
    """Send open files, in order."""
    for descriptor in descriptors:
        socket.send_fds(lane, [b"f"], [descriptor])


def receive(sounds: Sequence[Sound], lane: socket.socket | None) -> list[Waveform | Blob]:
    """What was sent, to be read here; raises EOFError when the other side is gone."""
    return [_received(sound, lane) for sound in sounds]


def close(sounds: Sequence[Waveform | Blob]) -> None:
    """Close what was received."""
    for one in sounds:
        if isinstance(one, SpooledWaveform | Blob):
            one.close()


def _described(file: OnDisk) -> Sound:
    if file is None:
        return Sound(0)
    if isinstance(file, Blob):
        return Sound(None)
    return Sound(len(file), str(file.file.name) if sys.platform == "win32" else None)


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


def _received(sound: Sound, lane: socket.socket | None) -> Waveform | Blob:
    if sound.n_samples is None:
        return Blob(os.fdopen(_next_descriptor(lane), "rb"))
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
