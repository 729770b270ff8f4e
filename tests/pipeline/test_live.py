"""Live recognition: final words are final, and in the end they are those of the recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stenograf.core.errors import EngineFailedError, OptionError
from stenograf.core.options import AsrOptions
from stenograf.core.ports import (
    Capabilities,
    LiveText,
    OnProgress,
    Recognition,
    ignore_progress,
)
from stenograf.core.span import Span, intersect, union
from stenograf.core.transcript import Word
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples, Waveform, duration_s
from stenograf.engines.asr.pocketsphinx import PocketSphinxRecognizer
from stenograf.engines.vad.silero import SileroDetector
from stenograf.models.bundled import pocketsphinx_weights, silero_weights
from stenograf.pipeline.live import LiveOptions, LocalAgreement
from stenograf.testing.sound import read_speech

SCALE = 2.0**-24  # a sample's value tells its place in the stream, exactly
ENGLISH = AsrOptions(language="en")
UNSURE_S = 0.8


def stream(seconds: float) -> Samples:
    """Sound that knows what time it is."""
    return (np.arange(round(seconds * SAMPLE_RATE_HZ)) * SCALE).astype(np.float32)


def begin_s(audio: Waveform) -> float:
    return float(audio[0:1][0]) / SCALE / SAMPLE_RATE_HZ


@dataclass
class Speech:
    """What is really said in a stream; also the detector of it."""

    words: list[Word]

    def detect(self, audio: Waveform, *, on_progress: OnProgress = ignore_progress) -> list[Span]:
        begin = begin_s(audio)
        said = union((word.span for word in self.words), max_gap=0.5)
        heard = intersect(said, [Span(begin, begin + duration_s(audio))])
        return [span.shift(-begin) for span in heard]


@dataclass
class Fickle:
    """A recognizer that is wrong about the last moments, each time otherwise, and moves words.

    What it says about words that ended more than UNSURE_S before the end of the sound is right.
    """

    words: list[Word]
    seed: int = 0
    name: ClassVar[str] = "fickle"
    capabilities: ClassVar[Capabilities] = Capabilities()
    n_asked: int = 0
    asked: list[AsrOptions] = field(default_factory=list)

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        self.n_asked += 1
        self.asked.append(options)
        rng = np.random.default_rng(self.seed + self.n_asked)
        begin, end = begin_s(audio), begin_s(audio) + duration_s(audio)
        heard = [w for w in self.words if begin <= w.span.middle and w.span.end <= end]
        found: list[Word] = []
        for word in heard:
            unsure = word.span.end > end - UNSURE_S
            if unsure and rng.random() < 0.5:
                continue
            text = f"hm{self.n_asked}" if unsure else self._written(word.text, rng)
            moved = word.span.shift(rng.uniform(-0.05, 0.05)).clamp(Span(begin, end))
            found.append(Word(moved.shift(-begin).clamp(Span(0.0, end - begin)), text))
        return Recognition(iter(found), "de")

    def _written(self, text: str, rng: np.random.Generator) -> str:
        return f"{text}," if rng.random() < 0.2 and not text.endswith(".") else text


VOCABULARY = ["so", "it", "goes", "on.", "and", "no", "Yes."]


@st.composite
def speeches(draw: st.DrawFn) -> list[Word]:
    """Words one after the other, some twice, with pauses short and long."""
    at, words = 0.2, []
    for text, length, gap in draw(
        st.lists(
            st.tuples(
                st.sampled_from(VOCABULARY),
                st.floats(0.15, 0.6),
                st.sampled_from([0.02, 0.05, 0.2, 0.4, 0.9, 1.6, 4.0]),
            ),
            max_size=120,
        )
    ):
        words.append(Word(Span(at, at + length), text))
        at += length + gap
    return words


def listen(
    live: LocalAgreement, sound: Samples, *, piece_s: float
) -> tuple[list[LiveText], LiveText]:
    """Everything said meanwhile and at the end."""
    piece = max(1, round(piece_s * SAMPLE_RATE_HZ))
    texts = [live.feed(sound[at : at + piece]) for at in range(0, len(sound), piece)]
    return texts, live.finish()


def plain(words: Sequence[Word]) -> list[str]:
    return [word.text.rstrip(",") for word in words]


@settings(max_examples=60, deadline=None)
@given(
    speeches(),
    st.sampled_from([0.1, 0.37, 1.0, 7.0]),
    st.integers(0, 1000),
    st.sampled_from([LiveOptions(), LiveOptions(step_s=0.5, n_answers=3, trim_s=4, longest_s=8)]),
)
def test_final_words_are_those_of_the_recording(
    words: list[Word], piece_s: float, seed: int, options: LiveOptions
) -> None:
    """Nothing said is lost, doubled or taken back, however the sound comes in pieces."""
    seconds = (words[-1].span.end if words else 0.0) + 2.0
    live = LocalAgreement(Speech(words), Fickle(words, seed), ENGLISH, options)
    texts, last = listen(live, stream(seconds), piece_s=piece_s)
    committed = [word for text in [*texts, last] for word in text.committed]
    assert plain(committed) == plain(words)
    assert all(a.span.start <= b.span.start for a, b in pairwise(committed))
    for found, said in zip(committed, words, strict=True):
        assert abs(found.span.start - said.span.start) < 0.4
    assert last.pending == ()


@settings(max_examples=30, deadline=None)
@given(speeches(), st.integers(0, 1000))
def test_memory_stays_small(words: list[Word], seed: int) -> None:
    """No more sound is held than the options allow, whatever is said."""
    options = LiveOptions(trim_s=4, longest_s=8)
    live = LocalAgreement(Speech(words), Fickle(words, seed), ENGLISH, options)
    for _ in range(60):
        live.feed(np.zeros(0, dtype=np.float32))
    sound = stream((words[-1].span.end if words else 0.0) + 2.0)
    for at in range(0, len(sound), 4_000):
        live.feed(sound[at : at + 4_000])
        assert live.held_s <= options.longest_s + options.step_s + 1e-6


class Babbler(Fickle):
    """A recognizer that never says the same word twice."""

    def _written(self, text: str, rng: np.random.Generator) -> str:
        return f"hm{self.n_asked}"


def test_a_recognizer_that_never_agrees_with_itself_is_believed_in_the_end() -> None:
    """Speech without a pause and without agreement: words become final, memory stays bounded."""
    words = [Word(Span(i * 0.4, i * 0.4 + 0.35), "so") for i in range(250)]
    live = LocalAgreement(Speech(words), Babbler(words), ENGLISH)
    held: list[float] = []
    committed: list[Word] = []
    sound = stream(100.0)
    for at in range(0, len(sound), 16_000):
        committed += live.feed(sound[at : at + 16_000]).committed
        held.append(live.held_s)
    assert max(held) <= 26.0
    assert len(committed) + len(live.finish().committed) == pytest.approx(250, abs=15)


def test_agreement_comes_within_two_steps() -> None:
    """In running speech words wait for two answers that hear what follows them."""
    words = [Word(Span(i * 0.4, i * 0.4 + 0.35), f"w{i}") for i in range(100)]
    live = LocalAgreement(Speech(words), Fickle(words), ENGLISH)
    texts, _ = listen(live, stream(42.0), piece_s=0.1)
    lags = [text.lag_s for text in texts if text.committed]
    assert len(lags) > 20
    assert max(lags) < UNSURE_S + 2.5
    assert all(text.worked_s >= 0.0 for text in texts)


def test_a_pause_makes_everything_final() -> None:
    """Whoever has finished need not wait for agreement."""
    words = [Word(Span(0.2, 0.5), "so"), Word(Span(0.6, 1.0), "it")]
    live = LocalAgreement(Speech(words), Fickle(words), ENGLISH)
    texts, last = listen(live, stream(5.0), piece_s=1.0)
    assert plain([word for text in texts for word in text.committed]) == ["so", "it"]
    assert next(text for text in texts if text.committed).heard_s <= 3.0
    assert last.committed == ()


def test_pending_words_follow_the_final_ones() -> None:
    """What may still change is told apart from what may not, and comes after it."""
    words = [Word(Span(i * 0.4, i * 0.4 + 0.35), f"w{i}") for i in range(50)]
    live = LocalAgreement(Speech(words), Fickle(words), ENGLISH)
    committed: list[Word] = []
    for text in listen(live, stream(20.0), piece_s=1.0)[0]:
        committed += text.committed
        both = [*committed, *text.pending]
        sure = [word for word in both if not word.text.startswith("hm")]
        assert plain(sure) == [f"w{i}" for i in range(len(sure))]


def test_silence_is_not_even_asked_about() -> None:
    """Without speech the recognizer rests, and sound is forgotten at once."""
    recognizer = Fickle([])
    live = LocalAgreement(Speech([]), recognizer, ENGLISH)
    texts, last = listen(live, stream(30.0), piece_s=1.0)
    assert recognizer.n_asked == 0
    assert live.held_s == 0.0
    assert all(text.committed == text.pending == () for text in [*texts, last])


def test_the_soft_beginning_of_what_comes_next_is_kept() -> None:
    """After a pause half a second of it stays, in case a word has begun unnoticed."""
    words = [Word(Span(0.2, 0.5), "so")]
    live = LocalAgreement(Speech(words), Fickle(words), ENGLISH)
    live.feed(stream(6.0))
    assert live.held_s == pytest.approx(0.5)


def test_each_stream_begins_at_zero() -> None:
    """After the end nothing is left of the stream before."""
    words = [Word(Span(0.2, 0.5), "so")]
    live = LocalAgreement(Speech(words), Fickle(words), ENGLISH)
    for _ in range(2):
        texts, last = listen(live, stream(0.9), piece_s=0.3)
        assert texts[-1].heard_s == pytest.approx(0.9)
        assert len(last.committed) <= 1
        assert live.heard_s == 0.0


def test_the_language_found_first_stays() -> None:
    """Once words are final, later answers are not asked in another language."""
    words = [Word(Span(i * 0.4, i * 0.4 + 0.35), f"w{i}") for i in range(20)]
    recognizer = Fickle(words)
    live = LocalAgreement(Speech(words), recognizer, AsrOptions())
    listen(live, stream(10.0), piece_s=1.0)
    asked = [options.language for options in recognizer.asked]
    assert asked[0] is None
    assert asked[-1] == "de"


class Broken(Fickle):
    """A recognizer that fails once."""

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        if self.n_asked == 1:
            self.n_asked += 1
            raise EngineFailedError("The runtime gave up.")
        return super().recognize(audio, speech, options, on_progress=on_progress)


def test_a_failed_answer_loses_no_sound() -> None:
    """The error comes out; whoever goes on gets all words."""
    words = [Word(Span(i * 0.4, i * 0.4 + 0.35), f"w{i}") for i in range(20)]
    live = LocalAgreement(Speech(words), Broken(words), ENGLISH)
    sound, committed = stream(10.0), list[Word]()
    for at in range(0, len(sound), 16_000):
        try:
            committed += live.feed(sound[at : at + 16_000]).committed
        except EngineFailedError:
            committed += live.feed(sound[:0]).committed
    assert plain([*committed, *live.finish().committed]) == [f"w{i}" for i in range(20)]


@pytest.mark.e2e
def test_a_real_recognizer_hears_live_what_it_hears_at_once(assets: Path) -> None:
    """PocketSphinx on a known speech, fed by quarters of a second: most words are the same."""
    clip = read_speech(assets / "audio/asr/jfk.flac")[: 5 * SAMPLE_RATE_HZ]
    sound = np.concatenate([clip, np.zeros(24_000, dtype=np.float32)])
    detector = SileroDetector(silero_weights())
    recognizer = PocketSphinxRecognizer(pocketsphinx_weights())
    live = LocalAgreement(detector, recognizer, ENGLISH, LiveOptions(step_s=2.0))
    texts, last = listen(live, sound, piece_s=0.25)
    said = [word for text in [*texts, last] for word in text.committed]
    at_once = list(recognizer.recognize(sound, detector.detect(sound), ENGLISH).words)
    assert all(a.span.start <= b.span.start for a, b in pairwise(said))
    assert said[-1].span.end <= duration_s(sound)
    same = SequenceMatcher(None, plain(said), plain(at_once)).ratio()
    assert same > 0.5


@pytest.mark.parametrize(
    "changes",
    [
        {"n_answers": 0},
        {"step_s": 0.0},
        {"pause_s": 0.3},
        {"unsure_s": 20.0},
        {"trim_s": 30.0},
    ],
)
def test_impossible_options_are_refused(changes: dict[str, float]) -> None:
    """What cannot work is told when it is asked for."""
    with pytest.raises(OptionError):
        LiveOptions(**changes)  # type: ignore[arg-type]


def test_a_word_said_again_and_again_is_written_as_often() -> None:
    """Where everything matches everything, time and what is still held decide."""
    gaps = [1.6, 0.02, 0.02, 0.02, 0.02]
    at, words = 0.2, list[Word]()
    for gap in gaps:
        words.append(Word(Span(at, at + 0.5), "so"))
        at += 0.5 + gap
    for seed in range(20):
        live = LocalAgreement(Speech(words), Fickle(words, seed), ENGLISH)
        texts, last = listen(live, stream(at + 2.0), piece_s=0.1)
        assert plain([word for text in [*texts, last] for word in text.committed]) == ["so"] * 5
