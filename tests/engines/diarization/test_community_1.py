"""The recorded arrays of pyannote's community-1 pipeline are reproduced, step by step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stenograf.core.options import DiarizationOptions
from stenograf.engines.diarization.labelling import VbxLabeller, telling, telling_embeddings
from stenograf.engines.diarization.linkage import cut, unit
from stenograf.engines.diarization.plda import load_plda
from stenograf.engines.diarization.reconstruction import (
    UNASSIGNED,
    count_speakers,
    reconstruct,
    turns_of,
)
from stenograf.engines.diarization.segmentation import decode_powerset, powerset_mapping
from stenograf.engines.diarization.vbx import infer_speakers

RECORDINGS = ("pipeline", "short", "single_speaker")


@pytest.fixture
def recorded(assets: Path) -> Path:
    return assets / "fixtures/community-1"


@pytest.fixture
def labeller(assets: Path) -> VbxLabeller:
    return VbxLabeller(load_plda(assets / "models/community-1-plda"))


def array(recorded: Path, name: str) -> NDArray[np.float64]:
    loaded: NDArray[np.float64] = np.load(recorded / f"{name}.npy")
    return loaded


def activity(recorded: Path, name: str) -> NDArray[np.bool_]:
    return array(recorded, f"{name}_segmentation_data") > 0.5


@pytest.mark.parametrize("size", [(2, 1), (2, 2), (3, 1), (3, 2), (3, 3), (4, 1), (4, 4)])
def test_powerset_classes_come_in_pyannotes_order(recorded: Path, size: tuple[int, int]) -> None:
    """Smaller sets first, then by speaker."""
    expected = array(recorded, f"powerset_mapping_{size[0]}_{size[1]}")
    assert np.array_equal(powerset_mapping(*size), expected)


def test_powerset_scores_become_decisions(recorded: Path) -> None:
    """The likeliest class says who of three talks."""
    scores = array(recorded, "powerset_input_logits").astype(np.float32)
    assert np.array_equal(decode_powerset(scores), array(recorded, "powerset_hard_output"))


@pytest.mark.parametrize("name", RECORDINGS)
def test_speakers_are_counted_per_frame(recorded: Path, name: str) -> None:
    """The rounded mean over windows has the recorded value and length."""
    count = count_speakers(activity(recorded, name), hop_s=1.0)
    assert np.array_equal(count, array(recorded, f"{name}_speaker_counting_data")[:, 0])


def test_embeddings_that_shape_clusters(recorded: Path) -> None:
    """The same windows and local speakers are chosen, in the same order."""
    embeddings = array(recorded, "pipeline_embeddings_data").astype(np.float32)
    windows, speakers = np.where(telling(embeddings, activity(recorded, "pipeline")))
    assert np.array_equal(windows, array(recorded, "pipeline_train_chunk_idx"))
    assert np.array_equal(speakers, array(recorded, "pipeline_train_speaker_idx"))
    train = telling_embeddings(embeddings, activity(recorded, "pipeline"))
    assert np.array_equal(train, array(recorded, "pipeline_train_embeddings"))


def test_linkage_starts_with_the_recorded_clusters(recorded: Path) -> None:
    """Centroid linkage cut at 0.6."""
    clusters = cut(unit(array(recorded, "pipeline_train_embeddings")), 0.6)
    assert np.array_equal(clusters, array(recorded, "pipeline_ahc_clusters"))


def test_plda_features(recorded: Path, labeller: VbxLabeller) -> None:
    """Embeddings land where they landed; an eigenvector's sign is free."""
    features = labeller.plda.project(array(recorded, "pipeline_train_embeddings"))
    expected = array(recorded, "pipeline_plda_features")
    assert np.allclose(np.abs(features), np.abs(expected), atol=1e-6)
    assert np.allclose(features @ features.T, expected @ expected.T, atol=1e-6)
    assert np.allclose(labeller.plda.phi, array(recorded, "pipeline_plda_phi"), atol=1e-9)


def test_vbx_responsibilities(recorded: Path) -> None:
    """Gamma and pi of the last iteration."""
    model = infer_speakers(
        array(recorded, "pipeline_plda_features"),
        array(recorded, "pipeline_plda_phi"),
        array(recorded, "pipeline_ahc_clusters").astype(np.int_),
        fa=0.07,
        fb=0.8,
    )
    assert np.allclose(model.responsibilities, array(recorded, "pipeline_vbx_gamma"), atol=1e-9)
    assert np.allclose(model.priors, array(recorded, "pipeline_vbx_pi"), atol=1e-9)


@pytest.mark.parametrize("name", RECORDINGS)
def test_labels_frames_and_turns(recorded: Path, labeller: VbxLabeller, name: str) -> None:
    """Labels of windows, decisions of frames and the RTTM come out as recorded."""
    active = activity(recorded, name)
    embeddings = array(recorded, f"{name}_embeddings_data").astype(np.float32)
    labels = labeller.label(embeddings, active, DiarizationOptions())
    if name == "pipeline":
        hard = array(recorded, "pipeline_hard_clusters")
        silent = ~active.any(axis=1)
        assert np.array_equal(labels, np.where(silent, UNASSIGNED, hard))
    count = count_speakers(active, hop_s=1.0)
    frames = reconstruct(active, labels, count, hop_s=1.0, min_unheard_share=0.0)
    assert np.array_equal(frames.active, array(recorded, f"{name}_discrete_diarization_data"))
    turns = turns_of(frames, duration_s=3600.0)
    expected = rttm(recorded / f"{name}_expected.rttm")
    assert [turn.speaker for turn in turns] == [speaker for _, _, speaker in expected]
    for turn, (start, duration, _) in zip(turns, expected, strict=True):
        assert (turn.span.start, turn.span.duration) == pytest.approx((start, duration), abs=2e-6)


def rttm(path: Path) -> list[tuple[float, float, str]]:
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    return [(float(row[3]), float(row[4]), row[7]) for row in rows]
