"""Sound on disk and sound in memory are the same sound."""

from __future__ import annotations

import errno
import io
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stenograf.audio.decode import Wishes, decode, decode_source
from stenograf.audio.source import open_source
from stenograf.audio.spool import Spool, SpooledWaveform
from stenograf.core.errors import CancelledError, DiskFullError
from stenograf.core.waveform import Samples
from stenograf.testing.media import MediaFormat, tone, write_media

STEREO = MediaFormat("wav", "wav", "pcm_s16le", 16_000, 2)
bounds = st.none() | st.integers(-70, 70)


def blocks_of(numbers: list[list[int]]) -> list[Samples]:
    return [np.asarray(block, dtype=np.float32) for block in numbers]


@given(
    st.lists(st.lists(st.integers(0, 3), max_size=9), max_size=8),
    bounds,
    bounds,
    st.integers(0, 20),
)
def test_spool_equals_memory(
    numbers: list[list[int]], start: int | None, stop: int | None, limit: int
) -> None:
    """However it is cut into blocks and wherever it lies, every slice is numpy's slice."""
    spool = Spool(in_memory_samples=limit)
    for block in blocks_of(numbers):
        spool.append(block)
        spool.append_silence(len(block) // 2)
    waveform = spool.finish()
    parts = [np.append(block, np.zeros(len(block) // 2)) for block in blocks_of(numbers)]
    expected = np.concatenate([*parts, []])
    np.testing.assert_array_equal(waveform[start:stop], expected[start:stop])
    assert len(waveform) == len(expected)
    spool.close()


def test_long_sound_lies_on_disk_and_short_in_memory() -> None:
    """The limit decides; a slice from disk may be written to."""
    short, long = Spool(in_memory_samples=10), Spool(in_memory_samples=10)
    short.append(np.ones(10, dtype=np.float32))
    long.append(np.ones(11, dtype=np.float32))
    assert isinstance(short.finish(), np.ndarray)
    waveform = long.finish()
    assert isinstance(waveform, SpooledWaveform)
    samples = waveform[2:5]
    samples += 1.0
    assert samples.tolist() == [2.0, 2.0, 2.0]
    with pytest.raises(ValueError, match="step 1"):
        waveform[::2]
    waveform.close()
    with pytest.raises(ValueError, match="closed"):
        waveform[0:1]


@pytest.mark.parametrize("has_preadv", [True, False])
def test_threads_read_without_disturbing_each_other(
    has_preadv: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recognition and diarization slice one waveform at once, with and without `preadv`."""
    if not has_preadv:
        monkeypatch.delattr(os, "preadv", raising=False)
    sound = np.arange(50_000, dtype=np.float32)
    spool = Spool(in_memory_samples=0)
    spool.append(sound)
    waveform = spool.finish()

    def is_right(start: int) -> bool:
        return bool((waveform[start : start + 500] == sound[start : start + 500]).all())

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(is_right, [at * 7919 % 49_000 for at in range(400)]))
    spool.close()


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No room for decoded sound is an error with a hint, not a traceback."""

    class Full(io.BytesIO):
        def write(self, content: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Full())
    spool = Spool(in_memory_samples=0)
    with pytest.raises(DiskFullError, match="disk is full"):
        spool.append(np.ones(5, dtype=np.float32))


@pytest.mark.parametrize("split", [False, True])
def test_decoding_to_disk_equals_decoding_to_memory(split: bool, tmp_path: Path) -> None:
    """The same file gives the same samples, mix and channels, on both ways."""
    sound = np.stack([tone(1.0, 300.0), tone(1.0, 900.0)], axis=1)
    path = write_media(tmp_path / "call.wav", sound, STEREO)
    wishes = Wishes(split_channels=split, in_memory_samples=1_000)
    with (
        decode(path, split_channels=split) as memory,
        open_source(path) as source,
        decode_source(source, wishes) as disk,
    ):
        assert isinstance(disk.audio, SpooledWaveform)
        for left, right in zip((memory.audio, *memory.channels),
                               (disk.audio, *disk.channels), strict=True):  # fmt: skip
            np.testing.assert_array_equal(left[:], right[:])


def test_stopping_midway_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody cancels while the sound is on disk: the spool is closed, hence deleted."""
    opened = []
    make = tempfile.TemporaryFile

    def remember(**options: object) -> object:
        opened.append(make(**options))  # type: ignore[call-overload]
        return opened[-1]

    def cancel(fraction: float) -> None:
        if fraction > 0.5:
            raise CancelledError("Stopped.")

    monkeypatch.setattr(tempfile, "TemporaryFile", remember)
    path = write_media(tmp_path / "call.wav", tone(90.0), MediaFormat("wav", "wav", "pcm_s16le"))
    with open_source(path) as source, pytest.raises(CancelledError):
        decode_source(source, Wishes(in_memory_samples=0), on_progress=cancel)
    assert opened
    assert all(file.closed for file in opened)
