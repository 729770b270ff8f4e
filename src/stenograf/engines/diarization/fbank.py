"""Kaldi's log mel filterbank, as WeSpeaker's embeddings were trained on.

The same numbers as `kaldi.fbank` of torchaudio with 80 bins, a Hamming window and no dither.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples

N_MELS: Final = 80
FRAME_SAMPLES: Final = 25 * SAMPLE_RATE_HZ // 1000
HOP_SAMPLES: Final = 10 * SAMPLE_RATE_HZ // 1000
N_FFT: Final = 512
LOW_HZ: Final = 20.0
HIGH_HZ: Final = SAMPLE_RATE_HZ / 2
PREEMPHASIS: Final = 0.97
PCM_SCALE: Final = 1 << 15  # Kaldi counts in 16-bit steps
FLOOR: Final = float(np.finfo(np.float32).eps)


def fbank(samples: Samples) -> NDArray[np.float32]:
    """Log mel energies (n_frames, 80), one frame per 10 ms that lies wholly inside the samples."""
    if len(samples) < FRAME_SAMPLES:
        return np.zeros((0, N_MELS), dtype=np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME_SAMPLES)[::HOP_SAMPLES]
    scaled = frames * np.float32(PCM_SCALE)
    scaled -= scaled.mean(axis=1, keepdims=True)
    before = np.concatenate([scaled[:, :1], scaled[:, :-1]], axis=1)
    emphasized = (scaled - np.float32(PREEMPHASIS) * before) * _window()
    spectrum = np.fft.rfft(emphasized, N_FFT, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    mels: NDArray[np.float32] = np.log(np.maximum(power @ _filters(), np.float32(FLOOR)))
    return mels


@cache
def _window() -> NDArray[np.float32]:
    return np.hamming(FRAME_SAMPLES).astype(np.float32)


@cache
def _filters() -> NDArray[np.float32]:
    """Triangles on the mel scale, shape (257, 80); the Nyquist bin belongs to none."""
    edges = np.linspace(_mel(LOW_HZ), _mel(HIGH_HZ), N_MELS + 2)
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    bins = _mel(np.arange(N_FFT // 2) * SAMPLE_RATE_HZ / N_FFT)[:, None]
    rising, falling = (bins - left) / (centre - left), (right - bins) / (right - centre)
    filters = np.maximum(0, np.minimum(rising, falling))
    return np.vstack([filters, np.zeros(N_MELS)]).astype(np.float32)


def _mel(hz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return 1127.0 * np.log(1 + np.asarray(hz) / 700.0)
