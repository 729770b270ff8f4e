"""The way of one recording, with fake engines and real sound."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from stenograf.core.errors import CancelledError, EngineFailedError, TruncatedAudioError
from stenograf.core.events import Event, Finished, NoticeRaised, Progress, WordsReady
from stenograf.core.options import AsrOptions, DiarizationOptions
from stenograf.core.ports import (
    Capabilities,
    Diarization,
    OnProgress,
    Recognition,
    ignore_progress,
)
from stenograf.core.span import Span
from stenograf.core.transcript import ModelUse, Turn
from stenograf.core.waveform import Waveform
from stenograf.messages import localize
from stenograf.pipeline import Pipeline, TranscribeOptions
from stenograf.testing.bad_inputs import BAD_INPUTS
from stenograf.testing.fakes import FakeDetector, FakeDiarizer, FakeRecognizer
from stenograf.testing.media import MediaFormat, tone, write_media

OPTIONS = TranscribeOptions()
WAV = MediaFormat("wav", "wav", "pcm_s16le")


class BrokenDiarizer:
    """A diarizer whose runtime gives up."""

    name: ClassVar[str] = "broken"
    capabilities: ClassVar[Capabilities] = Capabilities()

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        raise EngineFailedError(
            "The runtime gave up.", hint="Free {n_bytes} bytes in {path}.", n_bytes=7, path="/{x}"
        )


class BrokenRecognizer:
    """A recognizer whose runtime gives up."""

    name: ClassVar[str] = "broken"
    capabilities: ClassVar[Capabilities] = Capabilities()

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        raise EngineFailedError("The runtime gave up.")


class PatientDiarizer(BrokenDiarizer):
    """A diarizer that works until somebody stops it."""

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        while True:
            on_progress(0.5)
            threading.Event().wait(0.001)


class TwoAtOnce(BrokenDiarizer):
    """A diarizer to whom two people talk at once."""

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        return Diarization((Turn(Span(0.0, 3.0), "A"), Turn(Span(1.0, 4.0), "B")))


class Listener(FakeDiarizer):
    """A ChannelDiarizer that remembers the channels it was given."""

    n_channels = 0

    def diarize_channels(
        self,
        audio: Waveform,
        channels: Sequence[Waveform],
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        self.n_channels = len(channels)
        turns = self.diarize(audio, speech, options, on_progress=on_progress).turns
        return Diarization(turns, models=(ModelUse("diarize", "fake", "none", reason="a call"),))


def pipeline(**changes: object) -> Pipeline:
    """Fake engines, except the ones given."""
    engines: dict[str, object] = {
        "detector": FakeDetector(),
        "recognizer": FakeRecognizer(),
        "diarizer": FakeDiarizer(),
    }
    return Pipeline(**(engines | changes))  # type: ignore[arg-type]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Four seconds of a tone."""
    path = tmp_path / "call.wav"
    write_media(path, tone(4.0, rate_hz=WAV.rate_hz), WAV)
    return path


@pytest.mark.parametrize("side_by_side", [True, False])
def test_words_get_speakers_and_the_document_names_them(
    recording: Path, side_by_side: bool
) -> None:
    """Recognition and diarization meet in the document."""
    transcript = pipeline(side_by_side=side_by_side).run(recording, OPTIONS)
    assert transcript.words
    assert all(word.speaker for word in transcript.words)
    assert {word.speaker for word in transcript.words} <= {s.id for s in transcript.speakers}
    assert transcript.recording.name == "call.wav"


def test_the_name_of_the_file_changes_nothing_but_the_name(recording: Path) -> None:
    """The same sound under another name has the same words, turns and speakers."""
    first = pipeline().run(recording, OPTIONS)
    second = pipeline().run(recording.rename(recording.with_name("Встреча 2.wav")), OPTIONS)
    assert second.recording == replace(first.recording, name="Встреча 2.wav")
    assert (second.words, second.turns, second.speakers) == (
        first.words,
        first.turns,
        first.speakers,
    )


def test_exclusive_turns_follow_words_that_know_of_the_overlap(recording: Path) -> None:
    """Only the turns are cut: words have the speaker and the doubt they have without it."""
    talk = pipeline(diarizer=TwoAtOnce())
    both, one = (talk.run(recording, TranscribeOptions(exclusive=cut)) for cut in (False, True))
    assert [(t.span.start, t.span.end) for t in both.turns] == [(0.0, 3.0), (1.0, 4.0)]
    assert [(t.span.start, t.span.end) for t in one.turns] == [(0.0, 3.0), (3.0, 4.0)]
    assert one.words == both.words
    assert any((word.speaker_confidence or 1.0) < 1.0 for word in one.words)


def test_document_says_how_it_was_made(recording: Path) -> None:
    """Options and the time of every stage are kept."""
    provenance = pipeline().run(recording, TranscribeOptions(speakers=2)).provenance
    assert provenance is not None
    assert provenance.options["speakers"] == 2
    assert {"decode", "detect", "recognize", "diarize", "attribute"} <= provenance.timings.keys()


