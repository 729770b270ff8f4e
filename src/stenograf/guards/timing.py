"""Too many letters for the time, or too much voice for the words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from stenograf.core.span import Span, intersect, total_duration, union
from stenograf.core.transcript import Word
from stenograf.guards.passage import Passage, plain_words

SPARE_S: Final = 0.5  # the margin that engines hear around speech
WIDE_LETTERS: Final = 2.5  # one character of Chinese takes the time of as many letters
NEAR_S: Final = 0.5
LONGEST_WORD_S: Final = 0.4
LONGEST_LETTER_S: Final = 0.12  # both as in attribution.words: twice as slow as careful speech
WORDLESS_WEIGHT: Final = 4.0
"""Seconds of voice in a block without any word count so much more."""

SURE_PROBABILITY: Final = 0.6
"""Mean word probability from which an engine is believed against the detector."""


def characters_per_second(passage: Passage) -> float:
    """Letters and digits per second of speech."""
    said = sum(_letters(text) for text, _ in plain_words(passage.words))
    return said / (passage.duration + SPARE_S)


def _letters(text: str) -> float:
    return sum(WIDE_LETTERS if unicodedata.east_asian_width(c) in "WF" else 1.0 for c in text)


def longest_hole(passage: Passage) -> float:
    """Seconds of voice in the longest stretch without a word nearby.

    Of a word that is stretched over a pause only what can be spoken counts, at either end. Where
    nobody looked for voice, all speech counts as voice. Without any word, seconds count four times.
    """
    voice = passage.speech if passage.voice is None else passage.voice
    heard = list(intersect(passage.speech, voice))
    covered = union(part for word in passage.words for part in _spoken(word))
    longest = max(total_duration(intersect(heard, [gap])) for gap in _gaps(covered))
    return longest if passage.words else longest * WORDLESS_WEIGHT


def _spoken(word: Word) -> Iterator[Span]:
    longest = min(word.span.duration, LONGEST_WORD_S + LONGEST_LETTER_S * len(word.text))
    yield Span(word.span.start - NEAR_S, word.span.start + longest + NEAR_S)
    yield Span(word.span.end - longest - NEAR_S, word.span.end + NEAR_S)


def _gaps(covered: Iterable[Span]) -> Iterator[Span]:
    last = float("-inf")
    for span in covered:
        yield Span(last, max(last, span.start))
        last = span.end
    yield Span(last, float("inf"))


def unvoiced_words(passage: Passage) -> float:
    """Share of the letters that are written where nobody speaks beyond doubt.

    0 where nobody looked for voice, and where the engine is sure of its words.
    """
    words = plain_words(passage.words)
    sure = passage.sureness
    if passage.voice is None or not words or (sure is not None and sure >= SURE_PROBABILITY):
        return 0.0
    near = [Span(span.start - NEAR_S, span.end + NEAR_S) for span in passage.voice]
    alone = sum(len(text) for text, word in words if not any(map(word.span.overlap, near)))
    return alone / sum(len(text) for text, _ in words)
