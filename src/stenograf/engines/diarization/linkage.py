"""Agglomerative clustering of embeddings by the distance of their centroids."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stenograf.engines.diarization.plda import Floats

Labels = NDArray[np.int_]

MAX_EXACT: Final = 2000
"""Above this many embeddings, blocks are clustered first: the tree is quadratic in memory."""

BLOCK_ROWS: Final = 256  # of distances computed at once


def cut(embeddings: Floats, threshold: float) -> Labels:
    """Clusters 0, 1, ... of unit vectors (n, d) whose centroids lie farther apart than that."""
    if len(embeddings) < 2:
        return np.zeros(len(embeddings), dtype=np.int_)
    tree = _centroid_tree(embeddings)
    return _flat(tree, threshold)


def cut_long(embeddings: Floats, threshold: float) -> Labels:
    """As `cut`, in time and memory linear in n: first inside blocks, then their centroids."""
    if len(embeddings) <= MAX_EXACT:
        return cut(embeddings, threshold)
    labels = np.empty(len(embeddings), dtype=np.int_)
    n_found = 0
    for start in range(0, len(embeddings), MAX_EXACT):
        block = slice(start, start + MAX_EXACT)
        labels[block] = cut(embeddings[block], threshold) + n_found
        n_found = int(labels[block].max()) + 1
    if n_found >= len(embeddings) / 2:
        return labels  # nothing is alike: another round would not end
    merged = cut_long(unit(centroids_of(embeddings, labels)), threshold)
    return renumber(merged[labels])


def cut_sized(
    embeddings: Floats,
    threshold: float,
    *,
    min_size: int,
    min_clusters: int,
    max_clusters: int,
) -> Labels:
    """Clusters of at least `min_size` members; smaller ones join the nearest of those.

    When their number breaks the bounds, the cut nearest to `threshold` that keeps them is taken,
    else the one that comes closest: pyannote.audio's rule.
    """
    n = len(embeddings)
    if n < 2:
        return np.zeros(n, dtype=np.int_)
    tree = _centroid_tree(embeddings)
    labels = _flat(tree, threshold)
    n_large = _count_large(labels, min_size)
    wanted = min(max(n_large, min_clusters), max_clusters)
    if n_large != wanted:
        labels = _search(tree, threshold, wanted, min_size)
    return absorb_small(embeddings, labels, min_size)


def absorb_small(embeddings: Floats, labels: Labels, min_size: int) -> Labels:
    """Clusters below `min_size` join the large one whose centroid is most similar."""
    names, counts = np.unique(labels, return_counts=True)
    large, small = names[counts >= min_size], names[counts < min_size]
    if len(large) == 0:
        return np.zeros_like(labels)
    if len(small) == 0:
        return renumber(labels)
    centroids = centroids_of(embeddings, renumber(labels))
    at_large, at_small = np.isin(names, large), np.isin(names, small)
    nearest = _nearest(centroids[at_small], centroids[at_large])
    target = dict(zip(small.tolist(), large[nearest].tolist(), strict=True))
    return renumber(np.array([target.get(label, label) for label in labels.tolist()]))


def keep_largest(embeddings: Floats, labels: Labels, at_most: int) -> Labels:
    """The largest `at_most` of the clusters 0, 1, ...; the others join the most similar of those.

    Of equally large ones the lower labels stay.
    """
    sizes = np.bincount(labels)
    if len(sizes) <= at_most:
        return labels
    kept = np.sort(np.argsort(-sizes, kind="stable")[:at_most])
    centroids = centroids_of(embeddings, labels)
    target = _nearest(centroids, centroids[kept])
    target[kept] = np.arange(len(kept))
    joined: Labels = target[labels]
    return joined


def centroids_of(embeddings: Floats, labels: Labels) -> Floats:
    """Mean of each cluster 0, 1, ...: shape (n_clusters, d)."""
    means = [embeddings[labels == label].mean(axis=0) for label in range(int(labels.max()) + 1)]
    return np.stack(means)


def unit(embeddings: Floats) -> Floats:
    """The same directions with length one."""
    directions: Floats = embeddings / np.linalg.norm(embeddings, axis=-1, keepdims=True)
    return directions


def renumber(labels: NDArray[Any]) -> Labels:
    """The same clusters as 0, 1, ... without holes, in the old order."""
    return np.unique(labels, return_inverse=True)[1].astype(np.int_)


def _flat(tree: Floats, height: float) -> Labels:
    """The clusters below a height of the tree."""
    from scipy.cluster.hierarchy import fcluster

    return renumber(fcluster(tree, height, criterion="distance"))


def _nearest(vectors: Floats, others: Floats) -> NDArray[np.intp]:
    """Which of the others each vector points most along with."""
    from scipy.spatial.distance import cdist

    nearest: NDArray[np.intp] = cdist(vectors, others, metric="cosine").argmin(axis=1)
    return nearest


def _centroid_tree(embeddings: Floats) -> NDArray[np.float64]:
    """Merges of vectors (n, d), n > 1, as scipy writes them, (n - 1, 4)."""
    from scipy.cluster.hierarchy import linkage

    tree: NDArray[np.float64] = linkage(_distances(embeddings), method="centroid")
    return tree


def _distances(embeddings: Floats) -> NDArray[np.float64]:
    """Euclidean distances of all pairs as scipy's `pdist` lists them, in a fifth of its time."""
    n, vectors = len(embeddings), embeddings.astype(np.float64)
    squares = np.square(vectors).sum(axis=1)
    distances, end = np.empty(n * (n - 1) // 2), 0
    for first in range(0, n, BLOCK_ROWS):
        block = slice(first, first + BLOCK_ROWS)
        squared = (
            squares[block, None] + squares[first:] - 2.0 * (vectors[block] @ vectors[first:].T)
        )
        for row, own in enumerate(np.sqrt(np.maximum(squared, 0.0))):
            start, end = end, end + len(own) - row - 1
            distances[start:end] = own[row + 1 :]
    return distances


def _count_large(labels: Labels, min_size: int) -> int:
    return int((np.unique(labels, return_counts=True)[1] >= min_size).sum())


def _search(tree: Floats, threshold: float, wanted: int, min_size: int) -> Labels:
    """The cut with `wanted` large clusters whose height is nearest to the threshold.

    Heights of centroid linkage may fall, so cuts are made by order of merging.
    """
    by_order = tree.copy()
    by_order[:, 2] = np.arange(len(tree))
    best, best_gap = _flat(by_order, len(tree)), abs(1 - wanted)
    for merge in np.argsort(np.abs(tree[:, 2] - threshold)):
        if tree[merge, 3] < min_size:
            continue
        labels = _flat(by_order, merge)
        gap = abs(_count_large(labels, min_size) - wanted)
        if gap < best_gap:
            best, best_gap = labels, gap
        if gap == 0:
            break
    return best
