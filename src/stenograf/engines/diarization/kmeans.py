"""K-means with k-means++ starts, for a number of speakers that is known."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from stenograf.engines.diarization.linkage import Labels
from stenograf.engines.diarization.plda import Floats

N_STARTS: Final = 3
MAX_ITERATIONS: Final = 300
RELATIVE_TOLERANCE: Final = 1e-4
SEED: Final = 42


def kmeans(points: Floats, n_clusters: int) -> Labels:
    """Clusters 0, 1, ... of points (n, d), none of them empty while n >= n_clusters.

    Greedy starts of Arthur and Vassilvitskii 2007; the best of three by squared distance. Fewer
    points than clusters give one cluster each. Draws come in the order of scikit-learn's, so that
    pyannote.audio's clusters come out where several local optima exist.
    """
    if len(points) <= n_clusters:
        return np.arange(len(points), dtype=np.int_)
    points = points - points.mean(axis=0)
    rng = np.random.RandomState(SEED)
    runs = [_lloyd(points, _spread(points, n_clusters, rng)) for _ in range(N_STARTS)]
    return min(runs, key=lambda run: run[0])[1]


def _spread(points: Floats, n_clusters: int, rng: np.random.RandomState) -> Floats:
    """Starting centres: the best of some drawn by squared distance to those before."""
    n = len(points)
    first = rng.choice(n, p=np.full(n, 1 / n))
    centres = [points[first]]
    nearest = _distances(points, centres[0][None])[:, 0]
    n_trials = 2 + int(np.log(n_clusters))
    for _ in range(n_clusters - 1):
        draws = rng.uniform(size=n_trials) * nearest.sum()
        candidates = np.minimum(np.searchsorted(nearest.cumsum(), draws), n - 1)
        trials = np.minimum(nearest[:, None], _distances(points, points[candidates]))
        best = trials.sum(axis=0).argmin()
        centres.append(points[candidates[best]])
        nearest = trials[:, best]
    return np.stack(centres)


def _lloyd(points: Floats, centres: Floats) -> tuple[float, Labels]:
    tolerance = RELATIVE_TOLERANCE * points.var(axis=0).mean()
    labels = _nearest(points, centres)
    for _ in range(MAX_ITERATIONS):
        before = labels, centres
        centres = np.stack([points[labels == k].mean(axis=0) for k in range(len(centres))])
        labels = _nearest(points, centres)
        moved = ((centres - before[1]) ** 2).sum()
        if np.array_equal(labels, before[0]) or moved <= tolerance:
            break
    inertia = _distances(points, centres)[np.arange(len(points)), labels].sum()
    return float(inertia), labels


def _nearest(points: Floats, centres: Floats) -> Labels:
    distances = _distances(points, centres)
    return _fill_empty(distances.argmin(axis=1).astype(np.int_), distances)


def _fill_empty(labels: Labels, distances: NDArray[np.float64]) -> Labels:
    """Gives each empty cluster the point that lies farthest from its own centre."""
    n_clusters = distances.shape[1]
    counts = np.bincount(labels, minlength=n_clusters)
    own = distances[np.arange(len(labels)), labels].copy()
    for empty in np.flatnonzero(counts == 0):
        own[counts[labels] < 2] = -1  # never empty another one
        point = int(own.argmax())
        counts[labels[point]] -= 1
        counts[empty] += 1
        labels[point], own[point] = empty, -1
    return labels


def _distances(points: Floats, centres: Floats) -> NDArray[np.float64]:
    """Squared distances, shape (n_points, n_centres)."""
    cross = points @ centres.T
    squares = (points**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * cross
    distances: NDArray[np.float64] = np.maximum(squares.astype(np.float64), 0.0)
    return distances
