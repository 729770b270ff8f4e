"""Clusters of embeddings, on voices that are drawn from known speakers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

from stenograf.core.options import DiarizationOptions
from stenograf.engines.diarization import linkage
from stenograf.engines.diarization.kmeans import kmeans
from stenograf.engines.diarization.labelling import (
    CentredLabeller,
    CentroidLabeller,
    Labeller,
    VbxLabeller,
    assign_apart,
)
from stenograf.engines.diarization.linkage import (
    absorb_small,
    cut,
    cut_long,
    cut_sized,
    keep_largest,
    unit,
)
from stenograf.engines.diarization.plda import load_plda
from stenograf.engines.diarization.reconstruction import UNASSIGNED
from stenograf.engines.diarization.segmentation import FRAMES_PER_WINDOW

DIMENSION = 256


def voices(
    counts: list[int], *, spread: float = 0.3, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.int_]]:
    """Unit embeddings around orthogonal speakers, shuffled, and who each of them is."""
    rng = np.random.default_rng(seed)
    who = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    noise = rng.normal(0, spread / np.sqrt(DIMENSION), (len(who), DIMENSION))
    return unit(np.eye(DIMENSION)[who] + noise).astype(np.float32), who


def same_partition(left: NDArray[np.int_], right: NDArray[np.int_]) -> bool:
    pairs = {(int(a), int(b)) for a, b in zip(left, right, strict=True)}
    return len(pairs) == len(set(left.tolist())) == len(set(right.tolist()))


def test_linkage_finds_well_separated_speakers() -> None:
    """A cut below the distance of speakers and above that of their embeddings."""
    embeddings, who = voices([30, 20, 10])
    assert same_partition(cut(embeddings, 0.7), who)


def test_distances_are_those_of_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    """In its order, zero for equal vectors, also where blocks of rows end inside the list."""
    monkeypatch.setattr(linkage, "BLOCK_ROWS", 7)
    points = np.random.default_rng(0).normal(size=(20, 5))
    points[4] = points[17]
    np.testing.assert_allclose(linkage._distances(points), pdist(points), atol=1e-7)


def test_long_recordings_are_clustered_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 40 embeddings give the speakers that the whole tree gives."""
    monkeypatch.setattr("stenograf.engines.diarization.linkage.MAX_EXACT", 40)
    embeddings, who = voices([90, 60, 30])
    assert same_partition(cut_long(embeddings, 0.7), who)


