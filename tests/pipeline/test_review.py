"""Doubtful blocks heard again, with a recognizer that follows a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stenograf.core.errors import CancelledError, EngineFailedError
from stenograf.core.options import AsrOptions
from stenograf.core.ports import Capabilities, OnProgress, Recognition, ignore_progress
from stenograf.core.span import Span
from stenograf.core.transcript import Word
from stenograf.core.waveform import Samples, Waveform
from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer
from stenograf.guards import GUARDS
from stenograf.pipeline.review import Reviewed, Reviewer
from stenograf.testing.documents import spoken
from stenograf.testing.fakes import SAYING, FakeDetector
from stenograf.testing.whisper import write_random_whisper

BLOCKS = ((Span(0.0, 20.0),), (Span(30.0, 50.0),), (Span(60.0, 80.0),))
SPEECH = [block[0] for block in BLOCKS]
LOOP = "thank you " * 30
Script = Callable[[Span, AsrOptions], str]


class Scripted:
    """A recognizer that says what a script tells it for each span, and keeps what it was asked."""

    name: ClassVar[str] = "scripted"
    capabilities: ClassVar[Capabilities] = Capabilities()

    def __init__(self, script: Script) -> None:
        self._script = script
        self.asked: list[tuple[list[Span], AsrOptions]] = []

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        self.asked.append((list(speech), options))
        blocks = tuple((span,) for span in speech)
        return Recognition(self._words(speech, options, on_progress), "en", blocks=blocks)

    def _words(
        self, speech: Sequence[Span], options: AsrOptions, on_progress: OnProgress
    ) -> Iterator[Word]:
        for span in speech:
            on_progress(0.5)
            text = self._script(span, options)
            pace = span.duration / max(1, len(text.split()))
            yield from spoken(text, speaker=None, start=span.start, pace=pace)


def always(text: str) -> Script:
    """The same words for every block and whatever is asked."""

    def script(span: Span, options: AsrOptions) -> str:
        return text

    return script


def only_at(start: float, text: str) -> Script:
    """These words in one block, good ones in the others."""

    def script(span: Span, options: AsrOptions) -> str:
        return text if span.start == start else SAYING

    return script


def reviewed(script: Script, **changes: Any) -> tuple[Reviewed, Scripted]:
    """A recording of three blocks recognized by the script, and looked over."""
    recognizer = Scripted(script)
    audio: Samples = changes.pop("audio", np.ones(80 * 16_000, dtype=np.float32))
    options = changes.pop("options", AsrOptions(prompt="A call.", hotwords="Ann"))
    reviewer = Reviewer(
        recognizer=recognizer,
        audio=audio,
        speech=changes.pop("speech", SPEECH),
        options=options,
        guards=changes.pop("guards", tuple(GUARDS)),
        **changes,
    )
    recognition = recognizer.recognize(audio, SPEECH, options)
    return reviewer.review(recognition, list(recognition.words)), recognizer


def text_of(found: Reviewed, block: int) -> str:
    """What stands in one of the blocks in the end."""
    span = BLOCKS[block][0]
    return " ".join(word.text for word in found.words if span.overlap(word.span))


def test_good_words_are_left_alone() -> None:
    """Nothing is heard twice where nobody objects."""
    found, recognizer = reviewed(always(SAYING))
    assert len(recognizer.asked) == 1
    assert not found.suspects
    assert not found.notices
    assert text_of(found, 1).split() == SAYING.split()


def test_a_loop_is_heard_again_without_what_led_astray() -> None:
    """Beam search, no prompt, no hot words, and only the block in doubt."""

    def script(span: Span, options: AsrOptions) -> str:
        return LOOP if span.start == 30.0 and options.prompt else SAYING

    found, recognizer = reviewed(script)
    assert not found.suspects
    assert not found.notices
    assert text_of(found, 1).split() == SAYING.split()
    [_, (speech, options)] = recognizer.asked
    assert speech == [Span(30.0, 50.0)]
    assert (options.prompt, options.hotwords, options.language) == (None, None, "en")
    assert options.beam_size > 1


def test_shorter_blocks_are_the_second_try() -> None:
    """A loop that beam search keeps is broken by hearing less at once, and by forbidding it."""

    def script(span: Span, options: AsrOptions) -> str:
        return LOOP if span.start == 30.0 and options.max_block_s is None else SAYING

    found, recognizer = reviewed(script)
    assert found.suspects == ()
    assert [options.max_block_s for _, options in recognizer.asked] == [None, None, 10.0]
    assert [options.no_repeat_ngram > 0 for _, options in recognizer.asked] == [False, False, True]


def test_what_stays_in_doubt_is_marked_and_kept() -> None:
    """The words are there, with the reasons and a notice that says where to listen."""
    found, _ = reviewed(only_at(30.0, LOOP))
    assert text_of(found, 1).split() == LOOP.split()
    [suspect] = found.suspects
    assert suspect.span == Span(30.0, 49.98)
    assert {"repetition", "compression"} <= set(suspect.reasons)
    [notice] = found.notices
    assert notice.code == "words.suspect"
    assert "(parts: 1, 20 s in all)" in notice.text


def test_only_what_is_wrong_is_marked() -> None:
    """Good words beside a loop or an invented credit stay good."""
    looped = f"{SAYING} {'no ' * 20} that was all"
    credited = f"{SAYING} Subtitles by the Amara.org community"

    def script(span: Span, options: AsrOptions) -> str:
        return {0.0: looped, 30.0: credited}.get(span.start, SAYING)

    audio = np.ones(80 * 16_000, dtype=np.float32)
    audio[48 * 16_000 : 51 * 16_000] = 0.0
    found, _ = reviewed(script, audio=audio, witness=FakeDetector())
    marked = [
        " ".join(word.text for word in found.words if part.span.overlap(word.span))
        for part in found.suspects
    ]
    assert marked == [("no " * 20).strip(), "Subtitles by the Amara.org community"]


def test_the_better_of_both_is_kept() -> None:
    """A second try with more objections, or without any word, does not replace the first."""

    def script(span: Span, options: AsrOptions) -> str:
        if span.start != 30.0:
            return SAYING
        return LOOP if options.prompt else ""

    found, _ = reviewed(script)
    assert text_of(found, 1).split() == LOOP.split()
    assert len(found.suspects) == 1


def test_invented_words_may_vanish_where_nobody_speaks() -> None:
    """No words at all are better where the witness hears no voice."""

    def script(span: Span, options: AsrOptions) -> str:
        if span.start != 30.0:
            return SAYING
        return "Thanks for watching!" if options.prompt else ""

    audio = np.ones(80 * 16_000, dtype=np.float32)
    audio[29 * 16_000 : 51 * 16_000] = 0.0
    found, _ = reviewed(script, audio=audio, witness=FakeDetector())
    assert text_of(found, 1) == ""
    assert found.suspects == ()


def test_missing_words_are_noticed() -> None:
    """Twenty seconds of speech without a word are not passed over in silence."""
    found, _ = reviewed(only_at(30.0, ""))
    assert [suspect.reasons for suspect in found.suspects] == [("coverage",)]


def test_hopeless_recordings_are_not_heard_for_ever() -> None:
    """After eight blocks that gain nothing the rest is only marked."""
    speech = [Span(30.0 * i, 30.0 * i + 20.0) for i in range(40)]
    recognizer = Scripted(always(LOOP))
    audio = np.ones(16_000, dtype=np.float32)
    options = AsrOptions()
    recognition = recognizer.recognize(audio, speech, options)
    reviewer = Reviewer(
        recognizer=recognizer, audio=audio, speech=speech, options=options, guards=tuple(GUARDS)
    )
    found = reviewer.review(recognition, list(recognition.words))
    assert [len(asked) for asked, _ in recognizer.asked] == [40, 8, 8]
    assert len(found.suspects) == 40


@pytest.mark.parametrize("guards", [(), ("coverage", "language")])
def test_each_guard_can_be_switched_off(guards: tuple[str, ...]) -> None:
    """Without the guards against loops a loop is what was said."""
    found, recognizer = reviewed(always(LOOP), guards=guards)
    assert found.suspects == ()
    assert len(recognizer.asked) == 1


def test_a_runtime_that_fails_at_the_second_try_costs_nothing() -> None:
    """What was recognized stays, and the document says why it was not heard again."""

    def script(span: Span, options: AsrOptions) -> str:
        if not options.prompt:
            raise EngineFailedError("Out of {what}.", what="memory")
        return LOOP

    found, _ = reviewed(script)
    assert len(found.suspects) == 3
    assert [notice.code for notice in found.notices] == ["words.not_heard_again", "words.suspect"]
    assert "Out of memory." in found.notices[0].text


def test_a_caller_may_stop_while_blocks_are_heard_again() -> None:
    """The exception passes as it was raised."""

    def cancel(fraction: float) -> None:
        raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        reviewed(always(LOOP), on_progress=cancel)


def test_blocks_of_an_earlier_run_are_looked_over_too() -> None:
    """An engine that goes on half-way tells only the blocks it heard itself."""
    recognizer = Scripted(only_at(0.0, LOOP))
    audio = np.ones(16_000, dtype=np.float32)
    words = list(recognizer.recognize(audio, SPEECH, AsrOptions()).words)
    told = Recognition(iter(()), "en", blocks=BLOCKS[1:])
    reviewer = Reviewer(
        recognizer=recognizer,
        audio=audio,
        speech=SPEECH,
        options=AsrOptions(heard_until_s=20.0),
        guards=tuple(GUARDS),
    )
    found = reviewer.review(told, words)
    assert [suspect.span for suspect in found.suspects] == [Span(0.0, 19.98)]
    assert recognizer.asked[-1][1].heard_until_s == 0.0


@given(
    st.lists(st.sampled_from([LOOP, SAYING, "", "да"]), min_size=3, max_size=3),
    st.lists(st.sampled_from([LOOP, SAYING, "", "да"]), min_size=3, max_size=3),
)
def test_words_stay_in_order_and_whole_blocks_are_chosen(
    first: list[str], later: list[str]
) -> None:
    """Each block holds what one of the tries said; suspect parts are in order and disjoint."""

    def script(span: Span, options: AsrOptions) -> str:
        return (first if options.prompt else later)[int(span.start // 30)]

    found, _ = reviewed(script)
    starts = [word.span.start for word in found.words]
    assert starts == sorted(starts)
    for block in range(3):
        assert text_of(found, block).split() in (first[block].split(), later[block].split())
    edges = [edge for part in found.suspects for edge in (part.span.start, part.span.end)]
    assert edges == sorted(edges)


@pytest.mark.e2e
def test_a_real_decoder_that_loops_is_caught(tmp_path: Path) -> None:
    """Whisper's architecture with weights that say one token for ever: marked, and all kept."""
    folder = write_random_whisper(tmp_path, size="tiny-looping", seed=0)
    recognizer = FasterWhisperRecognizer(folder, n_threads=1)
    noise = np.random.default_rng(1).standard_normal(4 * 16_000).astype(np.float32) * 0.1
    options = AsrOptions(language="ru")
    recognition = recognizer.recognize(noise, [Span(0.0, 3.5)], options)
    reviewer = Reviewer(
        recognizer=recognizer,
        audio=noise,
        speech=[Span(0.0, 3.5)],
        options=options,
        guards=("repetition", "compression"),
    )
    found = reviewer.review(recognition, list(recognition.words))
    assert [suspect.reasons for suspect in found.suspects] == [("repetition", "compression")]
    assert len(found.words) > 50
