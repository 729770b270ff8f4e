"""K-means with k-means++ starts, for a number of speakers that is known."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from stenograf.engines.diarization.linkage import Labels
from stenograf.engines.diarization.plda import Floats

N_STARTS: Final = 3
MAX_ITERATIONS: Final = 300
SEED: Final = 42


def kmeans(points: Floats, n_clusters: int) -> Labels:
    """Clusters 0, 1, ... of points (n, d), none of them empty while n >= n_clusters.

    Arthur and Vassilvitskii 2007 for the starts; the best of three by squared distance. Fewer
    points than clusters give one cluster each. Seeded, so that reruns agree.
    """
    if len(points) <= n_clusters:
        return np.arange(len(points), dtype=np.int_)
    rng = np.random.default_rng(SEED)
    runs = [_lloyd(points, _spread(points, n_clusters, rng)) for _ in range(N_STARTS)]
    return min(runs, key=lambda run: run[0])[1]


def _spread(points: Floats, n_clusters: int, rng: np.random.Generator) -> Floats:
    """Starting centres: each is drawn by its squared distance to those before."""
    centres = [points[rng.integers(len(points))]]
    nearest = _distances(points, centres[0][None])[:, 0]
    for _ in range(n_clusters - 1):
        total = nearest.sum()
        weights = nearest / total if total > 0 else None
        centres.append(points[rng.choice(len(points), p=weights)])
        nearest = np.minimum(nearest, _distances(points, centres[-1][None])[:, 0])
    return np.stack(centres)


def _lloyd(points: Floats, centres: Floats) -> tuple[float, Labels]:
    labels = np.full(len(points), -1, dtype=np.int_)
    for _ in range(MAX_ITERATIONS):
        distances = _distances(points, centres)
        new = _fill_empty(distances.argmin(axis=1).astype(np.int_), distances)
        if np.array_equal(new, labels):
            break
        labels = new
        centres = np.stack([points[labels == k].mean(axis=0) for k in range(len(centres))])
    inertia = _distances(points, centres)[np.arange(len(points)), labels].sum()
    return float(inertia), labels


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
