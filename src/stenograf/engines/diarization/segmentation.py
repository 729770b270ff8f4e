"""The geometry of segmentation-3.0: windows of 10 s, frames of 16.875 ms, sets of local speakers.

Numbers follow pyannote.audio: SincNet's strides and kernels at 16 kHz give the frame grid.
"""

from __future__ import annotations

from itertools import chain, combinations
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stenograf.core.waveform import SAMPLE_RATE_HZ

WINDOW_SAMPLES: Final = 10 * SAMPLE_RATE_HZ
FRAMES_PER_WINDOW: Final = 589
FRAME_STEP_S: Final = 270 / SAMPLE_RATE_HZ  # product of the strides
FRAME_DURATION_S: Final = 991 / SAMPLE_RATE_HZ  # receptive field of the convolutions
LOCAL_SPEAKERS: Final = 3
MAX_SIMULTANEOUS: Final = 2

Activity: TypeAlias = NDArray[np.bool_]
"""Who of a window's local speakers talks, shape (n_windows, FRAMES_PER_WINDOW, LOCAL_SPEAKERS)."""


def powerset_mapping(n_speakers: int, max_simultaneous: int) -> Activity:
    """Members of each powerset class, shape (n_classes, n_speakers): smaller sets come first.

    >>> powerset_mapping(2, 2).astype(int).tolist()
    [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    sets = list(
        chain.from_iterable(
            combinations(range(n_speakers), size) for size in range(max_simultaneous + 1)
        )
    )
    mapping = np.zeros((len(sets), n_speakers), dtype=np.bool_)
    for row, members in enumerate(sets):
        mapping[row, list(members)] = True
    return mapping


def decode_powerset(scores: NDArray[np.float32]) -> Activity:
    """Local speakers of the likeliest class: (..., 7) scores to (..., 3) decisions."""
    mapping = powerset_mapping(LOCAL_SPEAKERS, MAX_SIMULTANEOUS)
    decisions: Activity = mapping[scores.argmax(axis=-1)]
    return decisions


def count_windows(n_samples: int, hop_samples: int) -> int:
    """Windows that cover a recording; the last one may reach past its end.

    >>> count_windows(0, 16_000), count_windows(1, 16_000), count_windows(160_001, 16_000)
    (0, 1, 2)
    """
    if n_samples <= 0:
        return 0
    return 1 + max(0, -(-(n_samples - WINDOW_SAMPLES) // hop_samples))


def first_frame(window: int, hop_s: float) -> int:
    """Frame of the recording on which a window's first frame falls."""
    return round(window * hop_s / FRAME_STEP_S)


def count_frames(n_windows: int, hop_s: float) -> int:
    """Frames of the recording that windows reach, one more than the last one fills.

    pyannote.audio counts so, and the last frame stays silent.
    """
    last_end_s = WINDOW_SAMPLES / SAMPLE_RATE_HZ + (n_windows - 1) * hop_s
    return round(last_end_s / FRAME_STEP_S) + 1


def frame_time(frame: int) -> float:
    """The middle of a frame, in seconds."""
    return frame * FRAME_STEP_S + FRAME_DURATION_S / 2


def clean_activity(activity: Activity) -> Activity:
    """Only what a speaker says alone, same shape."""
    alone: Activity = count_talking(activity)[..., None] < 2
    return activity & alone


def count_talking(activity: Activity) -> NDArray[np.uint8]:
    """How many local speakers talk in each frame, (..., n_frames)."""
    count = np.zeros(activity.shape[:-1], dtype=np.uint8)
    for local in range(activity.shape[-1]):  # numpy sums short axes ten times slower
        count += activity[..., local]
    return count
