"""How many people speak: from how far apart voices are, and from who talks in one window.

Two local speakers of a window are two people. How far apart such two lie says what a distance
means in this recording, and a number of speakers at which both sound like the same one is too
small, however alike all voices of a telephone line are.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import inf
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stenograf.engines.diarization.clustering import Embeddings
from stenograf.engines.diarization.segmentation import FRAMES_PER_WINDOW, Activity, clean_activity

MOST_COUNTED: Final = 15
CONFLICT_WEIGHT: Final = 0.4
DOUBT: Final = 0.1  # share of all speech: so much conflict may be a mistake of the segmentation
FEW: Final = 0.25
"""Two voices may lie that much farther apart and still be one: fewer pairs, and a mean nearer."""


USUAL_DISTANCE: Final = 1.0
"""Two people's cosine distance where a recording does not tell: centred voices have no likeness."""
USUAL_PAIRS: Final = 20  # that many pairs of its own weigh as much


def distance_of_two(centred: Embeddings, told: NDArray[np.bool_]) -> float:
    """How far apart two people of this recording usually lie, a cosine distance.

    The median over the local speakers who share a window, drawn to USUAL_DISTANCE where there are
    few. `centred` (n_windows, 3, d) are unit vectors; `told` (n_windows, 3) are those who talk long
    enough to be heard well.
    """
    found: list[float] = []
    for left, right in combinations(range(told.shape[1]), 2):
        both = told[:, left] & told[:, right]
        found += (1 - (centred[both, left] * centred[both, right]).sum(axis=-1)).tolist()
    own = float(np.median(found)) if found else 0.0
    return (len(found) * own + USUAL_PAIRS * USUAL_DISTANCE) / (len(found) + USUAL_PAIRS)


def likeliest(
    candidates: Sequence[Embeddings], centred: Embeddings, activity: Activity, *, threshold: float
) -> int:
    """Index of the candidate that contradicts distances and windows least; the first of equals.

    A candidate holds the mean voices (k, d) of k speakers; candidates follow each other without
    holes, and all but the last can win where there are several. `centred` (n_windows, 3, d) are
    unit vectors, NaN where nobody speaks; `threshold` is the cosine distance below which the mean
    voices of many speakers are one person.
    """
    if len(candidates) == 1:
        return 0
    apart = [_nearest_pair(voices) for voices in candidates]
    limits = [threshold * (1 + FEW / len(voices)) for voices in candidates]
    costs = []
    for index, voices in enumerate(candidates[:-1]):
        one_too_many = max(0.0, limits[index] - apart[index])
        one_too_few = max(0.0, apart[index + 1] - limits[index + 1])
        conflict = CONFLICT_WEIGHT * _conflict(voices, centred, activity)
        costs.append(conflict + one_too_many + one_too_few)
    return int(np.argmin(costs))


def _nearest_pair(voices: Embeddings) -> float:
    """Smallest cosine distance of two mean voices, whose length is how much they agree."""
    if len(voices) < 2:
        return inf
    pairs = np.triu_indices(len(voices), 1)
    return float((1 - voices @ voices.T)[pairs].min())


def _conflict(voices: Embeddings, centred: Embeddings, activity: Activity) -> float:
    """Share of the speech of two local speakers of one window who sound like one speaker."""
    clean = clean_activity(activity).sum(axis=1) / FRAMES_PER_WINDOW  # (n_windows, 3)
    likeness = np.nan_to_num(centred) @ _unit(voices).T
    nearest = likeness.argmax(axis=-1)  # (n_windows, 3)
    speaks = np.asarray(activity.any(axis=1) & np.isfinite(centred).all(axis=-1))
    same = both = 0.0
    for left, right in combinations(range(clean.shape[1]), 2):
        weight = np.minimum(clean[:, left], clean[:, right]) * (speaks[:, left] & speaks[:, right])
        both += float(weight.sum())
        same += float(weight[nearest[:, left] == nearest[:, right]].sum())
    return same / max(both + DOUBT * float(clean.sum()), 1e-9)


def _unit(voices: Embeddings) -> NDArray[np.float32]:
    lengths = np.maximum(np.linalg.norm(voices, axis=1, keepdims=True), 1e-12)
    directions: NDArray[np.float32] = (voices / lengths).astype(np.float32)
    return directions
