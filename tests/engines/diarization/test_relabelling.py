"""Speakers of `onnx` told apart again: the same as at once, and nothing believed unchecked."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from stenograf.core.errors import DocumentInvalidError
from stenograf.core.evidence import SpeakerEvidence
from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import OnProgress, ignore_progress
from stenograf.core.span import Span
from stenograf.core.waveform import Waveform
from stenograf.engines.diarization.labelling import (
    CentredLabeller,
    CentroidLabeller,
    Embeddings,
    Labeller,
    VbxLabeller,
)
from stenograf.engines.diarization.masked_ge2e import MaskedGe2eEmbedder
from stenograf.engines.diarization.onnx import OnnxDiarizer, OnnxOptions
from stenograf.engines.diarization.plda import load_plda
from stenograf.engines.diarization.relabelling import Heard, evidence_of, recluster
from stenograf.engines.diarization.segmentation import FRAMES_PER_WINDOW, Activity
from stenograf.export import read_evidence, render_evidence
from stenograf.testing.meetings import Meeting, MeetingPlan, build_meeting, read_voices

AUTO = DiarizationOptions()
SPEECH = [Span(0.0, 24.0)]
LABELLERS = ("centroid", "vbx", "centred")
plda = cache(load_plda)


@pytest.fixture(scope="module")
def meeting(assets: Path) -> Meeting:
    voices = read_voices(assets / "audio/speakers/train-clean")
    return build_meeting(voices, MeetingPlan(n_speakers=3, duration_s=24.0, seed=3))


@pytest.fixture(scope="module")
def embedder(assets: Path) -> MaskedGe2eEmbedder:
    return MaskedGe2eEmbedder(assets / "models/ge2e/ge2e.onnx", n_threads=1)


def labeller(assets: Path, name: str) -> Labeller:
    if name == "vbx":
        return VbxLabeller(plda(assets / "models/community-1-plda"), threshold=0.5)
    return CentroidLabeller(0.5, 3) if name == "centroid" else CentredLabeller(0.4)


class Heeding(OnnxDiarizer):
    """Its networks ran before, on the one meeting of these tests."""

    known: tuple[Activity, Embeddings]

    def analyse(
        self, audio: Waveform, *, on_progress: OnProgress = ignore_progress
    ) -> tuple[Activity, Embeddings]:
        return self.known


def engine(
    assets: Path, embedder: MaskedGe2eEmbedder, name: str, kind: type[OnnxDiarizer] = OnnxDiarizer
) -> OnnxDiarizer:
    segmentation = assets / "models/segmentation-3.0/model.onnx"
    options = OnnxOptions(hop_s=2.0)
    return kind(segmentation, embedder, labeller(assets, name), options=options, n_threads=1)


@pytest.fixture(scope="module")
def heard(assets: Path, embedder: MaskedGe2eEmbedder, meeting: Meeting) -> Heard:
    activity, embeddings = engine(assets, embedder, "centroid").analyse(meeting.samples)
    return Heard(activity, embeddings, 24.0, hop_s=2.0)


@pytest.fixture(scope="module", params=LABELLERS)
def evidence(request: pytest.FixtureRequest, assets: Path, heard: Heard) -> SpeakerEvidence:
    found = evidence_of(heard, SPEECH, labeller(assets, request.param), "ge2e")
    assert found is not None
    return found


@pytest.mark.parametrize("name", LABELLERS)
def test_again_is_what_a_fresh_run_gives(
    assets: Path, embedder: MaskedGe2eEmbedder, meeting: Meeting, heard: Heard, name: str
) -> None:
    """Turns to the last bit, confidence included, through the file and with other bounds."""
    fresh = engine(assets, embedder, name, Heeding)
    assert isinstance(fresh, Heeding)
    fresh.known = heard.activity, heard.embeddings
    first = fresh.diarize(meeting.samples, SPEECH, AUTO)
    assert first.evidence is not None
    kept = read_evidence(render_evidence(first.evidence))
    assert recluster(kept, AUTO) == first
    two = DiarizationOptions.of(speakers=2)
    assert recluster(kept, two) == fresh.diarize(meeting.samples, SPEECH, two)


@pytest.mark.parametrize(
    "asked",
    [{"speakers": 1}, {"speakers": 3}, {"min_speakers": 4}, {"max_speakers": 2}, {"speakers": 9}],
    ids=str,
)
def test_bounds_are_met(evidence: SpeakerEvidence, asked: dict[str, int]) -> None:
    """Also where so many voices were never heard: then a notice says so."""
    options = DiarizationOptions.of(**asked)
    found = recluster(evidence, options)
    n_speakers = len({turn.speaker for turn in found.turns})
    assert n_speakers >= options.min_speakers
    assert n_speakers <= (options.max_speakers or n_speakers)
    assert found.notices or options.min_speakers < 9


def test_what_was_kept_is_what_was_clustered(evidence: SpeakerEvidence, heard: Heard) -> None:
    """Half precision of the voices, every frame of the segmentation."""
    np.testing.assert_array_equal(evidence.voices, heard.embeddings.astype(np.float16))
    assert evidence.activity is heard.activity
    assert evidence.model == "ge2e"


def test_foreign_labellers_keep_nothing(heard: Heard) -> None:
    """Nobody knows how to run them again."""

    class Foreign:
        def label(self, *_: object) -> np.ndarray:
            pytest.fail("nobody asked for labels")

    assert evidence_of(heard, SPEECH, Foreign(), "ge2e") is None


def test_the_reference_mode_keeps_nothing(
    assets: Path, embedder: MaskedGe2eEmbedder, meeting: Meeting
) -> None:
    """It rounds no voice, so that kept ones would not give its turns again."""
    segmentation = assets / "models/segmentation-3.0/model.onnx"
    options = OnnxOptions(hop_s=5.0, mode="reference")
    reference = OnnxDiarizer(
        segmentation, embedder, CentroidLabeller(0.5, 3), options=options, n_threads=1
    )
    found = reference.diarize(meeting.samples, SPEECH, AUTO)
    assert found.turns
    assert found.evidence is None


@pytest.mark.parametrize("share", [0.0, 0.4])
def test_who_is_nobody_is_decided_again_as_it_was(share: float) -> None:
    """The share that a counted, unheard speaker needs is kept with the voices."""
    activity = np.zeros((1, FRAMES_PER_WINDOW, 3), dtype=np.bool_)
    activity[0, :, 0] = activity[0, :100, 1] = True
    voices = np.ones((1, 3, 4), dtype=np.float32)
    heard = Heard(activity, voices, 10.0, 1.0, min_unheard_share=share)
    kept = evidence_of(heard, SPEECH, CentroidLabeller(), "ge2e")
    assert kept is not None
    again = recluster(read_evidence(render_evidence(kept)), AUTO)
    assert again == heard.diarization(CentroidLabeller(), AUTO)
    assert len({turn.speaker for turn in again.turns}) == (1 if share else 2)


def test_evidence_without_that_share_takes_the_usual_one(heard: Heard) -> None:
    """Files of earlier versions lack it."""
    kept = evidence_of(heard, SPEECH, CentroidLabeller(0.5, 3), "ge2e")
    assert kept is not None
    parameters = {k: v for k, v in kept.parameters.items() if k != "min_unheard_share"}
    assert recluster(replace(kept, parameters=parameters), AUTO) == recluster(kept, AUTO)


@pytest.mark.parametrize(
    "change",
    [
        {"parameters": {}},
        {"parameters": {"labeller": "magic"}},
        {"parameters": {"labeller": "vbx", "hop_s": 1e-9, "min_gap_s": 0.0}},
        {"activity": None},
        {"activity": np.zeros((8, 100, 3), dtype=np.bool_)},
        {"voices": np.zeros((8, 1, 256), dtype=np.float16)},
        {"windows": np.zeros((8, 2))},
        {"arrays": {}},
        {"arrays": {"phi": np.zeros(3)}},
    ],
)
def test_evidence_that_contradicts_itself_is_refused(
    assets: Path, heard: Heard, change: dict[str, object]
) -> None:
    """The file may be well formed and still hold no diarization of this engine."""
    kept = evidence_of(heard, SPEECH, labeller(assets, "vbx"), "ge2e")
    assert kept is not None
    with pytest.raises(DocumentInvalidError):
        recluster(replace(kept, **change), AUTO)  # type: ignore[arg-type]


def test_a_plda_of_another_size_is_refused(assets: Path, heard: Heard) -> None:
    """Its matrices must fit the voices and each other."""
    kept = evidence_of(heard, SPEECH, labeller(assets, "vbx"), "ge2e")
    assert kept is not None
    for name, values in kept.arrays.items():
        with pytest.raises(DocumentInvalidError):
            recluster(replace(kept, arrays={**kept.arrays, name: values[:-1]}), AUTO)
