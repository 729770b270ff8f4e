"""What every diarizer promises, whatever runs inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pytest

from stenograf.core.errors import CancelledError, UnsupportedError
from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import (
    ChannelDiarizer,
    Diarization,
    Diarizer,
    OnProgress,
    ignore_progress,
)
from stenograf.core.span import Span, total_duration
from stenograf.core.transcript import ModelUse, Turn, speaker_id
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples, Waveform, duration_s
from stenograf.engines.diarization.auto import AutoDiarizer
from stenograf.engines.diarization.basic import BasicDiarizer
from stenograf.engines.diarization.channels import ChannelsDiarizer, Only
from stenograf.engines.diarization.ge2e import Embeddings as VoiceVectors
from stenograf.engines.diarization.labelling import CentredLabeller, Embeddings
from stenograf.engines.diarization.masked_ge2e import MaskedGe2eEmbedder
from stenograf.engines.diarization.onnx import OnnxDiarizer, OnnxOptions
from stenograf.engines.diarization.segmentation import Activity
from stenograf.engines.diarization.windows import Stretch, Window
from stenograf.testing.fakes import FakeDetector, FakeDiarizer
from stenograf.testing.meetings import Meeting, MeetingPlan, build_meeting, read_voices

AUTO = DiarizationOptions()
SECONDS = 24.0


class Subject:
    """A diarizer under test.

    `fewest` is the smallest number of speakers that may be asked for. An engine that hears speech
    itself may find none where the detector claims some; only then is the number not met. One that
    is not `real` knows no voice again.
    """

    def __init__(
        self,
        engine: Diarizer,
        *,
        fewest: int = 1,
        hears_itself: bool = False,
        real: bool = True,
    ) -> None:
        self.engine = engine
        self.fewest = fewest
        self.hears_itself = hears_itself
        self.real = real

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        return self.engine.diarize(audio, speech, options, on_progress=on_progress)

    def forget(self) -> None:
        """Have the networks run again, where the engine under test spares that."""
        if isinstance(self.engine, Remembering | RememberingBasic):
            self.engine.known.clear()


class OnCall(Subject):
    """The same on a call: the meeting's two people on a channel each."""

    def __init__(self, engine: ChannelDiarizer, meeting: Meeting, *, fewest: int = 1) -> None:
        super().__init__(engine, fewest=fewest, hears_itself=True)
        self.caller = engine
        self.sides = [
            [turn.span.shift(n * SECONDS) for n in range(2) for turn in own]
            for own in by_speaker(meeting.turns)
        ]

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        channels = [Only(audio, side) for side in self.sides]
        return self.caller.diarize_channels(
            audio, channels, speech, options, on_progress=on_progress
        )


class Remembering(OnnxDiarizer):
    """Its networks run once per array: most tests ask for other bounds on the same sound."""

    def analyse(
        self, audio: Waveform, *, on_progress: OnProgress = ignore_progress
    ) -> tuple[Activity, Embeddings]:
        if not isinstance(audio, np.ndarray):
            return super().analyse(audio, on_progress=on_progress)
        on_progress(0.0)
        if audio.tobytes() not in self.known:
            self.known[audio.tobytes()] = super().analyse(audio, on_progress=on_progress)
        on_progress(1.0)
        return self.known[audio.tobytes()]

    @cached_property
    def known(self) -> dict[bytes, tuple[Activity, Embeddings]]:
        return {}


class RememberingBasic(BasicDiarizer):
    """Its network runs once per array and windows, for the same reason."""

    def _embed(
        self,
        audio: Waveform,
        parts: Sequence[Stretch],
        windows: Sequence[Window],
        on_progress: OnProgress,
    ) -> VoiceVectors:
        if not isinstance(audio, np.ndarray):
            return super()._embed(audio, parts, windows, on_progress)
        on_progress(0.0)
        sound = (audio.tobytes(), tuple(windows))
        if sound not in self.known:
            self.known[sound] = super()._embed(audio, parts, windows, on_progress)
        return self.known[sound]

    @cached_property
    def known(self) -> dict[tuple[bytes, tuple[Window, ...]], VoiceVectors]:
        return {}


