"""Text that goes round in circles."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from math import sqrt
from typing import Final

from stenograf.guards.passage import Passage, plain_words

MAX_PERIOD_WORDS: Final = 30
MAX_PERIOD_CHARACTERS: Final = 6
LETTERS_PER_WORD: Final = 4
"""A stretched vowel of four letters counts as one word that comes back."""


def loops(passage: Passage) -> float:
    """How much comes back at once: (n - 1) * sqrt(length) of the worst run of n equal parts.

    A part is one word or several in a row, or, inside a word, one to six letters. The root weighs
    a sentence that comes three times like a word that comes seven times.
    """
    words = plain_words(passage.words)
    spoken = [text for text, _ in words if not text.isdigit()]
    inside = (_worst_run(text, MAX_PERIOD_CHARACTERS) for text in set(spoken))
    return max(
        _worst_run([text for text, _ in words], MAX_PERIOD_WORDS),
        max(inside, default=0.0) / LETTERS_PER_WORD,
    )


def _worst_run(items: Sequence[str], max_period: int) -> float:
    worst = 0.0
    for period in range(1, min(max_period, len(items) // 2) + 1):
        longest = run = 0
        for before, item in zip(items, items[period:], strict=False):
            run = run + 1 if before == item else 0
            longest = max(longest, run)
        worst = max(worst, longest // period * sqrt(period))
    return worst


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
