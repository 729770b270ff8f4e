"""Channels of a recording compared, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples, Waveform

BLOCK_SAMPLES = 60 * SAMPLE_RATE_HZ
LEAST_CORRELATION = 0.999  # lossy stereo coding keeps two copies of a voice above this


def are_identical(
    channels: Sequence[Waveform], *, least_correlation: float = LEAST_CORRELATION
) -> bool:
    """Whether all channels carry one signal, as when a mono recording is stored as stereo.

    Equal up to a gain and lossy coding: correlation at lag 0 of neighbours over the whole
    recording. Silent channels are identical to each other and differ from any sound, so a call
    with one silent side is not taken for mono.
    """
    return all(correlation(left, right) >= least_correlation for left, right in pairwise(channels))


def correlation(left: Waveform, right: Waveform) -> float:
    """Cosine of the angle between two signals, in [-1, 1]; 1.0 for two silences.

    >>> correlation(np.ones(4, dtype=np.float32), np.zeros(4, dtype=np.float32))
    0.0
    """
    dot = left_power = right_power = 0.0
    for a, b in _blocks(left, right):
        dot += float(np.dot(a, b))
        left_power += float(np.dot(a, a))
        right_power += float(np.dot(b, b))
    if left_power == 0.0 and right_power == 0.0:
        return 1.0
    if left_power == 0.0 or right_power == 0.0:
        return 0.0
    return dot / float(np.sqrt(left_power) * np.sqrt(right_power))


def _blocks(left: Waveform, right: Waveform) -> Iterator[tuple[Samples, Samples]]:
    for start in range(0, min(len(left), len(right)), BLOCK_SAMPLES):
        stop = min(start + BLOCK_SAMPLES, len(left), len(right))
        yield left[start:stop], right[start:stop]
