"""Calls whose channels speak different languages, with fake engines and real separation."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from tests.pipeline.test_parts import killed_again_and_again, without_times

from stenograf.core.events import Event, Progress
from stenograf.core.options import AsrOptions
from stenograf.core.ports import (
    Alignment,
    Capabilities,
    OnProgress,
    Recognition,
    ignore_progress,
)
from stenograf.core.span import Span, intersect, total_duration
from stenograf.core.transcript import Suspect, Word
from stenograf.core.waveform import SAMPLE_RATE_HZ, Waveform, duration_s
from stenograf.engines.diarization.bleed import own_speech
from stenograf.engines.diarization.channels import ChannelsDiarizer
from stenograf.pipeline import Pipeline, TranscribeOptions
from stenograf.pipeline.by_channel import LEAST_VOTE_S
from stenograf.pipeline.recognizing import Written, attributed
from stenograf.testing.fakes import FakeDetector, FakeDiarizer, FakeRecognizer
from stenograf.testing.media import MediaFormat, tone, write_media

OPTIONS = TranscribeOptions()
STEREO = MediaFormat("wav", "wav", "pcm_s16le", n_channels=2)
RUSSIAN_HZ, ENGLISH_HZ, MUMBLED_HZ = 300.0, 900.0, 600.0
TEXTS = {
    "ru": "вечером на станции никого не было кроме старика с лампой который всех спрашивал",
    "en": "late in the evening nobody stood on the platform but an old man with a lamp",
}


class FakePolyglot(FakeRecognizer):
    """A recognizer that takes low tones for Russian and high ones for English; medium are neither.

    `asked` is what it was asked: the speech in seconds, the language, whether only for that.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[float, str | None, bool]] = []

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        votes = {} if options.language else self._votes(audio, speech)
        language = options.language or max(votes, key=votes.__getitem__)
        only_vote = options.heard_until_s > duration_s(audio)
        self.asked.append((total_duration(speech), options.language, only_vote))
        self._text = TEXTS[language].split()
        found = super().recognize(
            audio, speech, replace(options, language=language), on_progress=on_progress
        )
        return replace(found, language_probability=votes.get(language), language_votes=votes)

    def _votes(self, audio: Waveform, speech: Sequence[Span]) -> dict[str, float]:
        sound = np.concatenate(
            [audio[int(s.start * SAMPLE_RATE_HZ) : int(s.end * SAMPLE_RATE_HZ)] for s in speech]
        )
        hertz = np.mean(np.diff(np.signbit(sound))) * SAMPLE_RATE_HZ / 2
        russian = float(np.clip((ENGLISH_HZ - hertz) / (ENGLISH_HZ - RUSSIAN_HZ), 0.02, 0.98))
        return {"ru": russian, "en": 1.0 - russian}


