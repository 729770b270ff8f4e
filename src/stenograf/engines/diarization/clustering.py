"""From window embeddings to voices: how many there are, and what each sounds like."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stenograf.core.options import DiarizationOptions

Embeddings: TypeAlias = NDArray[np.float32]
"""Unit vectors, shape (n, n_dimensions)."""

Labels: TypeAlias = NDArray[np.int_]
"""Cluster of each vector, from 0, shape (n,)."""

Tree: TypeAlias = NDArray[np.float64]
"""Merges in order of distance as scipy writes them, shape (n - 1, 4)."""

MAX_LEAVES: Final = 4096  # 67 MB of distances; time and memory of a tree grow with the square
SMALL_SHARE: Final = 0.02
MIN_SIZE: Final = 5  # windows, 3.2 s of speech at the usual hop; 3 found odd sounds in 21 meetings
MAX_MIN_SIZE: Final = 12  # who says little in a long meeting still counts
MAX_EXTRA_CUTS: Final = 60


def find_voices(
    embeddings: Embeddings, options: DiarizationOptions, *, threshold: float
) -> Embeddings:
    """The mean voice of each speaker as unit vectors, shape (n_speakers, n_dimensions).

    Average linkage of cosine distances, cut at `threshold`; clusters too small for a speaker do
    not count. Where that breaks the bounds of `options`, the tree is cut at the nearer bound.
    The bounds hold as long as there are enough embeddings. Of more than MAX_LEAVES embeddings
    the tree sees evenly spaced ones, so that a day needs no more memory than an hour.
    """
    leaves = thinned(embeddings, max(MAX_LEAVES, options.min_speakers))
    tree = _average_linkage(leaves)
    n_cut = len(leaves) - int(np.count_nonzero(tree[:, 2] <= threshold))
    clusters = _large(cut_tree(tree, n_cut), _min_size(len(leaves)))
    most = len(leaves) if options.max_speakers is None else options.max_speakers
    n_speakers = min(max(len(clusters), options.min_speakers), most, len(leaves))
    if n_speakers != len(clusters):
        clusters = _exactly(n_speakers, tree, _min_size(len(leaves)))
    return np.stack([_mean_direction(leaves[members]) for members in clusters])


def voices_by_count(
    embeddings: Embeddings, *, fewest: int, most: int, min_size: int
) -> list[Embeddings]:
    """Mean voices of `fewest`, then one more, up to `most` speakers, each (k, n_dimensions).

    The shorter a mean, the less its members agree. The same tree as `find_voices`; a speaker has
    at least `min_size` embeddings where some cut of the tree has so many.
    """
    leaves = thinned(embeddings, max(MAX_LEAVES, fewest))
    tree = _average_linkage(leaves)
    found: dict[int, list[NDArray[np.intp]]] = {}
    for n_cut in range(1, min(len(leaves), most + MAX_EXTRA_CUTS) + 1):
        clusters = _large(cut_tree(tree, n_cut), min_size)
        found.setdefault(len(clusters), clusters)
    voices = []
    for count in range(fewest, min(most, len(leaves)) + 1):
        clusters = found.get(count) or _large(cut_tree(tree, count), 1)
        voices.append(np.stack([leaves[members].mean(axis=0) for members in clusters]))
    return voices


def cut_tree(tree: Tree, n_clusters: int) -> Labels:
    """Exactly `n_clusters` clusters numbered by first member: all merges but the last are done.

    >>> cut_tree(np.array([[0, 2, 0.1, 2], [1, 3, 0.5, 3]]), 2)
    array([0, 1, 0])
    """
    n = len(tree) + 1
    member = np.arange(n + len(tree))  # a leaf below each node stands for it
    parent = np.arange(n)
    for i, (left, right) in enumerate(tree[: n - n_clusters, :2].astype(int)):
        parent[member[right]] = member[left]
        member[n + i] = member[left]
    while not np.array_equal(parent, parent[parent]):
        parent = parent[parent]
    _, first, labels = np.unique(parent, return_index=True, return_inverse=True)
    ranks: Labels = np.argsort(np.argsort(first))
    return ranks[labels.reshape(-1)]


def thinned(embeddings: Embeddings, at_most: int) -> Embeddings:
    """Evenly spaced ones of the embeddings, all of them where there are no more than `at_most`."""
    if len(embeddings) <= at_most:
        return embeddings
    evenly = np.linspace(0, len(embeddings) - 1, at_most).astype(int)
    chosen: Embeddings = embeddings[evenly]
    return chosen


def _average_linkage(embeddings: Embeddings) -> Tree:
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    n = len(embeddings)
    if n < 2:
        return np.empty((0, 4))
    similarity = embeddings @ embeddings.T  # (n, n)
    distances = np.maximum(0.0, 1.0 - squareform(similarity, checks=False)).astype(np.float64)
    tree: Tree = linkage(distances, method="average")
    return tree


def _min_size(n: int) -> int:
    return min(MAX_MIN_SIZE, max(MIN_SIZE, round(SMALL_SHARE * n)))


def _large(labels: Labels, min_size: int) -> list[NDArray[np.intp]]:
    """Members of each cluster of at least `min_size`; of the largest one where all are small."""
    sizes = np.bincount(labels)
    chosen = np.flatnonzero(sizes >= min(min_size, sizes.max()))
    if sizes.max() < min_size:
        chosen = chosen[:1]
    return [np.flatnonzero(labels == cluster) for cluster in chosen]


def _exactly(n_speakers: int, tree: Tree, min_size: int) -> list[NDArray[np.intp]]:
    """Members of `n_speakers` clusters: large ones of some lower cut where it has as many.

    A plain cut would spend speakers on single odd windows before it parts two voices.
    """
    deepest = min(len(tree) + 1, n_speakers + MAX_EXTRA_CUTS)
    for n_cut in range(n_speakers, deepest + 1):
        labels = cut_tree(tree, n_cut)
        n_large = np.count_nonzero(np.bincount(labels) >= min_size)
        if n_large == n_speakers:
            return _large(labels, min_size)
        if n_large > n_speakers:
            break
    return _large(cut_tree(tree, n_speakers), 1)


def _mean_direction(embeddings: Embeddings) -> Embeddings:
    mean = embeddings.mean(axis=0)
    direction: Embeddings = mean / max(float(np.linalg.norm(mean)), 1e-12)
    return direction