def basic(assets: Path) -> Diarizer:
    return RememberingBasic(assets / "models/ge2e/ge2e.onnx", n_threads=1)


def onnx(assets: Path) -> Diarizer:
    embedder = MaskedGe2eEmbedder(assets / "models/ge2e/ge2e.onnx", n_threads=1)
    segmentation = assets / "models/segmentation-3.0/model.onnx"
    return Remembering(
        segmentation, embedder, CentredLabeller(), options=OnnxOptions(hop_s=2.0), n_threads=1
    )


def channels() -> ChannelsDiarizer:
    return ChannelsDiarizer(FakeDetector(), FakeDiarizer())


def auto() -> AutoDiarizer:
    return AutoDiarizer(channels(), FakeDiarizer(), ModelUse("diarize", "fake", "none"))


SUBJECTS: dict[str, Callable[[Path, Meeting], Subject]] = {
    "basic": lambda assets, _: Subject(basic(assets)),
    "onnx": lambda assets, _: Subject(onnx(assets), hears_itself=True),
    "auto": lambda *_: Subject(auto(), real=False),
    "auto on a call": lambda _, meeting: OnCall(auto(), meeting),
    "channels": lambda _, meeting: OnCall(channels(), meeting, fewest=2),
    "fake": lambda *_: Subject(FakeDiarizer(), real=False),
}


@pytest.fixture(scope="module", params=SUBJECTS)
def diarizer(request: pytest.FixtureRequest, assets: Path, meeting: Meeting) -> Subject:
    return SUBJECTS[request.param](assets, meeting)


@pytest.fixture(scope="module")
def meeting(assets: Path) -> Meeting:
    voices = read_voices(assets / "audio/speakers/train-clean")
    return build_meeting(voices, MeetingPlan(n_speakers=2, duration_s=SECONDS, seed=3))


@pytest.fixture(scope="module")
def speech(meeting: Meeting) -> list[Span]:
    return [turn.span for turn in meeting.turns]


def by_speaker(turns: Sequence[Turn]) -> list[list[Turn]]:
    """Each speaker's turns in order."""
    ordered = sorted(turns, key=lambda turn: (turn.speaker, turn.span))
    return [list(own) for _, own in groupby(ordered, lambda turn: turn.speaker)]


def speakers(turns: tuple[Turn, ...]) -> list[str]:
    return list(dict.fromkeys(turn.speaker for turn in turns))


def test_turns_lie_in_order_inside_the_recording(
    diarizer: Subject, meeting: Meeting, speech: list[Span]
) -> None:
    """Turns are sorted, hold time, stay inside, and one speaker's never overlap."""
    turns = diarizer.diarize(meeting.samples, speech, AUTO).turns
    assert turns
    assert list(turns) == sorted(turns, key=lambda turn: turn.span)
    assert all(0.0 <= turn.span.start < turn.span.end for turn in turns)
    assert max(turn.span.end for turn in turns) <= duration_s(meeting.samples)
    for own in by_speaker(turns):
        assert all(a.span.end <= b.span.start for a, b in pairwise(own))


def test_speakers_are_numbered_by_first_speech(
    diarizer: Subject, meeting: Meeting, speech: list[Span]
) -> None:
    """The first voice heard is SPEAKER_00, the next new one SPEAKER_01."""
    found = speakers(diarizer.diarize(meeting.samples, speech, AUTO).turns)
    assert found == [speaker_id(i) for i in range(len(found))]


def test_two_voices_are_told_apart(diarizer: Subject, meeting: Meeting, speech: list[Span]) -> None:
    """An easy meeting of two is found to be a meeting of two."""
    assert len(speakers(diarizer.diarize(meeting.samples, speech, AUTO).turns)) == 2


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("seconds", [0.1, 0.5, 3.0, 24.0])
def test_a_given_number_of_speakers_is_met(
    diarizer: Subject, meeting: Meeting, n: int, seconds: float
) -> None:
    """Even where speech is too short for that many voices to be real; else it is an error."""
    speech, options = [Span(0.8, 0.8 + seconds)], DiarizationOptions.of(speakers=n)
    if n < diarizer.fewest:
        with pytest.raises(UnsupportedError):
            diarizer.diarize(meeting.samples, speech, options)
        return
    assert len(speakers(diarizer.diarize(meeting.samples, speech, options).turns)) == n


