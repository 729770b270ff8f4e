"""Which speaker of the recording each window's local speakers are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stenograf.core.options import DiarizationOptions
from stenograf.engines.diarization.assignment import assign_rows
from stenograf.engines.diarization.clustering import thinned, voices_by_count
from stenograf.engines.diarization.counting import MOST_COUNTED, distance_of_two, likeliest
from stenograf.engines.diarization.kmeans import kmeans
from stenograf.engines.diarization.linkage import (
    Labels,
    centroids_of,
    cut_long,
    cut_sized,
    keep_largest,
    unit,
)
from stenograf.engines.diarization.plda import Floats, Plda
from stenograf.engines.diarization.reconstruction import UNASSIGNED
from stenograf.engines.diarization.segmentation import (
    FRAMES_PER_WINDOW,
    Activity,
    clean_activity,
)
from stenograf.engines.diarization.vbx import infer_speakers

MIN_CLEAN_SHARE: Final = 0.2
"""Share of a window that must be spoken alone for an embedding to shape the clusters."""

FEW_VOICES: Final = 20
"""So many embeddings have a mean that is half the channel's and half their speakers' own."""

MIN_PRIOR: Final = 1e-7  # below it VBx has dropped a speaker
MAX_LEAVES: Final = 5000  # an hour: 100 MB of distances and 1.5 s; both grow with the square
MAX_VBX: Final = 16_384  # three hours or more
MAX_RESPONSIBILITIES: Final = 2_500_000  # embeddings times clusters to start from: 200 MB of VBx

Embeddings: TypeAlias = NDArray[np.float32]
"""One vector per window and local speaker, (n_windows, 3, d); NaN where nobody spoke."""


class Labeller(Protocol):
    """Tells which local speakers are one person."""

    def label(
        self, embeddings: Embeddings, activity: Activity, options: DiarizationOptions
    ) -> Labels:
        """Speakers 0, 1, ... or UNASSIGNED, shape (n_windows, 3)."""
        ...


CUT_OF_3_1: Final = 0.7045654963945799
"""Distance of WeSpeaker's unit vectors at which pyannote's speaker-diarization-3.1 parts people."""


@dataclass(frozen=True, slots=True)
class CentroidLabeller:
    """Clustering of pyannote's speaker-diarization-3.1: a cut through centroid linkage.

    `threshold` is a distance of unit vectors and belongs to the embedding model. Clusters have at
    least `min_cluster_size` members, or a tenth of all embeddings where that is less. Of more than
    MAX_LEAVES embeddings evenly spaced ones shape the clusters; who is heard in fewer than
    `min_cluster_size` of those joins somebody else.
    """

    threshold: float = CUT_OF_3_1
    min_cluster_size: int = 12

    def label(
        self, embeddings: Embeddings, activity: Activity, options: DiarizationOptions
    ) -> Labels:
        """Speakers 0, 1, ... or UNASSIGNED, shape (n_windows, 3)."""
        at_most = max(MAX_LEAVES, options.min_speakers)
        train = thinned(telling_embeddings(embeddings, activity), at_most)
        n = len(train)
        most = max(1, min(n, options.max_speakers or n))
        if most < 2:
            return _one_speaker(activity)
        fewest = max(1, min(n, options.min_speakers))
        clusters = cut_sized(
            unit(train),
            self.threshold,
            min_size=min(self.min_cluster_size, max(1, round(0.1 * n))),
            min_clusters=fewest,
            max_clusters=most,
        )
        if clusters.max() + 1 < fewest:  # no cut of the tree has so many large clusters
            clusters = kmeans(unit(train), fewest)
        return assign_nearest(embeddings, activity, centroids_of(train, clusters))


@dataclass(frozen=True, slots=True)
class VbxLabeller:
    """Clustering of pyannote's community-1: VBx on PLDA features, one label per window only once.

    Centroid linkage cut at `threshold` starts it; k-means takes over where the number of speakers
    it finds breaks the bounds. Of more than MAX_VBX embeddings it hears evenly spaced ones, and
    starts from as many of the largest clusters as MAX_RESPONSIBILITIES allows.
    """

    plda: Plda
    threshold: float = 0.6
    fa: float = 0.07
    fb: float = 0.8

    def label(
        self, embeddings: Embeddings, activity: Activity, options: DiarizationOptions
    ) -> Labels:
        """Speakers 0, 1, ... or UNASSIGNED, shape (n_windows, 3)."""
        at_most = max(MAX_VBX, options.min_speakers)
        train = thinned(telling_embeddings(embeddings, activity), at_most)
        if len(train) < 2:
            return _one_speaker(activity)
        start = cut_long(unit(train), self.threshold)
        start = keep_largest(train, start, MAX_RESPONSIBILITIES // len(train))
        features = self.plda.project(train)
        model = infer_speakers(features, self.plda.phi, start, fa=self.fa, fb=self.fb)
        kept = model.responsibilities[:, model.priors > MIN_PRIOR]
        centroids = (kept.T @ train) / kept.sum(axis=0)[:, None]
        wanted = max(len(centroids), options.min_speakers)
        wanted = min(wanted, options.max_speakers or wanted, len(train))
        if wanted == len(centroids):
            return assign_apart(embeddings, activity, centroids)
        centroids = centroids_of(train, kmeans(unit(train), wanted))
        return assign_nearest(embeddings, activity, centroids)


@dataclass(frozen=True, slots=True)
class CentredLabeller:
    """Average linkage of embeddings from which the recording's mean voice is partly taken.

    The mean holds what all voices of a recording share, its channel; `centring` is the part of it
    that is taken away. `threshold` is for the number of speakers: a share of the cosine distance at
    which two people of one window lie after that. Both belong to the embedding model: these are
    GE2E's. A speaker has at least `min_size` telling embeddings; one label per window only once.
    """

    threshold: float = 0.45
    centring: float = 0.6
    min_size: int = 3

    def label(
        self, embeddings: Embeddings, activity: Activity, options: DiarizationOptions
    ) -> Labels:
        """Speakers 0, 1, ... or UNASSIGNED, shape (n_windows, 3)."""
        told = telling(embeddings, activity)
        train = embeddings[told]
        fewest = max(1, min(options.min_speakers, len(train)))
        most = max(fewest, min(options.max_speakers or MOST_COUNTED, len(train)))
        if most == 1:
            return _one_speaker(activity)
        shared = self._shared(unit(train))
        candidates = voices_by_count(
            unit(unit(train) - shared).astype(np.float32),
            fewest=fewest,
            most=most + 1 if most > fewest else most,
            min_size=self.min_size,
        )
        centred = unit(unit(embeddings) - shared).astype(np.float32)
        limit = self.threshold * distance_of_two(centred, told)
        chosen = likeliest(candidates, centred, activity, threshold=limit)
        return assign_apart(centred, activity, candidates[chosen])

    def _shared(self, voices: Floats) -> Floats:
        """What is taken from every voice: less of it where few have shaped the mean."""
        known = len(voices) / (len(voices) + FEW_VOICES)
        shared: Floats = self.centring * known * voices.mean(axis=0)
        return shared


def telling_embeddings(embeddings: Embeddings, activity: Activity) -> Embeddings:
    """Embeddings of those who talk alone long enough, in order of time: (n, d)."""
    return embeddings[telling(embeddings, activity)]


def telling(embeddings: Embeddings, activity: Activity) -> NDArray[np.bool_]:
    """Which local speakers talk alone long enough to shape the clusters, (n_windows, 3)."""
    enough = clean_activity(activity).sum(axis=1) >= MIN_CLEAN_SHARE * FRAMES_PER_WINDOW
    chosen: NDArray[np.bool_] = enough & _valid(embeddings)
    return chosen


def assign_nearest(embeddings: Embeddings, activity: Activity, centroids: Floats) -> Labels:
    """Each local speaker gets the speaker of the most similar centroid; (n_windows, 3)."""
    labels = np.full(embeddings.shape[:2], UNASSIGNED, dtype=np.int_)
    talking = _talking(embeddings, activity)
    if talking.any():
        labels[talking] = _similarity(embeddings[talking], centroids).argmax(axis=1)
    return labels


def assign_apart(embeddings: Embeddings, activity: Activity, centroids: Floats) -> Labels:
    """As `assign_nearest`, but two local speakers of a window never become one person.

    The assignment with the largest sum of similarities wins; whom no speaker is left for stays
    UNASSIGNED.
    """
    talking = _talking(embeddings, activity)
    scores = np.zeros((*talking.shape, len(centroids)))
    if talking.any():
        scores[talking] = _similarity(embeddings[talking], centroids)
    return assign_rows(scores, talking)


def _similarity(embeddings: Floats, centroids: Floats) -> NDArray[np.float64]:
    from scipy.spatial.distance import cdist

    similarity: NDArray[np.float64] = 2 - cdist(embeddings, centroids, metric="cosine")
    return similarity


def _talking(embeddings: Embeddings, activity: Activity) -> NDArray[np.bool_]:
    talking: NDArray[np.bool_] = activity.any(axis=1) & _valid(embeddings)
    return talking


def _valid(embeddings: Embeddings) -> NDArray[np.bool_]:
    # Digital silence has no direction.
    valid: NDArray[np.bool_] = np.asarray(
        np.isfinite(embeddings).all(axis=-1) & embeddings.any(axis=-1)
    )
    return valid


def _one_speaker(activity: Activity) -> Labels:
    return np.where(activity.any(axis=1), 0, UNASSIGNED).astype(np.int_)
