"""Small sounds for tests and benchmarks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples


def read_speech(path: Path) -> Samples:
    """A short WAV or FLAC as a waveform; channels are averaged. Needs the extra `test`."""
    import soundfile
    import soxr

    channels, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    mono: Samples = soxr.resample(channels.mean(axis=1), rate_hz, SAMPLE_RATE_HZ)
    return mono.astype(np.float32, copy=False)
