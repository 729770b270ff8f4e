"""The spectrogram that the speaker encoder was trained on."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from stenograf.audio import features
from stenograf.audio.features import HOP_LENGTH, N_FFT, N_MELS, mel_filters, mel_spectrogram

NOISE = np.random.default_rng(0).normal(0.0, 0.1, 16_123).astype(np.float32)

# torchaudio.functional.melscale_fbanks(201, 0.0, 8000.0, 40, 16000, "slaney", "slaney")
RECORDED = {
    (2, 0): 0.012404521,
    (3, 1): 0.008578160,
    (12, 5): 0.006464775,
    (190, 39): 0.001215149,
    (17, 9): 0.003301336,
    (27, 14): 0.007073830,
    (40, 19): 0.006323121,
    (58, 24): 0.003747659,
    (93, 30): 0.003179100,
    (147, 36): 0.002095583,
}


@pytest.mark.parametrize("n_samples", [0, 1, 159, 160, 199, 200, 201, 16_000, 16_123])
def test_power_agrees_with_scipy(n_samples: int) -> None:
    """An independent short-time Fourier transform gives the same band powers."""
    samples = NOISE[:n_samples]
    padded = np.pad(samples.astype(np.float64), N_FFT // 2)
    window = scipy.signal.get_window("hann", N_FFT)
    n_frames = 1 + n_samples // HOP_LENGTH
    frames = [padded[t * HOP_LENGTH :][:N_FFT] * window for t in range(n_frames)]
    expected = np.abs(np.fft.rfft(frames, axis=1)) ** 2 @ mel_filters()
    mels = mel_spectrogram(samples)
    assert mels.shape == (n_frames, N_MELS)
    assert mels.dtype == np.float32
    np.testing.assert_allclose(mels, expected, rtol=1e-4, atol=1e-7)


def test_filters_are_slaneys() -> None:
    """Triangle by triangle as torchaudio builds them."""
    filters = mel_filters()
    assert filters.shape == (201, 40)
    for (row, column), value in RECORDED.items():
        assert filters[row, column] == pytest.approx(value, rel=1e-4)
    np.testing.assert_allclose(filters.sum(axis=0) * 40.0, 1.0, atol=0.04)  # unit area, 40 Hz bins


def test_blocks_leave_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long sound is worked on in blocks with the same result."""
    whole = mel_spectrogram(NOISE)
    monkeypatch.setattr(features, "BLOCK_FRAMES", 7)
    np.testing.assert_allclose(mel_spectrogram(NOISE), whole, rtol=1e-5)
