"""Too many letters for the time, or too much voice for the words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from stenograf.core.span import Span, intersect, total_duration, union
from stenograf.core.transcript import Word
from stenograf.guards.passage import Passage, extent, plain_words

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
    longest = total_duration(_worst_hole(passage))
    return longest if passage.words else longest * WORDLESS_WEIGHT


def hole_span(passage: Passage) -> Span:
    """From the first to the last voice in the longest stretch without a word nearby."""
    hole = _worst_hole(passage)
    return Span(hole[0].start, hole[-1].end) if hole else passage.span


def _worst_hole(passage: Passage) -> list[Span]:
    """The voice in it."""
    voice = passage.speech if passage.voice is None else passage.voice
    heard = list(intersect(passage.speech, voice))
    covered = union(part for word in passage.words for part in _spoken(word))
    return max((list(intersect(heard, [gap])) for gap in _gaps(covered)), key=total_duration)


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

    0 where nobody looked for voice, and where the engine is sure of its words, unless it says
    itself that nobody spoke.
    """
    sure = passage.sureness
    alone = sum(len(text) for text, _ in _unvoiced(passage))
    is_sure = sure is not None and sure >= SURE_PROBABILITY and not passage.heard_nobody
    if not alone or is_sure:
        return 0.0
    return alone / sum(len(text) for text, _ in plain_words(passage.words))


def unvoiced_span(passage: Passage) -> Span:
    """From the first to the last word without voice."""
    words = [word for _, word in _unvoiced(passage)]
    return extent(words) if words else passage.span


def _unvoiced(passage: Passage) -> list[tuple[str, Word]]:
    if passage.voice is None:
        return []
    near = [Span(span.start - NEAR_S, span.end + NEAR_S) for span in passage.voice]
    return [
        (text, word)
        for text, word in plain_words(passage.words)
        if not any(map(word.span.overlap, near))
    ]
