"""What must not change who speaks when, on the real segmentation and real voices."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import Diarization
from stenograf.core.span import Span
from stenograf.core.transcript import Turn
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples, duration_s
from stenograf.engines.diarization.labelling import (
    CentredLabeller,
    CentroidLabeller,
    Labeller,
    VbxLabeller,
)
from stenograf.engines.diarization.masked_ge2e import MaskedGe2eEmbedder
from stenograf.engines.diarization.onnx import OnnxDiarizer
from stenograf.engines.diarization.plda import load_plda
from stenograf.engines.diarization.relabelling import Heard
from stenograf.evaluate import der
from stenograf.testing.meetings import MeetingPlan, build_meeting, read_voices

AUTO = DiarizationOptions()
SECONDS = 20.0
plda = cache(load_plda)


@pytest.fixture(scope="module")
def diarizer(assets: Path) -> OnnxDiarizer:
    embedder = MaskedGe2eEmbedder(assets / "models/ge2e/ge2e.onnx", n_threads=1)
    segmentation = assets / "models/segmentation-3.0/model.onnx"
    return OnnxDiarizer(segmentation, embedder, CentredLabeller(), n_threads=1)


@pytest.fixture(scope="module")
def samples(assets: Path) -> Samples:
    voices = read_voices(assets / "audio/speakers/train-clean")
    plan = MeetingPlan(n_speakers=3, duration_s=SECONDS, seed=16, overlap_ratio=0.3)
    return build_meeting(voices, plan).samples


@pytest.fixture(scope="module")
def found(diarizer: OnnxDiarizer, samples: Samples) -> Diarization:
    return heard_in(diarizer, samples)


def heard_in(diarizer: OnnxDiarizer, samples: Samples) -> Diarization:
    return diarizer.diarize(samples, [Span(0.0, duration_s(samples))], AUTO)


def difference(before: Diarization, after: tuple[Turn, ...]) -> float:
    """DER between two diarizations of the first SECONDS."""
    score = der(before.turns, after, uem=[Span(0.0, SECONDS)])
    return score.error_s / score.total_s


def speakers(turns: tuple[Turn, ...]) -> set[str]:
    return {turn.speaker for turn in turns}


@pytest.mark.e2e
def test_loudness_changes_nothing(
    diarizer: OnnxDiarizer, samples: Samples, found: Diarization
) -> None:
    """A recording 12 dB quieter has the same speakers at the same times, but for 1 %."""
    quiet = heard_in(diarizer, samples * np.float32(0.25))
    assert len(speakers(quiet.turns)) == len(speakers(found.turns)) == 3
    assert difference(found, quiet.turns) <= 0.01


@pytest.mark.e2e
def test_silence_at_the_end_changes_nothing(
    diarizer: OnnxDiarizer, samples: Samples, found: Diarization
) -> None:
    """More windows see the last words, so 3 % may differ; nobody speaks in the silence."""
    longer = heard_in(diarizer, np.pad(samples, (0, 12 * SAMPLE_RATE_HZ)))
    assert len(speakers(longer.turns)) == 3
    assert difference(found, longer.turns) <= 0.03
    assert max(turn.span.end for turn in longer.turns) <= SECONDS + 0.5


@pytest.mark.e2e
def test_played_twice_the_same_people_speak(
    diarizer: OnnxDiarizer, samples: Samples, found: Diarization
) -> None:
    """Each says again what they said: both halves are alike, names included."""
    twice = heard_in(diarizer, np.tile(samples, 2)).turns
    assert speakers(twice) == speakers(found.turns)
    again = tuple(
        replace(turn, span=turn.span.shift(-SECONDS))
        for turn in twice
        if turn.span.start >= SECONDS
    )
    assert difference(found, twice) <= 0.05
    assert difference(found, again) <= 0.05
    for name in speakers(twice):  # the names themselves, not only who differs from whom
        first = sum(turn.span.overlap(Span(0, SECONDS)) for turn in twice if turn.speaker == name)
        rest = sum(turn.span.duration for turn in twice if turn.speaker == name) - first
        assert rest == pytest.approx(first, abs=1.0)


@pytest.mark.parametrize("kind", ["centroid", "vbx", "centred"])
@pytest.mark.parametrize("n_speakers", [None, 3])
def test_the_order_of_local_speakers_changes_nothing(
    assets: Path, found: Diarization, kind: str, n_speakers: int | None
) -> None:
    """Which of a window's three outputs hears a voice is chance: turns are equal to the bit."""
    evidence = found.evidence
    assert evidence is not None
    assert evidence.activity is not None
    heard = Heard(evidence.activity, evidence.voices.astype(np.float32), SECONDS, hop_s=1.0)
    orders = np.random.default_rng(0).permuted(
        np.tile(np.arange(3), (len(heard.activity), 1)), axis=1
    )
    shuffled = replace(
        heard,
        activity=np.take_along_axis(heard.activity, orders[:, None], axis=2),
        embeddings=np.take_along_axis(heard.embeddings, orders[:, :, None], axis=1),
    )
    labeller: Labeller = CentredLabeller() if kind == "centred" else CentroidLabeller(0.5, 3)
    if kind == "vbx":
        labeller = VbxLabeller(plda(assets / "models/community-1-plda"), threshold=0.5)
    options = DiarizationOptions.of(speakers=n_speakers)
    turns = heard.diarization(labeller, options).turns
    assert len(speakers(turns)) >= 2 or kind == "vbx"  # its PLDA is of other voices
    assert shuffled.diarization(labeller, options).turns == turns
