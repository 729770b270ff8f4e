"""The words of a sentence that tell what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Set
from functools import cache
from typing import Final

from stenograf.minutes.extractive.fillers import FILLERS, KEPT
from stenograf.stems import Token, folded, stem, stems, tokens

ALWAYS: Final = ("ru", "en")
"""Meetings in any language quote English, and ours are often Russian."""


class Vocabulary:
    """Tells words that are about something from all others, and from `names`, given as stems."""

    def __init__(self, languages: Iterable[str | None], names: Set[str] = frozenset()) -> None:
        known = {language for language in languages if language}
        self._empty = frozenset().union(*map(_stop_stems, sorted(known | {*ALWAYS})), names)

    def telling(self, text: str) -> list[Token]:
        """The telling words in order."""
        return [token for token in tokens(text) if self._tells(token.stem)]

    def _tells(self, stem: str) -> bool:
        if stem in self._empty or stem.isnumeric():
            return False
        return len(stem) > 1 or not (stem.isascii() or "Ѐ" <= stem <= "ӿ")


def is_stop_word(word: str) -> bool:
    """Whether a word, as it is written, is a usual one in Russian or English."""
    return any(folded(word) in _listed(language) for language in ALWAYS)


@cache
def _stop_stems(language: str) -> frozenset[str]:
    """Stems of the words of a language that tell nothing; none where no list is known."""
    found = {part for word in _listed(language) | FILLERS for part in stems(word)}
    return frozenset(found - {stem(word) for word in KEPT})


@cache
def _listed(language: str) -> frozenset[str]:
    from stop_words import LANGUAGE_MAPPING, get_stop_words

    listed = get_stop_words(language) if language in LANGUAGE_MAPPING else []
    return frozenset(map(folded, listed))
