"""Everything people bring becomes the same sound."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pytest

from stenograf.audio.decode import decode
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples
from stenograf.testing.media import FORMATS, MediaFormat, tone, write_media

each_format = pytest.mark.parametrize("format", FORMATS, ids=lambda f: f"{f.suffix}-{f.codec}")


def encoded_tone(folder: Path, format: MediaFormat) -> Path:
    sound = tone(2.0, rate_hz=format.rate_hz)
    return write_media(folder / f"tone.{format.suffix}", sound, format)


def loudest_hertz(samples: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum.argmax()) * SAMPLE_RATE_HZ / len(samples)


@each_format
def test_each_format_gives_its_tone(format: MediaFormat, tmp_path: Path) -> None:
    """A tone written in any format comes back with its length, pitch and loudness, unalarmed."""
    with decode(encoded_tone(tmp_path, format)) as decoded:
        middle = decoded.audio[8_000:24_000]
        assert decoded.recording.duration == pytest.approx(2.0, abs=0.06)
        assert loudest_hertz(middle) == pytest.approx(440.0, abs=1.0)
        assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.2)
        assert decoded.recording.n_channels == format.n_channels
        assert decoded.notices == ()


@each_format
def test_a_stream_gives_what_the_file_gives(format: MediaFormat, tmp_path: Path) -> None:
    """Standard input cannot seek, and yet decodes to the same samples and the same hash."""
    path = encoded_tone(tmp_path, format)
    with decode(path) as file, decode(pipe_of(path), name=path.name) as stream:
        np.testing.assert_array_equal(file.audio[:], stream.audio[:])
        assert file.recording == stream.recording


def pipe_of(path: Path) -> BinaryIO:
    return cast("BinaryIO", OneWay(path.read_bytes()))


class OneWay(io.RawIOBase):
    """Bytes that can only be read once, forwards, in small pieces: a pipe."""

    def __init__(self, content: bytes) -> None:
        self._rest = memoryview(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        n_bytes = min(len(buffer), len(self._rest), 5_000)
        buffer[:n_bytes] = self._rest[:n_bytes]
        self._rest = self._rest[n_bytes:]
        return n_bytes
