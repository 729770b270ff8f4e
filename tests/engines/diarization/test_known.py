"""Speakers who are named because they sound like somebody known."""

from __future__ import annotations

import numpy as np
import pytest

from stenograf.core.evidence import SpeakerEvidence, half, times
from stenograf.core.span import Span
from stenograf.core.transcript import Turn
from stenograf.engines.diarization.known import match_enrolled, match_known

Heard = tuple[SpeakerEvidence, list[Turn]]


def _heard(model: str, *voices: list[float]) -> Heard:
    """A recording in which each voice is heard for two seconds, one after the other."""
    spans = [Span(2.0 * i, 2.0 * i + 2) for i in range(len(voices))]
    turns = [Turn(span, f"SPEAKER_{i:02d}") for i, span in enumerate(spans)]
    vectors = half(np.array(voices))[:, None]
    evidence = SpeakerEvidence(
        "onnx", model, 2.0 * len(voices), times(spans), times(spans), vectors
    )
    return evidence, turns


def _at(cosine: float) -> list[float]:
    """A direction with this cosine to the first axis."""
    return [cosine, float(np.sqrt(1 - cosine**2)), 0.0]


@pytest.mark.parametrize(
    ("model", "cosine", "named"),
    [
        ("ge2e", 0.79, True),
        ("ge2e", 0.77, False),
        ("wespeaker-resnet34", 0.76, True),
        ("wespeaker-resnet34", 0.74, False),
        ("another", 0.51, True),
        ("another", 0.49, False),
    ],
)
def test_who_is_not_like_enough_stays_unnamed(model: str, cosine: float, named: bool) -> None:
    """Each embedding has a limit of its own: a wrong name is worse than none."""
    clip = _heard(model, [1.0, 0.0, 0.0])
    found = match_known(*_heard(model, _at(cosine), [0.0, 0.0, 1.0]), {"Anna": clip})
    assert found == ({"SPEAKER_00": "Anna"} if named else {})


def test_one_name_goes_to_one_speaker() -> None:
    """To the one who is more like the clip, though both would do."""
    clip = _heard("ge2e", [1.0, 0.0, 0.0])
    assert match_known(*_heard("ge2e", _at(0.8), _at(0.9)), {"Anna": clip}) == {
        "SPEAKER_01": "Anna"
    }


def test_voices_of_two_models_do_not_compare() -> None:
    """However much their numbers agree."""
    clip = _heard("ge2e", [1.0, 0.0, 0.0])
    assert match_known(*_heard("wespeaker-resnet34", _at(1.0)), {"Anna": clip}) == {}


def test_an_enrolled_person_is_known_by_all_of_their_sources() -> None:
    """Their mean direction counts; whom nobody enrolled stays unknown."""
    enrolled = {"Anna": [_at(0.9), [0.9, -_at(0.9)[1], 0.0]], "Boris": [[0.0, 1.0, 0.0]]}
    heard = _heard("ge2e", [1.0, 0.0, 0.0], [0.0, 0.0, 1.0])
    assert match_enrolled(*heard, enrolled) == {"SPEAKER_00": "Anna"}
    assert match_enrolled(*heard, {}) == {}


@pytest.mark.parametrize(("ahead", "named"), [(0.04, True), (0.02, False)])
def test_two_who_sound_alike_leave_a_speaker_unknown(ahead: float, named: bool) -> None:
    """Also where both would be like enough: the nearest must be ahead."""
    enrolled = {
        "Anna": [_at(0.9)],
        "Boris": [[0.9 - ahead, 0.0, float(np.sqrt(1 - (0.9 - ahead) ** 2))]],
    }
    found = match_enrolled(*_heard("ge2e", [1.0, 0.0, 0.0]), enrolled)
    assert found == ({"SPEAKER_00": "Anna"} if named else {})


@pytest.mark.parametrize(("n_other", "named"), [(1, True), (2, False)])
def test_a_speaker_made_of_two_people_stays_unknown(n_other: int, named: bool) -> None:
    """Of five voices one may sound like somebody else, two are too many."""
    anna, boris = [1.0, 0.0, 0.0], _at(0.7)
    voices = [[1.0, 0.0, 0.0]] * (5 - n_other) + [boris] * n_other
    evidence, turns = _heard("ge2e", *voices)
    one = [Turn(turn.span, "SPEAKER_00") for turn in turns]
    found = match_enrolled(evidence, one, {"Anna": [anna], "Boris": [boris]})
    assert found == ({"SPEAKER_00": "Anna"} if named else {})
