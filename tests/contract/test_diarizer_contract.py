"""What every diarizer promises, whatever runs inside."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pytest

from stenograf.core.errors import CancelledError
from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import Diarizer
from stenograf.core.span import Span
from stenograf.core.transcript import Turn, speaker_id
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples, duration_s
from stenograf.engines.diarization.basic import BasicDiarizer
from stenograf.testing.meetings import Meeting, MeetingPlan, build_meeting, read_voices

AUTO = DiarizationOptions()
ENGINES: dict[str, Callable[[Path], Diarizer]] = {
    "basic": lambda assets: BasicDiarizer(assets / "models/ge2e/ge2e.onnx", n_threads=1),
}


@pytest.fixture(scope="module", params=ENGINES)
def diarizer(request: pytest.FixtureRequest, assets: Path) -> Diarizer:
    return ENGINES[request.param](assets)


@pytest.fixture(scope="module")
def meeting(assets: Path) -> Meeting:
    voices = read_voices(assets / "audio/speakers/train-clean")
    return build_meeting(voices, MeetingPlan(n_speakers=2, duration_s=24.0, seed=3))


@pytest.fixture(scope="module")
def speech(meeting: Meeting) -> list[Span]:
    return [turn.span for turn in meeting.turns]


def speakers(turns: tuple[Turn, ...]) -> list[str]:
    return list(dict.fromkeys(turn.speaker for turn in turns))


def test_turns_lie_in_order_inside_the_recording(
    diarizer: Diarizer, meeting: Meeting, speech: list[Span]
) -> None:
    """Turns are sorted, hold time, stay inside, and one speaker's never overlap."""
    turns = diarizer.diarize(meeting.samples, speech, AUTO).turns
    assert turns
    assert list(turns) == sorted(turns, key=lambda turn: turn.span)
    assert all(0.0 <= turn.span.start < turn.span.end for turn in turns)
    assert max(turn.span.end for turn in turns) <= duration_s(meeting.samples)
    by_speaker = groupby(sorted(turns, key=lambda t: (t.speaker, t.span)), lambda t: t.speaker)
    for _, own in by_speaker:
        assert all(a.span.end <= b.span.start for a, b in pairwise(own))


def test_speakers_are_numbered_by_first_speech(
    diarizer: Diarizer, meeting: Meeting, speech: list[Span]
) -> None:
    """The first voice heard is SPEAKER_00, the next new one SPEAKER_01."""
    found = speakers(diarizer.diarize(meeting.samples, speech, AUTO).turns)
    assert found == [speaker_id(i) for i in range(len(found))]


def test_two_voices_are_told_apart(
    diarizer: Diarizer, meeting: Meeting, speech: list[Span]
) -> None:
    """An easy meeting of two is found to be a meeting of two."""
    assert len(speakers(diarizer.diarize(meeting.samples, speech, AUTO).turns)) == 2


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("seconds", [0.1, 0.5, 3.0, 24.0])
def test_a_given_number_of_speakers_is_met(
    diarizer: Diarizer, meeting: Meeting, n: int, seconds: float
) -> None:
    """Even where speech is too short for that many voices to be real."""
    turns = diarizer.diarize(
        meeting.samples, [Span(0.8, 0.8 + seconds)], DiarizationOptions.of(speakers=n)
    ).turns
    assert len(speakers(turns)) == n


def test_bounds_are_met(diarizer: Diarizer, meeting: Meeting, speech: list[Span]) -> None:
    """A lower and an upper bound hold without naming one number."""
    at_least = DiarizationOptions.of(min_speakers=3, max_speakers=5)
    assert 3 <= len(speakers(diarizer.diarize(meeting.samples, speech, at_least).turns)) <= 5
    at_most = DiarizationOptions.of(max_speakers=1)
    assert len(speakers(diarizer.diarize(meeting.samples, speech, at_most).turns)) == 1


@pytest.mark.parametrize("options", [AUTO, DiarizationOptions.of(speakers=3)])
def test_no_speech_gives_no_turns(
    diarizer: Diarizer, meeting: Meeting, options: DiarizationOptions
) -> None:
    """Whatever the bounds, and also for spans that hold no time or lie outside."""
    outside = duration_s(meeting.samples)
    for speech in ([], [Span(1.0, 1.0)], [Span(outside, outside + 2.0)]):
        assert diarizer.diarize(meeting.samples, speech, options).turns == ()
    assert diarizer.diarize(np.zeros(0, dtype=np.float32), [], options).turns == ()


@pytest.mark.parametrize("level", [0.0, 1e-3])
@pytest.mark.parametrize("n", [1, 2, 4])
def test_silence_and_noise_do_not_break_it(diarizer: Diarizer, level: float, n: int) -> None:
    """A detector may be wrong: what it calls speech gets turns and the speakers asked for."""
    noise = np.random.default_rng(0).normal(0.0, level, 4 * SAMPLE_RATE_HZ).astype(np.float32)
    turns = diarizer.diarize(noise, [Span(0.0, 4.0)], DiarizationOptions.of(speakers=n)).turns
    assert len(speakers(turns)) == n


def test_the_same_input_gives_the_same_turns(
    diarizer: Diarizer, meeting: Meeting, speech: list[Span]
) -> None:
    """Nothing is left to chance."""
    first, second = (diarizer.diarize(meeting.samples, speech, AUTO) for _ in range(2))
    assert first == second


def test_a_recording_played_twice_has_the_same_speakers(
    diarizer: Diarizer, meeting: Meeting, speech: list[Span]
) -> None:
    """Saying everything again adds nobody."""
    once = diarizer.diarize(meeting.samples, speech, AUTO).turns
    again = [span.shift(duration_s(meeting.samples)) for span in speech]
    twice = diarizer.diarize(np.tile(meeting.samples, 2), speech + again, AUTO).turns
    assert len(speakers(twice)) == len(speakers(once))


def test_progress_rises_to_one(diarizer: Diarizer, meeting: Meeting, speech: list[Span]) -> None:
    """The watcher sees fractions that never fall and end at 1."""
    seen: list[float] = []
    diarizer.diarize(meeting.samples, speech, AUTO, on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) >= 2


def test_it_can_be_cancelled_and_used_again(
    diarizer: Diarizer, meeting: Meeting, speech: list[Span]
) -> None:
    """CancelledError passes through, and the engine still works."""

    def cancel(fraction: float) -> None:
        raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        diarizer.diarize(meeting.samples, speech, AUTO, on_progress=cancel)
    assert diarizer.diarize(meeting.samples, speech, AUTO).turns


class OnDisk:
    """A recording of which only slices exist; remembers the longest one asked for."""

    def __init__(self, samples: Samples) -> None:
        self.samples = samples
        self.longest = 0

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: slice) -> Samples:
        start, stop, _ = index.indices(len(self.samples))
        self.longest = max(self.longest, stop - start)
        return self.samples[start:stop]


def test_the_recording_is_read_by_slices(diarizer: Diarizer, meeting: Meeting) -> None:
    """A minute is never asked for at once, and slices give the result of an array."""
    long = np.tile(meeting.samples, 3)
    everything = [Span(0.0, duration_s(long))]
    audio = OnDisk(long)
    turns = diarizer.diarize(audio, everything, AUTO).turns
    assert audio.longest <= 45 * SAMPLE_RATE_HZ
    assert turns == diarizer.diarize(long, everything, AUTO).turns
