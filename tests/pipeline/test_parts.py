"""Runs that are stopped anywhere and begun again."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stenograf.core.errors import CancelledError, EngineFailedError
from stenograf.core.events import Event, Progress, WordsReady
from stenograf.core.options import AsrOptions
from stenograf.core.ports import Diarization, OnProgress, Recognition, ignore_progress
from stenograf.core.span import Span
from stenograf.core.transcript import Notice, Transcript, Word
from stenograf.core.waveform import Waveform
from stenograf.pipeline import Pipeline, TranscribeOptions
from stenograf.pipeline.parts import Part
from stenograf.testing.fakes import FakeDetector, FakeDiarizer, FakeRecognizer
from stenograf.testing.media import MediaFormat, write_media

OPTIONS = TranscribeOptions()
N_BLOCKS = 8


class Memory:
    """Parts in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, object] = {}

    def find(self, name: str, kind: type[Part]) -> Part | None:
        part = self.kept.get(name)
        return part if isinstance(part, kind) else None

    def keep(self, name: str, part: object) -> None:
        self.kept[name] = part


class CountingDetector(FakeDetector):
    """A detector that knows how often it worked."""

    n_runs = 0

    def detect(self, audio: Waveform, *, on_progress: OnProgress = ignore_progress) -> list[Span]:
        self.n_runs += 1
        return super().detect(audio, on_progress=on_progress)


class CountingDiarizer(FakeDiarizer):
    """A diarizer that knows how often it worked."""

    n_runs = 0

    def diarize(self, *arguments: Any, **options: Any) -> Diarization:
        self.n_runs += 1
        return super().diarize(*arguments, **options)


