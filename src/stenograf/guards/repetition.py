"""Text that goes round in circles."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from math import sqrt
from typing import Final

from stenograf.core.span import Span
from stenograf.guards.passage import Passage, extent, plain_words

MAX_PERIOD_WORDS: Final = 30
MAX_PERIOD_CHARACTERS: Final = 6
LETTERS_PER_WORD: Final = 4
"""A stretched vowel of four letters counts as one word that comes back."""

CLEAR_LOOP: Final = 2.0
"""From here on a loop is why a text can be compressed."""


def loops(passage: Passage) -> float:
    """How much comes back at once: (n - 1) * sqrt(length) of the worst run of n equal parts.

    A part is one word or several in a row, or, inside a word, one to six letters. The root weighs
    a sentence that comes three times like a word that comes seven times.
    """
    return _worst_loop(passage)[0]


def loop_span(passage: Passage) -> Span:
    """From the first to the last word of the worst loop."""
    return _worst_loop(passage)[1]


def compression(passage: Passage) -> float:
    """How many times shorter the text is when compressed.

    As openai/whisper's `compression_ratio`, but letters count one byte each, whatever their
    script: in UTF-8 any Cyrillic text would look more repetitive than any Latin one.
    """
    text = " ".join(text for text, _ in plain_words(passage.words))
    if not text:
        return 0.0
    alphabet = {letter: index % 256 for index, letter in enumerate(dict.fromkeys(text))}
    data = bytes(alphabet[letter] for letter in text)
    return len(data) / len(zlib.compress(data, level=9))


def compressed_span(passage: Passage) -> Span:
    """The loop that explains it, else the whole passage."""
    value, span = _worst_loop(passage)
    return span if value >= CLEAR_LOOP else passage.span


def _worst_loop(passage: Passage) -> tuple[float, Span]:
    words = plain_words(passage.words)
    value, first, end = _worst_run([text for text, _ in words], MAX_PERIOD_WORDS)
    for index, (text, _) in enumerate(words):
        if not text.isdigit():
            inside = _worst_run(text, MAX_PERIOD_CHARACTERS)[0] / LETTERS_PER_WORD
            if inside > value:
                value, first, end = inside, index, index + 1
    if not end:
        return 0.0, passage.span
    return value, extent([word for _, word in words[first:end]])


def _worst_run(items: Sequence[str], max_period: int) -> tuple[float, int, int]:
    """The value of the worst run, and its first item and the one behind its last."""
    worst = (0.0, 0, 0)
    for period in range(1, min(max_period, len(items) // 2) + 1):
        run = 0
        for i, (before, item) in enumerate(zip(items, items[period:], strict=False)):
            run = run + 1 if before == item else 0
            value = run // period * sqrt(period)
            if value > worst[0]:
                worst = (value, i - run + 1, i + period + 1)
    return worst
