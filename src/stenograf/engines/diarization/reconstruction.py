"""From windows with local speakers to the turns of the recording's speakers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stenograf.core.span import Span
from stenograf.core.transcript import Turn, speaker_id
from stenograf.engines.diarization.segmentation import (
    FRAMES_PER_WINDOW,
    Activity,
    count_frames,
    count_talking,
    first_frame,
    frame_time,
)

UNASSIGNED: Final = -2
"""The label of a local speaker who belongs to no speaker of the recording."""

Ties: TypeAlias = Literal["stable", "quicksort"]
"""How speakers are sorted on whom equally many windows agree.

`stable` takes the lower label first. `quicksort` is numpy's default, which pyannote.audio takes:
what it does with ties depends on the processor.
"""

MIN_UNHEARD_SHARE: Final = 0.02
"""Of all speech: whom no window names anywhere and who has less is nobody."""

_SLICE_FRAMES: Final = 1 << 16  # bounds the memory of sorting


@dataclass(frozen=True, slots=True)
class FrameLabels:
    """Who speaks in each frame of the recording, and how many windows agree.

    `active` (n_frames, n_speakers); `support` of the same shape: the share of the windows over a
    frame in which the speaker talks, in [0, 1].
    """

    active: Activity
    support: NDArray[np.float32]


def count_speakers(activity: Activity, *, hop_s: float) -> NDArray[np.uint8]:
    """How many people talk in each frame: the mean over the windows, rounded; (n_frames,)."""
    total = np.zeros(count_frames(len(activity), hop_s), dtype=np.float32)
    for window, n_talking in enumerate(count_talking(activity)):
        start = first_frame(window, hop_s)
        total[start : start + FRAMES_PER_WINDOW] += n_talking
    mean = total / np.maximum(_coverage(len(activity), hop_s), 1e-12)
    return np.rint(mean).astype(np.uint8)


def reconstruct(  # noqa: PLR0913  (the choices that `Heard` holds)
    activity: Activity,
    labels: NDArray[np.int_],
    count: NDArray[np.uint8],
    *,
    hop_s: float,
    min_unheard_share: float = MIN_UNHEARD_SHARE,
    ties: Ties = "stable",
) -> FrameLabels:
    """The `count` speakers of each frame on whom most windows agree.

    `labels` (n_windows, 3) name the speaker of each local speaker, or UNASSIGNED. As pyannote.audio
    does, a frame whose windows name fewer speakers than they count is filled with others, and
    columns are added where there are none left. Whom no window names anywhere has at least
    `min_unheard_share` of the frames with speech, or is left out.
    """
    n_speakers = max(0, int(labels.max(initial=-1)) + 1, int(count.max(initial=0)))
    votes = _votes(activity, labels, n_speakers, hop_s)
    active = np.zeros(votes.shape, dtype=np.bool_)
    for start in range(0, len(votes), _SLICE_FRAMES):
        part = slice(start, start + _SLICE_FRAMES)
        order = np.argsort(-votes[part], axis=-1, kind=ties)
        chosen = np.arange(n_speakers) < count[part, None]  # by rank
        np.put_along_axis(active[part], order, chosen, axis=-1)
    unheard = ~votes.any(axis=0)
    rare = active.sum(axis=0) < min_unheard_share * np.count_nonzero(count)
    active[:, unheard & rare] = False
    votes /= np.maximum(_coverage(len(activity), hop_s), 1)[:, None]
    return FrameLabels(active, votes)


def turns_of(frames: FrameLabels, *, duration_s: float, min_gap_s: float = 0.0) -> list[Turn]:
    """Turns in order of start, inside the recording, speakers numbered by first speech.

    A speaker's silences up to `min_gap_s` are filled. A turn's confidence is its mean support.
    """
    found: list[tuple[Span, int, float]] = []
    for speaker, column in enumerate(frames.active.T):
        for start, end in _join(list(_runs(column)), min_gap_s):
            span = Span(min(frame_time(start), duration_s), min(frame_time(end), duration_s))
            if span.duration > 0:
                support = float(frames.support[start:end, speaker].mean())
                found.append((span, speaker, support))
    found.sort(key=lambda item: item[:2])
    names: dict[int, str] = {}
    for _, speaker, _ in found:
        names.setdefault(speaker, speaker_id(len(names)))
    return [Turn(span, names[speaker], min(1.0, support)) for span, speaker, support in found]


def _coverage(n_windows: int, hop_s: float) -> NDArray[np.float32]:
    """How many windows reach each frame, shape (n_frames,)."""
    coverage = np.zeros(count_frames(n_windows, hop_s), dtype=np.float32)
    for window in range(n_windows):
        start = first_frame(window, hop_s)
        coverage[start : start + FRAMES_PER_WINDOW] += 1
    return coverage


def _votes(
    activity: Activity, labels: NDArray[np.int_], n_speakers: int, hop_s: float
) -> NDArray[np.float32]:
    """In how many windows each speaker talks, shape (n_frames, n_speakers)."""
    votes = np.zeros((count_frames(len(activity), hop_s), n_speakers), dtype=np.float32)
    for window, (active, names) in enumerate(zip(activity, labels, strict=True)):
        start = first_frame(window, hop_s)
        heard: dict[int, NDArray[np.bool_]] = {}
        for local, name in enumerate(names.tolist()):
            own = active[:, local]
            heard[name] = heard[name] | own if name in heard else own
        heard.pop(UNASSIGNED, None)
        for name, own in heard.items():
            votes[start : start + FRAMES_PER_WINDOW, name] += own
    return votes


def _runs(active: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Half-open runs of True; one that reaches the end stops at the last frame."""
    edges = np.flatnonzero(np.diff(active, prepend=False, append=False))
    for start, end in edges.reshape(-1, 2):
        last = min(int(end), len(active) - 1)
        if last > start:
            yield int(start), last


def _join(runs: list[tuple[int, int]], min_gap_s: float) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in runs:
        if joined and min_gap_s and frame_time(start) - frame_time(joined[-1][1]) <= min_gap_s:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined
