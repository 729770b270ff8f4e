"""The blocks in which a trunk reads a recording once, each with the context its outputs see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples, Waveform
from stenograf.engines.diarization.fbank import FRAME_SAMPLES, HOP_SAMPLES, fbank

DOWNSAMPLING: Final = 8  # fbank frames per trunk frame
WINDOW_FRAMES: Final = 125  # trunk frames of 10 s
CONTEXT_FRAMES: Final = 120  # fbank frames on each side: 112 reach the outermost output
BLOCK_FRAMES: Final = 250  # trunk frames per run, 20 s
CENTRING_FRAMES: Final = 5 * SAMPLE_RATE_HZ // HOP_SAMPLES
"""Half the span over which fbanks are centred: the mean of a window, wherever it lies."""


@dataclass(frozen=True, slots=True)
class Block:
    """Trunk frames [start, end) of a recording, and the samples from which they follow.

    The trunk reads the fbank frames [first_mel, last_mel); samples begin at the frame `low`.
    """

    start: int
    end: int
    first_mel: int
    last_mel: int
    low: int
    samples: Samples

    def centred_mels(self) -> NDArray[np.float32]:
        """What the trunk reads: fbanks less their running mean, (last_mel - first_mel, 80)."""
        mels = fbank(self.samples)
        sums = np.concatenate([np.zeros((1, mels.shape[1])), mels.cumsum(axis=0, dtype=np.float64)])
        frames = np.arange(self.first_mel, self.last_mel) - self.low
        left = np.maximum(frames - CENTRING_FRAMES, 0)
        right = np.minimum(frames + CENTRING_FRAMES, len(mels))
        means = (sums[right] - sums[left]) / (right - left)[:, None]
        centred: NDArray[np.float32] = (mels[frames[0] : frames[-1] + 1] - means).astype(np.float32)
        return centred

    def inside(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The features of the block itself, of what the trunk made of its mels."""
        before = self.start - self.first_mel // DOWNSAMPLING
        return features[before : before + self.end - self.start]


def count_mels(n_samples: int) -> int:
    """Fbank frames that lie wholly inside a recording."""
    return max(0, 1 + (n_samples - FRAME_SAMPLES) // HOP_SAMPLES)


def read_blocks(audio: Waveform, starts: Iterable[int]) -> Iterator[Block]:
    """Blocks that cover the windows whose first trunk frames are `starts`, in order of time.

    Each begins where the one before ends, or at the next window after a pause.
    """
    n_mels = count_mels(len(audio))
    n_frames = -(-n_mels // DOWNSAMPLING)
    end = 0
    for window in starts:
        start, stop = max(window, end), min(window + WINDOW_FRAMES, n_frames)
        while start < stop:
            end = min(start + BLOCK_FRAMES, n_frames)
            yield _read_block(audio, start, end, n_mels)
            start = end


def _read_block(audio: Waveform, start: int, end: int, n_mels: int) -> Block:
    first = max(0, start * DOWNSAMPLING - CONTEXT_FRAMES)
    last = min(end * DOWNSAMPLING + CONTEXT_FRAMES, n_mels)
    low, high = max(0, first - CENTRING_FRAMES), min(last + CENTRING_FRAMES, n_mels)
    samples = audio[low * HOP_SAMPLES : (high - 1) * HOP_SAMPLES + FRAME_SAMPLES]
    return Block(start, end, first, last, low, samples)