class Kill:
    """Stops a run at its `n`-th event after decoding and detection."""

    def __init__(self, n: int) -> None:
        self._left = n

    def __call__(self, event: Event) -> None:
        if isinstance(event, Progress) and event.stage in {"decode", "detect"}:
            return
        self._left -= 1
        if self._left == 0:
            raise CancelledError("Stopped.")


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of noise with pauses between."""
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 16_000).astype(np.float32)
    pause = np.zeros(8_000, dtype=np.float32)
    sound = np.concatenate([part for _ in range(N_BLOCKS) for part in (noise, pause)])
    return write_media(
        tmp_path_factory.mktemp("sound") / "call.wav",
        sound,
        MediaFormat("wav", "wav", "pcm_s16le"),
    )


def pipeline(**engines: Any) -> Pipeline:
    """Fakes, one after the other."""
    usual: dict[str, Any] = {
        "detector": CountingDetector(),
        "recognizer": FakeRecognizer(),
        "diarizer": CountingDiarizer(),
        "side_by_side": False,
    }
    return Pipeline(**{**usual, **engines})


def without_times(transcript: Transcript) -> Transcript:
    """The document but for when and how fast it was made."""
    assert transcript.provenance is not None
    made = replace(transcript.provenance, created_at="", timings={})
    return replace(transcript, provenance=made)


def anywhere(chance: random.Random) -> Iterator[int]:
    """Moments between the first event and later than the last."""
    while True:
        yield chance.randrange(1, 40)


def killed_again_and_again(
    made: Pipeline, recording: Path, moments: Iterator[int]
) -> tuple[Transcript, int]:
    """The document in the end, and how many runs were stopped on the way."""
    parts, n_kills = Memory(), 0
    while True:
        try:
            kill = Kill(next(moments))
            found, _ = made.run_with_evidence(recording, OPTIONS, on_event=kill, parts=parts)
        except CancelledError:
            n_kills += 1
        else:
            return found, n_kills


@pytest.mark.parametrize("side_by_side", [False, True])
def test_a_run_killed_anywhere_gives_the_same_document(recording: Path, side_by_side: bool) -> None:
    """However often a run is stopped, at most one block is recognized again for each time."""
    expected = without_times(pipeline().run(recording, OPTIONS))
    for seed in range(10):
        made = pipeline(side_by_side=side_by_side)
        moments = anywhere(random.Random(seed))
        found, n_kills = killed_again_and_again(made, recording, moments)
        assert without_times(found) == expected
        assert isinstance(made.recognizer, FakeRecognizer)
        assert len(made.recognizer.heard) <= N_BLOCKS + n_kills


def test_each_stage_is_done_once(recording: Path) -> None:
    """A run that has everything but the last step repeats no engine."""
    made, parts = pipeline(), Memory()
    first, _ = made.run_with_evidence(recording, OPTIONS, parts=parts)
    again, _ = made.run_with_evidence(recording, OPTIONS, parts=parts)
    assert without_times(again) == without_times(first)
    assert isinstance(made.recognizer, FakeRecognizer)
    assert len(made.recognizer.heard) == N_BLOCKS
    assert isinstance(made.detector, CountingDetector)
    assert isinstance(made.diarizer, CountingDiarizer)
    assert (made.detector.n_runs, made.diarizer.n_runs) == (1, 1)


def test_a_resumed_run_tells_all_words_from_the_beginning(recording: Path) -> None:
    """Who watches the second run needs nothing of the first."""
    made, parts = pipeline(), Memory()
    with pytest.raises(CancelledError):
        made.run_with_evidence(recording, OPTIONS, on_event=Kill(20), parts=parts)
    told: list[Word] = []

    def watch(event: Event) -> None:
        if isinstance(event, WordsReady):
            told.extend(event.words)

    found, _ = made.run_with_evidence(recording, OPTIONS, on_event=watch, parts=parts)
    assert [word.span for word in told] == [word.span for word in found.words]


@pytest.mark.parametrize(
    "other",
    [replace(OPTIONS, hotwords="Stenograf"), replace(OPTIONS, language="de")],
    ids=["options", "language"],
)
def test_parts_of_other_options_are_not_used(recording: Path, other: TranscribeOptions) -> None:
    """What was heard under other options says nothing about these."""
    made, parts = pipeline(), Memory()
    made.run_with_evidence(recording, OPTIONS, parts=parts)
    made.run_with_evidence(recording, other, parts=parts)
    assert isinstance(made.recognizer, FakeRecognizer)
    assert len(made.recognizer.heard) == 2 * N_BLOCKS


class Forgetful(FakeRecognizer):
    """A recognizer that knows nothing of blocks and begins at the beginning each time."""

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        asked = replace(options, heard_until_s=0.0)
        return replace(super().recognize(audio, speech, asked, on_progress=on_progress))


class Blockless(Forgetful):
    """A recognizer that does not tell its blocks either."""

    def recognize(self, *arguments: Any, **options: Any) -> Recognition:
        return replace(super().recognize(*arguments, **options), blocks=())


@pytest.mark.parametrize("engine", [Forgetful, Blockless])
def test_an_engine_that_cannot_resume_repeats_no_word(
    recording: Path, engine: type[FakeRecognizer]
) -> None:
    """It decodes all over again, and the document is the same."""
    expected = without_times(pipeline().run(recording, OPTIONS))
    moments = iter([10, 20, 1_000_000])
    found, n_kills = killed_again_and_again(pipeline(recognizer=engine()), recording, moments)
    assert n_kills == 2
    assert without_times(found) == expected


class Talkative(FakeRecognizer):
    """A recognizer with something to say, in the beginning and in the end."""

    def recognize(self, *arguments: Any, **options: Any) -> Recognition:
        found = super().recognize(*arguments, **options)
        notices = [Notice("early", "Early.")]

        def words() -> Iterator[Word]:
            yield from found.words
            notices.append(Notice("late", "Late."))

        return replace(found, words=words(), notices=notices, language_votes={"en": 0.75})


def test_what_the_recognizer_says_is_said_once(recording: Path) -> None:
    """Notices, language and votes are those of a run that nobody stopped."""
    expected = without_times(pipeline(recognizer=Talkative()).run(recording, OPTIONS))
    assert [notice.code for notice in expected.notices] == ["early", "late"]
    moments = iter([10, 20, 1_000_000])
    found, _ = killed_again_and_again(pipeline(recognizer=Talkative()), recording, moments)
    assert without_times(found) == expected


class Doubtful(FakeRecognizer):
    """A recognizer that says more than a mouth can until it is asked to be careful."""

    n_careful = 0

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        self.n_careful += options.no_repeat_ngram > 0
        engine = (
            FakeRecognizer() if options.no_repeat_ngram else FakeRecognizer("Donaudampfschiff" * 4)
        )
        return engine.recognize(audio, speech, options, on_progress=on_progress)


def test_blocks_in_doubt_are_reviewed_as_if_nobody_had_stopped(recording: Path) -> None:
    """Blocks of all runs are judged, and what was heard again is not heard a third time."""
    calm = Doubtful()
    expected = without_times(pipeline(recognizer=calm).run(recording, OPTIONS))
    assert calm.n_careful > 0
    moments = iter([8, 14, 18, 22, 26, 27, 28, 29, 30, 31, 32, 1_000_000])
    stopped = Doubtful()
    found, _ = killed_again_and_again(pipeline(recognizer=stopped), recording, moments)
    assert without_times(found) == expected
    assert stopped.n_careful <= calm.n_careful + 1


class Unlucky(CountingDiarizer):
    """A diarizer that fails the first time."""

    def diarize(self, *arguments: Any, **options: Any) -> Diarization:
        found = super().diarize(*arguments, **options)
        if self.n_runs == 1:
            raise EngineFailedError("The runtime gave up.")
        return found


def test_a_failed_diarization_is_not_kept(recording: Path) -> None:
    """The next run tries it again."""
    made, parts = pipeline(diarizer=Unlucky()), Memory()
    first, _ = made.run_with_evidence(recording, OPTIONS, parts=parts)
    again, _ = made.run_with_evidence(recording, OPTIONS, parts=parts)
    assert not first.turns
    assert again.turns
    assert isinstance(made.diarizer, CountingDiarizer)