class FakeAligner:
    """An aligner that remembers for which languages it was asked, and changes nothing."""

    name: ClassVar[str] = "fake"
    capabilities: ClassVar[Capabilities] = Capabilities()

    def __init__(self) -> None:
        self.languages: list[str | None] = []

    def align(
        self,
        audio: Waveform,
        words: Sequence[Word],
        speech: Sequence[Span],
        language: str | None,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Alignment:
        self.languages.append(language)
        on_progress(1.0)
        return Alignment(tuple(words))


def pipeline(**engines: Any) -> Pipeline:
    """Fakes, one after the other; channels are told apart as in the product."""
    usual: dict[str, Any] = {
        "detector": FakeDetector(),
        "recognizer": FakePolyglot(),
        "diarizer": ChannelsDiarizer(FakeDetector()),
        "own_speech": own_speech,
        "side_by_side": False,
    }
    return Pipeline(**{**usual, **engines})


def call(
    folder: Path, left_hz: float, right_hz: float, *, n_turns: int = 4, overlap_s: float = 0.0
) -> Path:
    """Two people who speak in turns of 1.8 s, each on a channel; they may interrupt each other.

    The one on the left has the first word and the last, `n_turns` plus one in all.
    """
    step = int((2.0 - overlap_s) * SAMPLE_RATE_HZ)
    sound = np.zeros(((2 * n_turns + 2) * step, 2), dtype=np.float32)
    for turn in range(2 * n_turns + 1):
        said = tone(1.8, (left_hz, right_hz)[turn % 2])
        sound[turn * step : turn * step + len(said), turn % 2] += said
    return write_media(folder / "call.wav", sound, STEREO)


@pytest.fixture(scope="module")
def bilingual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Russian on the left, English on the right, with interruptions."""
    folder = tmp_path_factory.mktemp("bilingual")
    return call(folder, RUSSIAN_HZ, ENGLISH_HZ, overlap_s=0.7)


def test_each_side_is_written_in_its_own_language(bilingual: Path) -> None:
    """Words carry their language, go to the person on their channel, and come in time order."""
    found = pipeline().run(bilingual, OPTIONS)
    assert {(word.speaker, word.language) for word in found.words} == {
        ("SPEAKER_00", "ru"),
        ("SPEAKER_01", "en"),
    }
    for word in found.words:
        assert word.language is not None
        assert word.text in TEXTS[word.language].split()
    assert all(a.span.start <= b.span.start for a, b in pairwise(found.words))
    assert len(found.words) == 9 * 3


def test_the_document_says_that_languages_differ(bilingual: Path) -> None:
    """A notice names them by channel; the votes of both sides are kept."""
    found = pipeline().run(bilingual, OPTIONS)
    (notice,) = found.notices
    assert notice.code == "language.by_channel"
    assert notice.details["channels"] == {"0": "ru", "1": "en"}
    assert "(ru, en)" in notice.text
    assert found.language == "ru"
    assert found.provenance is not None
    assert found.provenance.language_votes.keys() == {"ru", "en"}
    assert sum(found.provenance.language_votes.values()) == pytest.approx(1.0)


def test_one_language_costs_one_vote_more_and_changes_no_word(tmp_path: Path) -> None:
    """The mix is decoded once, in the language that both channels voted for."""
    recording = call(tmp_path, ENGLISH_HZ, ENGLISH_HZ + 5.0)
    usual = pipeline(own_speech=None).run(recording, OPTIONS)
    recognizer = FakePolyglot()
    found = pipeline(recognizer=recognizer).run(recording, OPTIONS)
    assert found.words == usual.words
    assert (found.language, found.notices) == (usual.language, usual.notices) == ("en", ())
    assert found.language_probability == pytest.approx(usual.language_probability, abs=0.01)
    assert [asked[1:] for asked in recognizer.asked] == [(None, True), (None, True), ("en", False)]


@pytest.mark.parametrize("changes", [{"language": "ru"}, {"languages": ("ru",)}])
def test_a_language_that_was_said_is_not_voted_on(bilingual: Path, changes: dict[str, Any]) -> None:
    """Who fixes the language gets the mix in it, with one question as ever."""
    recognizer = FakePolyglot()
    found = pipeline(recognizer=recognizer).run(bilingual, TranscribeOptions(**changes))
    assert {word.language for word in found.words} == {None}
    assert [asked[2] for asked in recognizer.asked] == [False]


def test_mono_stored_as_stereo_votes_once(tmp_path: Path) -> None:
    """Copies of one channel are one channel, at whatever level."""
    sound = np.stack([tone(12.0, RUSSIAN_HZ), tone(12.0, RUSSIAN_HZ) / 2], axis=1)
    recording = write_media(tmp_path / "copies.wav", sound, STEREO)
    recognizer = FakePolyglot()
    made = pipeline(recognizer=recognizer, diarizer=FakeDiarizer())
    assert made.run(recording, OPTIONS).language == "ru"
    assert [asked[2] for asked in recognizer.asked] == [False]


@pytest.mark.parametrize(
    ("right_hz", "n_turns", "n_votes"), [(MUMBLED_HZ, 4, 2), (ENGLISH_HZ, 2, 0)]
)
def test_doubt_takes_no_call_apart(
    tmp_path: Path, right_hz: float, n_turns: int, n_votes: int
) -> None:
    """A channel that is unsure, or says too little, is written in the language of both."""
    assert 2 * 1.8 < LEAST_VOTE_S < 4 * 1.8
    recognizer = FakePolyglot()
    recording = call(tmp_path, RUSSIAN_HZ, right_hz, n_turns=n_turns)
    found = pipeline(recognizer=recognizer).run(recording, OPTIONS)
    assert {word.language for word in found.words} == {None}
    assert found.notices == ()
    assert sum(only_vote for _, _, only_vote in recognizer.asked) == n_votes


def test_each_side_is_aligned_in_its_own_language(bilingual: Path) -> None:
    """An aligner has one model per language."""
    aligner = FakeAligner()
    pipeline(aligner=aligner).run(bilingual, OPTIONS)
    assert aligner.languages == ["ru", "en"]


def test_progress_never_goes_back(bilingual: Path) -> None:
    """Two channels are one stage."""
    told: list[float] = []

    def watch(event: Event) -> None:
        if isinstance(event, Progress) and event.stage == "recognize":
            told.append(event.fraction)

    pipeline().run(bilingual, OPTIONS, on_event=watch)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert any(0.3 < fraction < 0.7 for fraction in told)


def test_a_run_killed_anywhere_gives_the_same_document(bilingual: Path) -> None:
    """Votes and finished blocks of each channel are kept."""
    expected = without_times(pipeline().run(bilingual, OPTIONS))

    def moments(chance: random.Random) -> Iterator[int]:
        while True:  # listening to each channel tells of itself every tenth of a second
            yield chance.randrange(1, 700)

    for seed in range(4):
        recognizer = FakePolyglot()
        made = pipeline(recognizer=recognizer)
        found, n_kills = killed_again_and_again(made, bilingual, moments(random.Random(seed)))
        assert without_times(found) == expected
        assert len(recognizer.heard) <= 9 + n_kills


def test_doubts_of_both_sides_become_one_list() -> None:
    """Suspect parts that overlap join with all reasons; no word is glued to another side's."""
    sides = [
        Written(
            (Word(Span(0, 1), "你"), Word(Span(2, 3), "好", joined=True)),
            suspects=(Suspect(Span(0, 3), ("rate",)),),
            speech=(Span(0, 3),),
        ),
        Written(
            (Word(Span(1, 2), "yes"),),
            suspects=(Suspect(Span(1, 4), ("voice",)), Suspect(Span(8, 9), ("rate",))),
            speech=(Span(1, 2),),
        ),
    ]
    found = attributed(sides, ())
    assert found.suspects == (
        Suspect(Span(0, 4), ("rate", "voice")),
        Suspect(Span(8, 9), ("rate",)),
    )
    assert [(word.text, word.joined) for word in found.words] == [
        ("你", False),
        ("yes", False),
        ("好", False),
    ]


def test_sound_outside_a_channels_own_speech_is_not_its_words(bilingual: Path) -> None:
    """What one channel is asked to recognize is what the separation leaves it."""
    recognizer = FakePolyglot()
    found = pipeline(recognizer=recognizer).run(bilingual, OPTIONS)
    decoded = [seconds for seconds, _, only_vote in recognizer.asked if not only_vote]
    assert decoded == pytest.approx([5 * 1.8, 4 * 1.8], abs=0.4)
    spoken = [turn.span for turn in found.turns]
    assert all(list(intersect([word.span], sorted(spoken))) for word in found.words)
