"""What a line or a room does to the spectrum of speech, and how to take it out.

To the GE2E encoder all voices on a telephone line, in noise or far from the microphone are alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stenograf.audio.features import (
    FRAMES_PER_SECOND,
    HOP_LENGTH,
    N_FFT,
    N_MELS,
    Mels,
    mel_spectrogram,
)
from stenograf.core.waveform import Waveform
from stenograf.engines.diarization.windows import Stretch

MARGIN_SAMPLES: Final = -(-(N_FFT // 2) // HOP_LENGTH) * HOP_LENGTH  # whole hops
LISTEN_BLOCKS: Final = 600  # of 1 s: a day is measured on ten minutes of it
QUIET_SHARE: Final = 10  # percent of frames that hold noise only
NOISE_ABOVE_QUIET: Final = 2.0  # mean noise power over that of its quiet frames
LEAST_LEFT: Final = 0.01  # of a band's power, however noisy
MAX_EQUALIZER_DB: Final = 10.0

# fmt: off
READ_SPEECH_DB: Final = (
    -21.7, -15.9, -14.0, -15.2, -15.8, -15.4, -16.3, -17.5, -19.3, -21.4,
    -23.2, -24.3, -25.7, -26.1, -26.7, -27.1, -28.1, -28.4, -28.9, -29.2,
    -29.8, -30.7, -32.3, -33.5, -33.5, -33.5, -34.4, -34.7, -35.5, -36.3,
    -36.7, -37.2, -37.9, -38.4, -39.3, -40.4, -41.2, -42.2, -43.7, -44.7,
)
# fmt: on
"""Mean power per mel band of 50 LibriSpeech train-clean speakers at -30 dBFS, in dB."""


@dataclass(frozen=True, slots=True)
class Channel:
    """Noise power and equalizer factor of each mel band, both of shape (N_MELS,)."""

    noise: NDArray[np.float32]
    gains: NDArray[np.float32]

    def clean(self, mels: Mels) -> Mels:
        """Mels less their noise, with the mean spectrum of read speech; any level."""
        cleaned: Mels = np.maximum(mels - self.noise, LEAST_LEFT * mels) * self.gains
        return cleaned


def measure_channel(audio: Waveform, parts: Sequence[Stretch]) -> Channel:
    """Noise from the quiet frames of the whole recording, the equalizer from its speech."""
    mels, spoken = _listen(audio, parts)
    noise = NOISE_ABOVE_QUIET * np.percentile(mels, QUIET_SHARE, axis=0).astype(np.float32)
    silent = Channel(noise, np.ones(N_MELS, dtype=np.float32))
    if not spoken.any():
        return silent
    mean = silent.clean(mels[spoken]).mean(axis=0, dtype=np.float64)
    if mean.sum() <= 0.0:
        return silent
    wanted = read_speech()
    factors = (wanted / wanted.sum()) / np.maximum(mean / mean.sum(), 1e-12)
    largest = 10 ** (MAX_EQUALIZER_DB / 10)
    return Channel(noise, np.clip(factors, 1 / largest, largest).astype(np.float32))


def read_speech() -> NDArray[np.float64]:
    """READ_SPEECH_DB as power, shape (N_MELS,)."""
    power: NDArray[np.float64] = 10 ** (np.array(READ_SPEECH_DB) / 10)
    return power


def levelled(mels: Mels) -> Mels:
    """Mels as loud as the read speech at -30 dBFS that the encoder was trained on."""
    level = float(mels.sum(axis=1).mean())
    return mels * np.float32(read_speech().sum() / level) if level > 0.0 else mels


def mels_between(audio: Waveform, start: int, end: int) -> Mels:
    """Frames [start, end) of the recording's own spectrogram."""
    margin = min(start * HOP_LENGTH, MARGIN_SAMPLES)
    begin = start * HOP_LENGTH - margin
    samples = audio[begin : min(end * HOP_LENGTH + MARGIN_SAMPLES, len(audio))]
    skipped = margin // HOP_LENGTH
    mels = mel_spectrogram(samples)[skipped : skipped + end - start]
    # The recording may end within the last frame's hop.
    return np.pad(mels, ((0, end - start - len(mels)), (0, 0)))


def _listen(audio: Waveform, parts: Sequence[Stretch]) -> tuple[Mels, NDArray[np.bool_]]:
    """Evenly spread seconds as mels (n, N_MELS), and whether each frame is speech (n,)."""
    n_frames = max(1, len(audio) // HOP_LENGTH)
    n_seconds = -(-n_frames // FRAMES_PER_SECOND)
    seconds = np.unique(np.linspace(0, n_seconds - 1, LISTEN_BLOCKS).astype(int))
    edges = np.array([edge for part in parts for edge in (part.start, part.end)])
    mels, spoken = [], []
    for second in seconds.tolist():
        start = second * FRAMES_PER_SECOND
        end = min(start + FRAMES_PER_SECOND, n_frames)
        mels.append(mels_between(audio, start, end))
        spoken.append(np.searchsorted(edges, np.arange(start, end), side="right") % 2 == 1)
    return np.concatenate(mels), np.concatenate(spoken)