def test_failed_diarization_keeps_the_words(recording: Path) -> None:
    """The text is complete and the document says what is missing."""
    transcript = pipeline(diarizer=BrokenDiarizer()).run(recording, OPTIONS)
    assert transcript.words
    assert [notice.code for notice in transcript.notices] == ["diarization.failed"]
    assert "The runtime gave up." in transcript.notices[0].text
    assert localize(transcript.notices[0], "en").hint == "Free 7 bytes in /{x}."


def test_failed_diarization_alone_is_an_error(recording: Path) -> None:
    """Where only speakers were asked for, there is nothing to keep."""
    with pytest.raises(EngineFailedError):
        pipeline(recognizer=None, diarizer=BrokenDiarizer()).run(recording, OPTIONS)


def test_failed_recognition_stops_the_diarization_beside_it(recording: Path) -> None:
    """Nobody waits for speakers of words that will never come."""
    patient = pipeline(recognizer=BrokenRecognizer(), diarizer=PatientDiarizer())
    with pytest.raises(EngineFailedError):
        patient.run(recording, OPTIONS)


def test_without_a_recognizer_the_document_has_turns_only(recording: Path) -> None:
    """`stenograf diarize` is the same way without words."""
    transcript = pipeline(recognizer=None).run(recording, OPTIONS)
    assert transcript.turns
    assert not transcript.words


def test_silence_gives_an_empty_document_that_says_so(tmp_path: Path) -> None:
    """An empty result is never silent."""
    path = tmp_path / "silence.wav"
    write_media(path, tone(2.0, rate_hz=WAV.rate_hz) * 0, WAV)
    transcript = pipeline().run(path, OPTIONS)
    assert not transcript.words
    assert [notice.code for notice in transcript.notices] == ["speech.none"]


def test_damage_is_noticed_in_the_document_and_strict_refuses_it(tmp_path: Path) -> None:
    """The same file gives a notice, or an error for who asks to be strict."""
    case = next(case for case in BAD_INPUTS if case.notice == "audio.truncated")
    path = case.write(tmp_path)
    notices = pipeline().run(path, OPTIONS).notices
    assert "audio.truncated" in {notice.code for notice in notices}
    with pytest.raises(TruncatedAudioError):
        pipeline().run(path, TranscribeOptions(strict=True))


def test_events_tell_stages_words_and_the_end(recording: Path) -> None:
    """Each stage begins and ends, words come before the end, the document comes last."""
    events: list[Event] = []
    transcript = pipeline().run(recording, OPTIONS, on_event=events.append)
    ended = {event.stage for event in events if isinstance(event, Progress) and event.fraction == 1}
    assert {"decode", "detect", "recognize", "diarize", "attribute"} <= ended
    assert any(isinstance(event, WordsReady) for event in events)
    assert events[-1] == Finished(transcript)


def test_notices_are_told_as_they_come(tmp_path: Path) -> None:
    """A watcher learns of damage before the document is there."""
    path = tmp_path / "silence.wav"
    write_media(path, tone(2.0, rate_hz=WAV.rate_hz) * 0, WAV)
    events: list[Event] = []
    pipeline().run(path, OPTIONS, on_event=events.append)
    assert any(isinstance(event, NoticeRaised) for event in events)


@pytest.mark.parametrize("stage", ["decode", "detect", "recognize", "diarize"])
def test_whoever_watches_may_stop_the_work(recording: Path, stage: str) -> None:
    """Raising CancelledError from the callback ends the run in every stage."""

    def stop(event: Event) -> None:
        if isinstance(event, Progress) and event.stage == stage:
            raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        pipeline().run(recording, OPTIONS, on_event=stop)


def test_one_pipeline_serves_many_recordings(recording: Path) -> None:
    """Nothing of one recording remains for the next."""
    prepared = pipeline()
    first, second = (prepared.run(recording, OPTIONS) for _ in range(2))
    assert first.words == second.words
    assert first.notices == second.notices == ()


def write_stereo(folder: Path, right_hz: float, gain: float) -> Path:
    """A tone of 300 Hz on the left, one of `right_hz` on the right."""
    sound = np.stack([tone(2.0, 300.0), tone(2.0, right_hz) * gain], axis=1)
    stereo = MediaFormat("wav", "wav", "pcm_s16le", n_channels=2)
    return write_media(folder / "stereo.wav", sound, stereo)


def test_channels_reach_an_engine_that_wants_them(tmp_path: Path) -> None:
    """What it says about its choice joins the document."""
    listener = Listener()
    stereo = write_stereo(tmp_path, 900.0, 1.0)
    transcript = pipeline(diarizer=listener).run(stereo, OPTIONS)
    assert listener.n_channels == 2
    assert transcript.provenance is not None
    assert [use.reason for use in transcript.provenance.models] == ["a call"]


def test_copies_of_one_channel_are_no_channels(tmp_path: Path, recording: Path) -> None:
    """Mono stored as stereo, at another level, is mono; mono itself has no channels to give."""
    listener = Listener()
    for path in (write_stereo(tmp_path, 300.0, 0.5), recording):
        assert pipeline(diarizer=listener).run(path, OPTIONS).turns
        assert listener.n_channels == 0
