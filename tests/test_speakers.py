"""Speakers told apart again from kept voices, with made-up voices and with real ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import stenograf
from stenograf.attribution import exclusive_turns
from stenograf.core.errors import (
    DocumentInvalidError,
    EngineUnavailableError,
    OptionError,
    UnsupportedError,
)
from stenograf.core.evidence import SpeakerEvidence, half, times
from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import Diarization
from stenograf.core.span import Span
from stenograf.core.transcript import (
    Provenance,
    Recording,
    Speaker,
    Transcript,
    Turn,
    Word,
)
from stenograf.engines.diarization.basic import BasicDiarizer, recluster
from stenograf.engines.diarization.labelling import CentroidLabeller
from stenograf.engines.diarization.relabelling import Heard
from stenograf.engines.diarization.relabelling import evidence_of as kept_of
from stenograf.engines.diarization.segmentation import FRAMES_PER_WINDOW
from stenograf.engines.diarization.windows import place_windows, stretches
from stenograf.export import read_evidence, render_evidence
from stenograf.testing.meetings import MeetingPlan, build_meeting, read_voices

SHA = "ab" * 32


def evidence_of(voice_of_second: str) -> SpeakerEvidence:
    """A voice per letter, one letter per second of unbroken speech."""
    n_seconds = len(voice_of_second)
    speech = [Span(0.0, float(n_seconds))]
    windows, grid = place_windows(stretches(speech, n_seconds), 1)
    letters = sorted(set(voice_of_second))
    middles = [min(n_seconds - 1, int((w.start + w.end) / 200)) for w in windows]
    noise = np.random.default_rng(0).normal(0.0, 0.05, (len(windows), 8))
    vectors = np.eye(8)[[letters.index(voice_of_second[middle]) for middle in middles]] + noise
    return SpeakerEvidence(
        engine="basic",
        model="ge2e",
        duration=float(n_seconds),
        speech=times(speech),
        windows=np.array([(w.start, w.end) for w in windows]) / 100,
        voices=half(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))[:, None],
        parameters={
            "same_voice_distance": 0.335,
            "window_frames": grid.length,
            "hop_frames": grid.hop,
        },
        recording_sha256=SHA,
    )


TALK = "a" * 10 + "b" * 10 + "a" * 5 + "c" * 15
EVIDENCE = evidence_of(TALK)


def document(n_seconds: int = len(TALK)) -> Transcript:
    """One speaker has everything, and says a word per second."""
    return Transcript(
        Recording("talk.wav", n_seconds, sha256=SHA),
        words=tuple(
            Word(Span(second + 0.2, second + 0.8), "да", speaker="SPEAKER_00")
            for second in range(n_seconds)
        ),
        turns=(Turn(Span(0.0, n_seconds), "SPEAKER_00"),),
        speakers=(Speaker("SPEAKER_00", "Анна"),),
    )


def letters(transcript: Transcript) -> str:
    """Who says each word, as letters in order of first speech."""
    return "".join("abcdefgh"[int((word.speaker or "_9")[-1])] for word in transcript.words)


def wrong(heard: str) -> int:
    return sum(one != other for one, other in zip(heard, TALK, strict=True))


def test_words_go_to_the_speakers_found_again() -> None:
    """Three voices are three speakers; a word at a change may go astray."""
    after = stenograf.recluster(document(), EVIDENCE)
    assert wrong(letters(after)) <= 1
    assert [speaker.name for speaker in after.speakers].count("Анна") == 1


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_the_number_asked_for_is_met(n: int) -> None:
    """Also where it is not the true one."""
    assert len(stenograf.recluster(document(), EVIDENCE, speakers=n).speakers) == n


def test_bounds_work_as_in_a_fresh_run() -> None:
    """At most two of three; at least four of three."""
    assert len(stenograf.recluster(document(), EVIDENCE, max_speakers=2).speakers) == 2
    assert len(stenograf.recluster(document(), EVIDENCE, min_speakers=4).speakers) == 4


def test_exclusive_turns_never_overlap_and_change_no_word() -> None:
    """Two talk at once from 4 to 6 s: the first keeps the floor, and words know of both."""
    talk = replace(document(10), provenance=Provenance("0", "2026-11-21", options={"speakers": 2}))
    voices = overlapping()
    both = stenograf.recluster(talk, voices)
    one = stenograf.recluster(talk, voices, exclusive=True)
    assert both.turns[1].span.start < both.turns[0].span.end
    assert one == replace(
        both,
        turns=tuple(exclusive_turns(both.turns)),
        notices=one.notices,
        provenance=one.provenance,
    )
    assert one.turns[0].span.end <= one.turns[1].span.start
    assert [each.provenance and each.provenance.options for each in (both, one)] == [
        {"exclusive": False},
        {"exclusive": True},
    ]


def overlapping() -> SpeakerEvidence:
    """One window of `onnx` with two voices, from 1 to 6 s and from 4 to 9 s."""
    activity = np.zeros((1, FRAMES_PER_WINDOW, 3), dtype=np.bool_)
    second = FRAMES_PER_WINDOW / 10
    for local, start in enumerate((1, 4)):
        activity[0, round(start * second) : round((start + 5) * second), local] = True
    voices = np.full((1, 3, 8), np.nan, dtype=np.float32)
    voices[0, :2] = np.eye(8)[:2]
    heard = Heard(activity, voices, 10.0, hop_s=1.0)
    kept = kept_of(heard, [Span(1.0, 9.0)], CentroidLabeller(0.5, 1), "made")
    assert kept is not None
    return replace(kept, recording_sha256=SHA)


def test_evidence_of_another_recording_is_refused() -> None:
    """A wrong pair would make nonsense that looks right."""
    for other in ("cd" * 32, None):
        strange = replace(EVIDENCE, recording_sha256=other)
        with pytest.raises(DocumentInvalidError):
            stenograf.recluster(document(), strange, speakers=2)
        with pytest.raises(DocumentInvalidError):
            stenograf.split_speaker(document(), strange, "SPEAKER_00")


@pytest.mark.parametrize(
    "change",
    [
        {"parameters": {}},
        {"parameters": {**EVIDENCE.parameters, "hop_frames": 0}},
        {"parameters": {**EVIDENCE.parameters, "hop_frames": 20}},
        {"speech": EVIDENCE.speech[:0]},
        {"speech": EVIDENCE.speech + 1.0},
        {"duration": 3.0},
        {"voices": EVIDENCE.voices * np.float16(np.nan)},
        {"voices": EVIDENCE.voices[:, :0]},
    ],
)
def test_evidence_that_contradicts_itself_is_refused(change: dict[str, object]) -> None:
    """The file may be well formed and still hold no diarization of this engine."""
    with pytest.raises(DocumentInvalidError):
        stenograf.recluster(document(), replace(EVIDENCE, **change))  # type: ignore[arg-type]


def test_an_unknown_engine_is_said_to_be_one() -> None:
    """Evidence of an engine that only a later version has."""
    with pytest.raises(EngineUnavailableError):
        stenograf.recluster(document(), replace(EVIDENCE, engine="later"))


def test_more_speakers_than_voices_need_the_recording() -> None:
    """A fresh run would listen more closely; without sound that is impossible."""
    short = evidence_of("ab")
    with pytest.raises(UnsupportedError):
        stenograf.recluster(document(2), short, speakers=9)


def test_split_takes_one_speaker_apart() -> None:
    """Merged by mistake, told apart by voice; the one who speaks longest keeps the name."""
    after = stenograf.split_speaker(document(), EVIDENCE, "Анна", parts=3)
    assert wrong(letters(after)) <= 2
    assert {speaker.id for speaker in after.speakers if speaker.name == "Анна"} <= {
        "SPEAKER_00",
        "SPEAKER_02",
    }


def test_split_leaves_the_others_alone() -> None:
    """Only the turns and words of that speaker change."""
    three = stenograf.recluster(document(), EVIDENCE)
    merged = stenograf.merge_speakers(three, "SPEAKER_02", into="SPEAKER_00")
    again = stenograf.split_speaker(merged, EVIDENCE, "SPEAKER_00")
    assert wrong(letters(again)) <= 1
    assert [t for t in again.turns if t.speaker == "SPEAKER_01"] == [
        t for t in three.turns if t.speaker == "SPEAKER_01"
    ]


def test_split_uses_who_talks_inside_a_window() -> None:
    """Long windows with two local speakers each: their activity says when."""
    n = len(TALK)
    frames_per_second = 50
    starts = np.arange(0, n - 9, 1.0)
    present = {letter: np.array([c == letter for c in TALK]) for letter in "abc"}
    voices = np.full((len(starts), 3, 8), np.nan)
    activity = np.zeros((len(starts), 10 * frames_per_second, 3), dtype=np.bool_)
    for row, start in enumerate(starts.astype(int)):
        for column, letter in enumerate("abc"):
            talks = present[letter][start : start + 10]
            activity[row, :, column] = np.repeat(talks, frames_per_second)
            if talks.any():
                voices[row, column] = np.eye(8)[column]
    local = replace(
        EVIDENCE,
        engine="onnx",
        windows=np.stack([starts, starts + 10.0], axis=1),
        voices=half(voices),
        activity=activity,
    )
    after = stenograf.split_speaker(document(), local, "SPEAKER_00", parts=3)
    assert letters(after) == TALK


def test_split_of_too_little_or_into_one_is_an_error() -> None:
    """There is nothing to take apart."""
    with pytest.raises(OptionError):
        stenograf.split_speaker(document(), EVIDENCE, "SPEAKER_00", parts=1)
    with pytest.raises(UnsupportedError):
        stenograf.split_speaker(document(), EVIDENCE, "SPEAKER_00", parts=500)
    silent = replace(document(), turns=())
    with pytest.raises(UnsupportedError):
        stenograf.split_speaker(silent, EVIDENCE, "SPEAKER_00")


@pytest.mark.parametrize(
    "asked",
    [{}, {"speakers": 1}, {"speakers": 3}, {"min_speakers": 4}, {"max_speakers": 2}],
    ids=str,
)
def test_again_is_what_a_fresh_run_gives(
    talk: Callable[[DiarizationOptions], Diarization], kept: SpeakerEvidence, asked: dict[str, int]
) -> None:
    """Turns to the last bit, confidence included, also through the file."""
    options = DiarizationOptions.of(**asked)
    assert recluster(kept, options) == talk(options)


@pytest.fixture(scope="module")
def talk(assets: Path) -> Callable[[DiarizationOptions], Diarization]:
    """A fresh run over a meeting of three."""
    voices = read_voices(assets / "audio/speakers/train-clean")
    meeting = build_meeting(voices, MeetingPlan(n_speakers=3, duration_s=20.0, seed=3))
    speech = [turn.span for turn in meeting.turns]
    engine = BasicDiarizer(assets / "models/ge2e/ge2e.onnx", n_threads=1)
    return partial(engine.diarize, meeting.samples, speech)


@pytest.fixture(scope="module")
def kept(talk: Callable[[DiarizationOptions], Diarization]) -> SpeakerEvidence:
    """What a run without any bounds kept of its voices, read back from its file."""
    first = talk(DiarizationOptions())
    assert first.evidence is not None
    return read_evidence(render_evidence(first.evidence))
