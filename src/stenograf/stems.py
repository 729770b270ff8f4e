"""Words as search and minutes compare them: folded, and cut to the stem that their forms share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

_UNSPACED: Final = "\u0e00-\u0e7f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Thai, Khmer, kana and Chinese put no spaces between words: searched letter by letter."""

_TOKEN: Final = re.compile(f"[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\\W_])+")
_LANGUAGES: Final = (
    (re.compile("[\u0400-\u04ff]+"), "russian"),
    (re.compile("[a-z]+"), "english"),
)


class Token(NamedTuple):
    """One word of a text: its stem, and the characters [start, end) it was written with."""

    stem: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """The words of a text in order."""
    for found in _TOKEN.finditer(text):
        yield Token(stem(found.group()), found.start(), found.end())


def stems(text: str) -> list[str]:
    """The stems of a text's words.

    >>> stems("Ёлки, встречами и meetings!"), stems("встреча meeting 42")
    (['елк', 'встреч', 'и', 'meet'], ['встреч', 'meet', '42'])
    """
    return [token.stem for token in tokens(text)]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem by Snowball's Russian rules for Cyrillic words, its English ones for Latin words.

    The script decides and not the language of the document: a question has no language.
    Rules: https://snowballstem.org/algorithms/
    """
    import snowballstemmer

    plain = folded(word)
    for script, language in _LANGUAGES:
        if script.fullmatch(plain):
            # A stemmer holds the word it works on, so each call has its own.
            return str(snowballstemmer.stemmer(language).stemWord(plain))
    return plain


def folded(text: str) -> str:
    """Text as it is compared: without case, accents of Latin letters, and with е for ё.

    >>> folded("Ёлка Ünïted"), folded("Йод")
    ('елка united', 'йод')
    """
    plain = text.casefold().replace("ё", "е")
    decomposed = unicodedata.normalize("NFKD", plain)
    kept = (
        c
        for place, c in enumerate(decomposed)
        if not (unicodedata.combining(c) and place and _is_latin(decomposed, place))
    )
    return unicodedata.normalize("NFC", "".join(kept))


def _is_latin(text: str, place: int) -> bool:
    """Whether the combining mark at `place` sits on a Latin letter."""
    while place and unicodedata.combining(text[place]):
        place -= 1
    return text[place].isascii()
