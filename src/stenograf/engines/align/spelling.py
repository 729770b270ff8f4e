"""Words as the symbols of a CTC model."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from stenograf.engines.align.viterbi import ANYTHING, Silence

SPOKEN_MARKS: Final = frozenset("%&@#§")
"""Punctuation by Unicode, words by mouth; symbols such as $ and + are spoken anyway."""

APOSTROPHES: Final = dict.fromkeys(map(ord, "’‘ʼ`´"), "'")


@dataclass(frozen=True, slots=True)
class Alphabet:
    """Characters by symbol of a model, and its two kinds of silence."""

    symbols: Mapping[str, int]
    silence: Silence

    def spell(self, word: str) -> list[int]:
        """The symbols of a word; a run of characters without one is a single ANYTHING.

        Accents are dropped where only the bare letter is known, the case is the model's. What
        nobody speaks, such as a comma, has no symbol: the list may be empty.

        >>> Alphabet({"A": 3, "B": 4}, Silence(0)).spell("ab 7%, á!")
        [3, 4, -1, 3]
        """
        symbols: list[int] = []
        for character in word.translate(APOSTROPHES):
            found = self._symbol(character)
            if found is not None and (found != ANYTHING or symbols[-1:] != [ANYTHING]):
                symbols.append(found)
        return symbols

    def _symbol(self, character: str) -> int | None:
        bare = unicodedata.normalize("NFKD", character)[:1]
        for form in (character, character.upper(), character.lower(), bare.upper(), bare.lower()):
            if form in self.symbols:
                return self.symbols[form]
        return ANYTHING if is_spoken(character) else None


def is_spoken(character: str) -> bool:
    """Whether a character stands for sounds: letters, digits, and signs with a name."""
    return (
        character.isalnum()
        or character in SPOKEN_MARKS
        or unicodedata.category(character).startswith("S")
    )


@dataclass(frozen=True, slots=True)
class Spelling:
    """The symbols of a text and the word that each belongs to."""

    symbols: list[int]
    owners: list[int]

    @property
    def begins_word(self) -> list[bool]:
        """Whether a symbol is the first of its word."""
        return [i == 0 or owner != self.owners[i - 1] for i, owner in enumerate(self.owners)]

    @property
    def known(self) -> float:
        """The share of symbols that are more than ANYTHING; 0.0 of nothing."""
        return sum(s != ANYTHING for s in self.symbols) / max(1, len(self.symbols))


def spell_all(words: Sequence[str], alphabet: Alphabet) -> Spelling:
    """One text out of many words."""
    pairs = list(_pairs(words, alphabet))
    return Spelling([symbol for symbol, _ in pairs], [owner for _, owner in pairs])


def _pairs(words: Sequence[str], alphabet: Alphabet) -> Iterator[tuple[int, int]]:
    for i, word in enumerate(words):
        for symbol in alphabet.spell(word):
            yield symbol, i
