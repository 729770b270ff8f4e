"""Sound as the engines see it."""

from __future__ import annotations

from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16_000

Samples: TypeAlias = NDArray[np.float32]
"""Mono float32 PCM at 16 kHz in [-1, 1], shape (n_samples,)."""


class Waveform(Protocol):
    """Mono float32 PCM at 16 kHz that can be sliced: a numpy array, or a spool on disk.

    Hours of sound need not fit in memory: an engine slices what it is about to read and
    lets go of it, so the same code serves a voice message and a 24-hour recording.
    """

    def __len__(self) -> int:
        """Number of samples."""
        ...

    def __getitem__(self, index: slice, /) -> Samples:
        """The samples of a slice with step 1, shape (n_samples,)."""
        ...


def duration_s(audio: Waveform) -> float:
    """Length of the sound in seconds."""
    return len(audio) / SAMPLE_RATE_HZ


def sample_at(seconds: float) -> int:
    """Index of the sample nearest to an instant.

    >>> sample_at(0.5)
    8000
    """
    return round(seconds * SAMPLE_RATE_HZ)
