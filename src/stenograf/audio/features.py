"""Acoustic features in plain numpy."""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples

N_FFT = 400  # 25 ms
HOP_LENGTH = 160  # 10 ms
N_MELS = 40
FRAMES_PER_SECOND = SAMPLE_RATE_HZ // HOP_LENGTH
BLOCK_FRAMES = 2048  # 20 s: bounds memory at a few megabytes

# Slaney's auditory toolbox (1998): linear up to 1 kHz, logarithmic above.
_HZ_PER_MEL = 200.0 / 3
_LOG_FROM_HZ = 1000.0
_LOG_FROM_MEL = _LOG_FROM_HZ / _HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27

Mels: TypeAlias = NDArray[np.float32]
"""Power in mel bands, shape (n_frames, N_MELS)."""


def mel_spectrogram(samples: Samples) -> Mels:
    """Power mel spectrogram without logarithm, shape (1 + n_samples // HOP_LENGTH, N_MELS).

    The input of the GE2E speaker encoder (Wan et al. 2018, arXiv 1710.10467) as Resemblyzer
    feeds it: frame t is centred on sample t * HOP_LENGTH, silence stands in outside, Hann window,
    Slaney filters of unit area; `librosa.feature.melspectrogram` with its defaults.

    >>> mel_spectrogram(np.zeros(16_000, dtype=np.float32)).shape
    (101, 40)
    """
    n_frames = 1 + len(samples) // HOP_LENGTH
    padded = np.zeros((n_frames - 1) * HOP_LENGTH + N_FFT, dtype=np.float32)
    usable = samples[: len(padded) - N_FFT // 2]
    padded[N_FFT // 2 : N_FFT // 2 + len(usable)] = usable
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP_LENGTH]
    mels = np.empty((n_frames, N_MELS), dtype=np.float32)
    for start in range(0, n_frames, BLOCK_FRAMES):
        block = frames[start : start + BLOCK_FRAMES]  # (n_block, N_FFT)
        mels[start : start + len(block)] = _power(block) @ mel_filters()
    return mels


def _power(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Power spectra, shape (n_frames, N_FFT // 2 + 1)."""
    from scipy.fft import rfft  # stays in float32 with every numpy

    spectrum = rfft(frames * _hann(), axis=1)
    power: NDArray[np.float32] = np.square(spectrum.real) + np.square(spectrum.imag)
    return power


@cache
def _hann() -> NDArray[np.float32]:
    """Periodic Hann window, shape (N_FFT,)."""
    return np.hanning(N_FFT + 1)[:-1].astype(np.float32)


@cache
def mel_filters() -> NDArray[np.float32]:
    """Triangular filters of unit area from 0 Hz to 8 kHz, shape (N_FFT // 2 + 1, N_MELS)."""
    bins_hz = np.linspace(0.0, SAMPLE_RATE_HZ / 2, N_FFT // 2 + 1)
    edges_hz = _mel_to_hz(np.linspace(0.0, _hz_to_mel(SAMPLE_RATE_HZ / 2), N_MELS + 2))
    left, centre, right = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    rising = (bins_hz[:, None] - left) / (centre - left)
    falling = (right - bins_hz[:, None]) / (right - centre)
    triangles = np.maximum(0.0, np.minimum(rising, falling))  # (n_bins, n_mels)
    filters: NDArray[np.float32] = (triangles * (2.0 / (right - left))).astype(np.float32)
    return filters


def _hz_to_mel(hz: float) -> float:
    """For frequencies from 1 kHz up."""
    return float(_LOG_FROM_MEL + np.log(hz / _LOG_FROM_HZ) / _LOG_STEP)


def _mel_to_hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    logarithmic = _LOG_FROM_HZ * np.exp(_LOG_STEP * (mels - _LOG_FROM_MEL))
    return np.where(mels < _LOG_FROM_MEL, _HZ_PER_MEL * mels, logarithmic)