def test_blocks_in_which_nothing_is_alike_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Embeddings of strangers stay apart instead of being clustered for ever."""
    monkeypatch.setattr("stenograf.engines.diarization.linkage.MAX_EXACT", 40)
    assert len(set(cut_long(np.eye(100), 0.5))) == 100


def test_small_clusters_join_the_most_similar_large_one() -> None:
    """One stray embedding between two speakers goes to the nearer."""
    embeddings, who = voices([10, 10, 1])
    embeddings[who == 2] = embeddings[who == 1].mean(axis=0) + 0.4 * embeddings[who == 2]
    assert same_partition(absorb_small(embeddings, who, 3), np.where(who == 2, 1, who))


def test_only_the_largest_clusters_stay() -> None:
    """The smallest of three joins the one it sounds like, and nothing changes for three."""
    embeddings, who = voices([4, 10, 12])
    embeddings[who == 0] += embeddings[who == 2].mean(axis=0)
    assert np.array_equal(keep_largest(embeddings, who, 3), who)
    assert same_partition(keep_largest(embeddings, who, 2), np.where(who == 0, 2, who))
    assert len(set(keep_largest(embeddings, np.arange(26), 5).tolist())) == 5


@pytest.mark.parametrize("n_clusters", [1, 2, 3, 5])
def test_a_cut_meets_the_number_asked_for(n_clusters: int) -> None:
    """Whatever the threshold says, the tree is cut where so many large clusters are."""
    embeddings, _ = voices([12, 12, 12, 12, 12, 12])
    labels = cut_sized(
        embeddings, 0.7, min_size=3, min_clusters=n_clusters, max_clusters=n_clusters
    )
    assert len(set(labels.tolist())) == n_clusters


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 30), n_clusters=st.integers(1, 6), seed=st.integers(0, 99))
def test_kmeans_leaves_no_cluster_empty(n: int, n_clusters: int, seed: int) -> None:
    """Even among points of which many are equal."""
    points = np.random.default_rng(seed).integers(0, 2, (n, 3)).astype(np.float64)
    assert set(kmeans(points, n_clusters).tolist()) == set(range(min(n, n_clusters)))


def test_kmeans_finds_speakers() -> None:
    """With the right number it finds the people."""
    embeddings, who = voices([30, 20, 10])
    assert same_partition(kmeans(embeddings, 3), who)


def test_two_people_of_one_window_never_share_a_speaker() -> None:
    """The best assignment as a whole, though both are nearest to the same centroid."""
    centroids = np.eye(3)[:2]
    embeddings = np.array([[[1.0, 0.1, 0], [1.0, 0.2, 0], [0, 0, 1.0]]], dtype=np.float32)
    activity = np.ones((1, FRAMES_PER_WINDOW, 3), dtype=np.bool_)
    activity[:, :, 2] = False
    labels = assign_apart(embeddings, activity, centroids)
    assert labels.tolist() == [[0, 1, UNASSIGNED]]


def conversation(
    counts: list[int], *, spread: float = 0.3, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """One person per window, alone: embeddings (n, 3, d) and activity."""
    voice, _ = voices(counts, spread=spread, seed=seed)
    embeddings = np.full((len(voice), 3, DIMENSION), np.nan, dtype=np.float32)
    embeddings[:, 0] = voice
    activity = np.zeros((len(voice), FRAMES_PER_WINDOW, 3), dtype=np.bool_)
    activity[:, :, 0] = True
    return embeddings, activity


@pytest.mark.parametrize("kind", ["centroid", "centred", "vbx"])
@pytest.mark.parametrize("n_speakers", [1, 2, 3, 6])
def test_bounds_are_met(assets: Path, kind: str, n_speakers: int) -> None:
    """Three voices become as many speakers as were asked for."""
    labeller: Labeller = CentroidLabeller() if kind == "centroid" else CentredLabeller()
    if kind == "vbx":
        labeller = VbxLabeller(load_plda(assets / "models/community-1-plda"))
    embeddings, activity = conversation([20, 20, 20])
    labels = labeller.label(embeddings, activity, DiarizationOptions.of(speakers=n_speakers))
    assert set(labels[:, 0].tolist()) == set(range(n_speakers))
    assert (labels[:, 1:] == UNASSIGNED).all()


@pytest.mark.parametrize("kind", ["centroid", "vbx"])
@pytest.mark.parametrize("n_speakers", [None, 2, 5])
def test_long_recordings_are_labelled_after_a_part_of_them(
    monkeypatch: pytest.MonkeyPatch, assets: Path, kind: str, n_speakers: int | None
) -> None:
    """Of 400 voices 60 shape the clusters, all get a speaker, and bounds hold."""
    for bound in ("MAX_LEAVES", "MAX_VBX"):
        monkeypatch.setattr(f"stenograf.engines.diarization.labelling.{bound}", 60)
    seen: list[int] = []

    def watch(name: str, cluster: Callable[..., NDArray[np.int_]]) -> None:
        def watched(embeddings: NDArray[np.float32], *rest: object, **options: object) -> object:
            seen.append(len(embeddings))
            return cluster(embeddings, *rest, **options)

        monkeypatch.setattr(f"stenograf.engines.diarization.labelling.{name}", watched)

    watch("cut_sized", cut_sized)
    watch("cut_long", cut_long)
    labeller: Labeller = CentroidLabeller()
    if kind == "vbx":
        labeller = VbxLabeller(load_plda(assets / "models/community-1-plda"))
    embeddings, activity = conversation([200, 120, 80])
    options = DiarizationOptions.of(speakers=n_speakers)
    labels = labeller.label(embeddings, activity, options)[:, 0]
    assert seen == [60]
    assert (labels != UNASSIGNED).all()
    assert len(set(labels.tolist())) == (n_speakers or 3)
    if n_speakers is None:
        assert same_partition(labels, embeddings[:, 0, :3].argmax(axis=1))


def test_what_all_voices_share_does_not_make_them_one() -> None:
    """A common direction, as a telephone line adds it, hides three voices from a plain cut only."""
    embeddings, activity = conversation([20, 20, 20])
    who = embeddings[:, 0, :3].argmax(axis=1)
    channel = np.zeros(DIMENSION, dtype=np.float32)
    channel[-1] = 3.0
    alike = unit(embeddings + channel).astype(np.float32)
    automatic = DiarizationOptions()
    plain = CentroidLabeller(0.5).label(alike, activity, automatic)[:, 0]
    assert len(set(plain.tolist())) == 1
    centred = CentredLabeller(0.4, 0.8).label(alike, activity, automatic)[:, 0]
    assert same_partition(centred, who)


@pytest.mark.parametrize("seed", range(5))
def test_a_short_recording_of_one_person_stays_one_person(seed: int) -> None:
    """The mean of few voices is the speaker's own: taken away, only chance would be left."""
    embeddings, activity = conversation([12], spread=0.6, seed=seed)
    labels = CentredLabeller().label(embeddings, activity, DiarizationOptions())
    assert set(labels[:, 0].tolist()) == {0}
