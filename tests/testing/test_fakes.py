"""The fake diarizer keeps the port's promises; the other fakes are in the contract suites."""

from __future__ import annotations

import numpy as np
import pytest

from stenograf.core.options import DiarizationOptions
from stenograf.core.span import Span, total_duration
from stenograf.testing.fakes import FakeDiarizer

AUDIO = np.ones(10 * 16_000, dtype=np.float32)
SPEECH = [Span(0.0, 4.0), Span(5.0, 9.0), Span(9.5, 12.0)]


@pytest.mark.parametrize("speakers", [1, 2, 3, 7])
def test_speaker_count_is_met_exactly(speakers: int) -> None:
    """As many speakers as asked for, all speech given to somebody, inside the recording."""
    options = DiarizationOptions.of(speakers=speakers)
    turns = FakeDiarizer().diarize(AUDIO, SPEECH, options).turns
    assert len({turn.speaker for turn in turns}) == speakers
    assert total_duration(turn.span for turn in turns) == pytest.approx(8.5)
    assert [turn.span for turn in turns] == sorted(turn.span for turn in turns)


def test_no_speech_gives_no_turns() -> None:
    """Whatever the bounds say."""
    assert FakeDiarizer().diarize(AUDIO, [], DiarizationOptions.of(speakers=3)).turns == ()
