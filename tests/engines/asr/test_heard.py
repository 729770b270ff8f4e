"""From what a decoder heard to words of the document, without a model."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stenograf.core.span import Span
from stenograf.core.transcript import Word, join_words
from stenograf.engines.asr.faster_whisper import _heard
from stenograf.engines.asr.heard import Heard, to_words
from stenograf.engines.asr.packing import Block
from stenograf.engines.asr.whisper_words import is_silence

BLOCK = Block((Span(100.0, 102.0), Span(110.0, 118.0)))


def written(*words: tuple[str, float, float], language: str = "en") -> list[Word]:
    heard = [Heard(start, end, text, 0.5) for text, start, end in words]
    return list(to_words(heard, BLOCK, language, 0.0))


def test_times_count_from_the_block_and_land_in_the_recording() -> None:
    """What is heard behind a cut-out pause lies behind it in the recording."""
    spans = [word.span for word in written((" one", 0.5, 1.0), (" two", 3.0, 4.0))]
    assert spans == [Span(100.5, 101.0), Span(111.0, 112.0)]


def test_faster_whisper_counts_batches_from_thirty_seconds() -> None:
    """Block three of a batch starts at 60 s on faster-whisper's clock."""
    word = SimpleNamespace(word=" one", start=60.5, end=61.0, probability=0.5)
    segment = SimpleNamespace(words=[word], seek=6000, no_speech_prob=0.25)
    assert _heard(segment) == [Heard(0.5, 1.0, " one", 0.5, 0.25)]


def test_words_carry_how_probably_nobody_spoke_and_are_the_same_words() -> None:
    """Evidence for guards, in [0, 1]; it tells no two words apart."""
    heard = [Heard(0.0, 1.0, " one", 0.5, 0.25), Heard(1.0, 2.0, " two", 0.5, 1.5)]
    words = list(to_words(heard, BLOCK, "en", 0.0))
    assert [word.no_speech for word in words] == [0.25, 1.0]
    assert words == [replace(word, no_speech=None) for word in words]


@pytest.mark.parametrize(
    ("language", "parts", "text"),
    [
        ("en", [" Well,", " twenty", "-five"], "Well, twenty-five"),
        ("en", ["Well,", " no"], "Well, no"),
        ("zh", ["你", "好", "。"], "你好。"),
        ("ru", [" да", "...", " нет"], "да... нет"),
    ],
)
def test_spaces_follow_the_tokens(language: str, parts: list[str], text: str) -> None:
    """Whisper writes a space as part of the word; the document as a flag."""
    words = written(*((part, 0.1, 0.2) for part in parts), language=language)
    assert join_words(words) == text
    assert all(word.text == word.text.strip() for word in words)


def test_a_block_begins_a_new_word_where_spaces_are_written() -> None:
    """Only scripts without spaces are joined to the block before."""
    assert not written(("Well", 0.0, 1.0))[0].joined
    assert written(("你", 0.0, 1.0), language="zh")[0].joined


def test_halves_of_characters_and_empty_words_are_dropped() -> None:
    """What is left of a cut token is nothing a reader can use."""
    assert [w.text for w in written((" \ufffd", 0, 1), (" ", 0, 1), (" ok\ufffd", 0, 1))] == ["ok"]


@given(
    st.lists(st.tuples(st.just(" w"), st.floats(-5, 40), st.floats(-5, 40)), max_size=20),
    st.floats(100.0, 118.0),
)
def test_words_stay_in_order_inside_the_speech(
    parts: list[tuple[str, float, float]], earliest: float
) -> None:
    """Whatever times the model invents."""
    words = list(to_words([Heard(s, e, t) for t, s, e in parts], BLOCK, "en", earliest))
    starts = [word.span.start for word in words]
    assert starts == sorted(starts)
    assert all(100.0 <= word.span.start <= word.span.end <= 118.0 for word in words)
    assert all(start >= earliest for start in starts)


@pytest.mark.parametrize(
    ("no_speech", "log_probability", "silent"),
    [(0.9, -1.5, True), (0.9, -0.3, False), (0.1, -1.5, False)],
)
def test_silence_needs_both_signs(no_speech: float, log_probability: float, silent: bool) -> None:
    """Doubt alone or a suspicion alone keeps the words."""
    heard = SimpleNamespace(no_speech_prob=no_speech, avg_logprob=log_probability)
    assert is_silence(heard) is silent
