"""How two spellings of the same words are made equal before they are compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass
from typing import Final

_APOSTROPHES: Final = str.maketrans("\u2019\u02bc\uff07", "'''")
_YO: Final = str.maketrans("ёЁ", "еЕ")
_APOSTROPHE_INSIDE: Final = re.compile(r"(?<=\w)'(?=\w)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRules:
    """Which differences between words do not count.

    `fold_case` ignores upper and lower case; `drop_punctuation` turns punctuation and symbols
    into spaces, except an apostrophe between letters; `fold_yo` reads the Russian ё as е.

    >>> TextRules().words("Don't — всё, кто-то!")
    ["don't", 'все', 'кто', 'то']
    """

    fold_case: bool = True
    drop_punctuation: bool = True
    fold_yo: bool = True

    def words(self, text: str) -> list[str]:
        """The words to compare, in order."""
        text = unicodedata.normalize("NFC", text)
        if self.fold_case:
            text = text.lower()
        if self.fold_yo:
            text = text.translate(_YO)
        if self.drop_punctuation:
            text = _drop_punctuation(text)
        return text.split()

    def to_dict(self) -> dict[str, bool]:
        """Plain data for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        parts = [
            "lower case" if self.fold_case else "",
            "no punctuation" if self.drop_punctuation else "",
            "ё as е" if self.fold_yo else "",
        ]
        return ", ".join(filter(None, parts)) or "as written"


AS_WRITTEN: Final = TextRules(fold_case=False, drop_punctuation=False, fold_yo=False)
"""Every difference counts except white space and Unicode normal form."""


def _drop_punctuation(text: str) -> str:
    inside = {match.start() for match in _APOSTROPHE_INSIDE.finditer(text.translate(_APOSTROPHES))}
    characters = text.translate(_APOSTROPHES)
    return "".join(
        character if index in inside or unicodedata.category(character)[0] not in "PS" else " "
        for index, character in enumerate(characters)
    )