def test_bounds_are_met(diarizer: Subject, meeting: Meeting, speech: list[Span]) -> None:
    """A lower and an upper bound hold without naming one number."""
    at_least = DiarizationOptions.of(min_speakers=3, max_speakers=5)
    assert 3 <= len(speakers(diarizer.diarize(meeting.samples, speech, at_least).turns)) <= 5
    at_most = DiarizationOptions.of(max_speakers=diarizer.fewest)
    found = speakers(diarizer.diarize(meeting.samples, speech, at_most).turns)
    assert len(found) == diarizer.fewest


@pytest.mark.parametrize("options", [AUTO, DiarizationOptions.of(speakers=3)])
def test_no_speech_gives_no_turns(
    diarizer: Subject, meeting: Meeting, options: DiarizationOptions
) -> None:
    """Whatever the bounds, and also for spans that hold no time or lie outside."""
    outside = duration_s(meeting.samples)
    for speech in ([], [Span(1.0, 1.0)], [Span(outside, outside + 2.0)]):
        assert diarizer.diarize(meeting.samples, speech, options).turns == ()
    assert diarizer.diarize(np.zeros(0, dtype=np.float32), [], options).turns == ()


@pytest.mark.parametrize("level", [0.0, 1e-3])
@pytest.mark.parametrize("n", [1, 2, 4])
def test_silence_and_noise_do_not_break_it(diarizer: Subject, level: float, n: int) -> None:
    """A detector may be wrong: what it calls speech gets the speakers asked for, or no turns."""
    noise = np.random.default_rng(0).normal(0.0, level, 4 * SAMPLE_RATE_HZ).astype(np.float32)
    turns = diarizer.diarize(noise, [Span(0.0, 4.0)], DiarizationOptions.of(speakers=n)).turns
    assert len(speakers(turns)) in ({0, n} if diarizer.hears_itself else {n})


def test_the_same_input_gives_the_same_turns(
    diarizer: Subject, meeting: Meeting, speech: list[Span]
) -> None:
    """Nothing is left to chance."""
    first = diarizer.diarize(meeting.samples, speech, AUTO)
    diarizer.forget()
    assert first == diarizer.diarize(meeting.samples, speech, AUTO)


def test_a_recording_played_twice_has_the_same_speakers(
    diarizer: Subject, meeting: Meeting, speech: list[Span]
) -> None:
    """Saying everything again adds nobody, and whoever spoke in a place speaks there again."""
    once = diarizer.diarize(meeting.samples, speech, AUTO).turns
    again = [span.shift(SECONDS) for span in speech]
    twice = diarizer.diarize(np.tile(meeting.samples, 2), speech + again, AUTO).turns
    assert len(speakers(twice)) == len(speakers(once))
    for name in speakers(twice) if diarizer.real else ():
        own = [turn.span for turn in twice if turn.speaker == name]
        first = total_duration(span.clamp(Span(0.0, SECONDS)) for span in own)
        second = total_duration(span.clamp(Span(SECONDS, 2 * SECONDS)) for span in own)
        assert second == pytest.approx(first, abs=1.0)


def test_progress_rises_to_one(diarizer: Subject, meeting: Meeting, speech: list[Span]) -> None:
    """The watcher sees fractions that never fall and end at 1."""
    seen: list[float] = []
    diarizer.diarize(meeting.samples, speech, AUTO, on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) >= 2


def test_it_can_be_cancelled_and_used_again(
    diarizer: Subject, meeting: Meeting, speech: list[Span]
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


def test_the_recording_is_read_by_slices(diarizer: Subject, meeting: Meeting) -> None:
    """A minute is never asked for at once, and slices give the result of an array."""
    long = np.tile(meeting.samples, 2)
    everything = [Span(0.0, duration_s(long))]
    audio = OnDisk(long)
    turns = diarizer.diarize(audio, everything, AUTO).turns
    assert audio.longest <= 45 * SAMPLE_RATE_HZ
    assert turns == diarizer.diarize(long, everything, AUTO).turns
