"""Embeddings become the right number of voices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stenograf.core.options import DiarizationOptions
from stenograf.engines.diarization import clustering
from stenograf.engines.diarization.clustering import Embeddings, cut_tree, find_voices


def voices(*sizes: int, noise: float = 0.05, seed: int = 0) -> Embeddings:
    """Unit vectors around one axis per speaker, `sizes` many each."""
    rng = np.random.default_rng(seed)
    centres = np.repeat(np.eye(len(sizes), 16), sizes, axis=0)
    vectors = centres + rng.normal(0.0, noise, centres.shape)
    unit: Embeddings = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.astype(np.float32)


def found(embeddings: Embeddings, **bounds: int) -> int:
    return len(find_voices(embeddings, DiarizationOptions.of(**bounds), threshold=0.335))


@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_clear_voices_are_counted(n: int) -> None:
    """As many voices come out as went in."""
    assert found(voices(*[20] * n)) == n


def test_odd_windows_are_no_speaker() -> None:
    """Two stray windows among two hundred belong to somebody else."""
    assert found(voices(100, 100, 2)) == 2


def test_few_windows_of_a_short_recording_are_a_speaker() -> None:
    """Five windows count, and where nothing is large the largest is one voice."""
    assert found(voices(5, 5)) == 2
    assert found(voices(1, 1)) == 1


def test_a_given_number_parts_voices_before_it_takes_odd_windows() -> None:
    """Asked for two, it separates two close voices rather than the one window unlike both."""
    close = np.zeros((40, 16), dtype=np.float32)
    close[:, 0] = 1.0
    close[20:, 1] = 0.6
    close[-1] = np.eye(16)[5]
    close /= np.linalg.norm(close, axis=1, keepdims=True)
    centres = find_voices(close, DiarizationOptions.of(speakers=2), threshold=0.335)
    assert np.abs(centres[:, 5]).max() < 0.5


@given(st.lists(st.integers(1, 12), min_size=1, max_size=6), st.integers(1, 12), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_bounds_always_hold(sizes: list[int], least: int, more: int) -> None:
    """Whatever is heard, as long as there are enough windows."""
    embeddings = voices(*sizes, noise=0.3, seed=least)
    least = min(least, len(embeddings))
    n = found(embeddings, min_speakers=least, max_speakers=least + more)
    assert least <= n <= least + more


def test_equal_windows_can_still_be_divided() -> None:
    """Digital silence has one embedding everywhere; the count asked for holds."""
    assert found(np.zeros((5, 16), dtype=np.float32), speakers=4) == 4


def test_cuts_agree_with_scipy() -> None:
    """The partition is that of scipy's own slow cut."""
    from scipy.cluster.hierarchy import cut_tree as slow_cut
    from scipy.cluster.hierarchy import linkage

    tree = linkage(np.random.default_rng(1).normal(size=(30, 3)), method="average")
    for n_clusters in (1, 2, 7, 30):
        ours, theirs = cut_tree(tree, n_clusters), slow_cut(tree, [n_clusters]).reshape(-1)
        np.testing.assert_array_equal(ours[:, None] == ours[None], theirs[:, None] == theirs[None])


def test_a_long_recording_needs_no_larger_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit evenly spaced windows stand for all."""
    sizes: list[int] = []
    whole = clustering._average_linkage

    def counted(leaves: Embeddings) -> clustering.Tree:
        sizes.append(len(leaves))
        return whole(leaves)

    monkeypatch.setattr(clustering, "_average_linkage", counted)
    monkeypatch.setattr(clustering, "MAX_LEAVES", 100)
    assert found(voices(400, 400, 400)) == 3
    assert sizes == [100]
