"""Text in an alphabet that the language does not use."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Final

from stenograf.core.span import Span
from stenograf.guards.passage import Passage, extent

FEW_LETTERS: Final = 8
"""A name or a formula is no change of language."""

SURE_PROBABILITY: Final = 0.7
"""Latin letters are borrowed by every language; from here on they are believed."""

LETTERS_PER_SIGN: Final = 3  # one character of Chinese or Korean is a syllable or a word
_SYLLABIC: Final = frozenset({"CJK", "HANGUL", "HIRAGANA", "KATAKANA"})

_ALPHABETS: Final[dict[str, str]] = {
    "CYRILLIC": "ru uk be bg mk kk ky tg tt mn ba sr",
    "LATIN": "sr",
    "GREEK": "el",
    "ARABIC": "ar fa ur ps sd ug",
    "HEBREW": "he yi",
    "DEVANAGARI": "hi mr ne sa",
    "BENGALI": "bn as",
    "GURMUKHI": "pa",
    "GUJARATI": "gu",
    "TAMIL": "ta",
    "TELUGU": "te",
    "KANNADA": "kn",
    "MALAYALAM": "ml",
    "SINHALA": "si",
    "THAI": "th",
    "LAO": "lo",
    "MYANMAR": "my",
    "TIBETAN": "bo",
    "KHMER": "km",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
    "ETHIOPIC": "am",
    "CJK": "zh yue ja ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
}
"""Unicode's names of scripts and the languages, ISO 639, that write them; all others use Latin."""


def foreign_letters(passage: Passage) -> float:
    """Share of the letters that belong to no alphabet of the languages that may be written.

    0 where any language may be, and for a few letters. Latin ones count only where the engine is
    unsure of its words.
    """
    if not passage.languages:
        return 0.0
    own = _own_scripts(passage)
    counts = Counter(script_of(c) for word in passage.words for c in word.text if c.isalpha())
    weighed = {
        script: n * LETTERS_PER_SIGN if script in _SYLLABIC else n for script, n in counts.items()
    }
    foreign = sum(n for script, n in weighed.items() if script not in own)
    return foreign / sum(weighed.values()) if foreign > FEW_LETTERS else 0.0


def foreign_span(passage: Passage) -> Span:
    """From the first to the last word with a foreign letter."""
    own = _own_scripts(passage)
    words = [
        word
        for word in passage.words
        if any(c.isalpha() and script_of(c) not in own for c in word.text)
    ]
    return extent(words) if words else passage.span


def _own_scripts(passage: Passage) -> frozenset[str]:
    own: frozenset[str] = frozenset().union(*map(scripts_of, passage.languages))
    sure = passage.sureness
    return own | {"LATIN"} if sure is not None and sure >= SURE_PROBABILITY else own


@lru_cache
def scripts_of(language: str) -> frozenset[str]:
    """Unicode's names of the scripts that a language is written in.

    >>> sorted(scripts_of("ja")), sorted(scripts_of("de"))
    (['CJK', 'HIRAGANA', 'KATAKANA'], ['LATIN'])
    """
    found = {script for script, languages in _ALPHABETS.items() if language in languages.split()}
    return frozenset(found or {"LATIN"})


@lru_cache(maxsize=4096)
def script_of(letter: str) -> str:
    """The first word of a letter's Unicode name that names a script.

    >>> script_of("я"), script_of("中"), script_of("Ａ")
    ('CYRILLIC', 'CJK', 'LATIN')
    """
    words = unicodedata.name(letter, "UNKNOWN").split()
    return next((word for word in words if word in _ALPHABETS), words[0])
