"""What GigaAM hears: logarithms of mel bands."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples

N_FFT: Final = SAMPLE_RATE_HZ // 50  # 20 ms
HOP_LENGTH: Final = SAMPLE_RATE_HZ // 100  # 10 ms
N_MELS: Final = 64
LEAST, MOST = 1e-9, 1e9


def log_mels(samples: Samples) -> NDArray[np.float32]:
    """Logarithms of the power in mel bands, shape (N_MELS, n_frames); N_FFT samples or more.

    GigaAM v3's own features: frames are not padded, Hann window, HTK mel scale, triangles of
    height one.

    >>> log_mels(np.zeros(N_FFT + HOP_LENGTH, dtype=np.float32)).shape
    (64, 2)
    """
    from scipy.fft import rfft  # stays in float32 with every numpy

    frames = np.lib.stride_tricks.sliding_window_view(samples, N_FFT)[::HOP_LENGTH]
    spectrum = rfft(frames * _hann(), axis=1)  # (n_frames, N_FFT // 2 + 1)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    mels: NDArray[np.float32] = np.log(np.clip(power @ _filters(), LEAST, MOST)).T
    return np.ascontiguousarray(mels, dtype=np.float32)


@cache
def _hann() -> NDArray[np.float32]:
    """Periodic Hann window, shape (N_FFT,)."""
    return np.hanning(N_FFT + 1)[:-1].astype(np.float32)


@cache
def _filters() -> NDArray[np.float32]:
    """Triangles between 0 Hz and 8 kHz, shape (N_FFT // 2 + 1, N_MELS)."""
    bins_hz = np.linspace(0.0, SAMPLE_RATE_HZ / 2, N_FFT // 2 + 1)
    highest = 2595.0 * np.log10(1.0 + SAMPLE_RATE_HZ / 2 / 700.0)
    edges_hz = 700.0 * (10.0 ** (np.linspace(0.0, highest, N_MELS + 2) / 2595.0) - 1.0)
    left, centre, right = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    rising = (bins_hz[:, None] - left) / (centre - left)
    falling = (right - bins_hz[:, None]) / (right - centre)
    filters: NDArray[np.float32] = np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
    return filters
