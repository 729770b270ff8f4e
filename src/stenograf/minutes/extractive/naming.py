"""People's names in what was said, whatever form they stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stenograf.core.transcript import Transcript
from stenograf.export.plain import labels
from stenograf.minutes.extractive.cues import NAME
from stenograf.minutes.extractive.first_names import full_name, short_forms
from stenograf.minutes.extractive.vocabulary import is_stop_word
from stenograf.stems import Token, tokens

SHORTEST: Final = 3  # letters of a name: initials name nobody

_SAME_LENGTH: Final = str.maketrans({"ё": "е", "Ё": "Е", "’": "'", NAME: " "})


@dataclass(frozen=True, slots=True)
class Masked:
    """A text as cues read it, letter by letter as long as the original.

    `named` gives who is meant by the name that begins at a letter, None for a name that several
    have: the label of a participant, or the first name of somebody else.
    """

    text: str
    named: Mapping[int, str | None]

    def label(self, start: int, end: int) -> str | None:
        """The first one who is named for sure between two letters."""
        inside = (self.named[place] for place in sorted(self.named) if start <= place < end)
        return next((label for label in inside if label), None)


def names(transcript: Transcript) -> dict[str, str | None]:
    """Labels by the stem of each part of a participant's name, and of what short forms it has.

    None stands for a name that several have.
    """
    shown = labels(transcript)
    found: dict[str, set[str]] = {}
    for speaker in transcript.speakers:
        for token in tokens(speaker.name or ""):
            if token.end - token.start >= SHORTEST and not token.stem.isdigit():
                for form in {token.stem, *short_forms(token.stem)}:
                    found.setdefault(form, set()).add(shown[speaker.id])
    return {
        stem: next(iter(owners)) if len(owners) == 1 else None for stem, owners in found.items()
    }


def masked(text: str, known: Mapping[str, str | None]) -> Masked:
    """The text with the letters of names replaced by `NAME`.

    Known are participants' names; of others, usual first names where they are written as such.

    >>> masked("Анне надо", {"ан": "Анна"}).named
    {0: 'Анна'}
    """
    plain = text.translate(_SAME_LENGTH)
    named: dict[int, str | None] = {}
    letters = list(plain)
    capitals = any(letter.isupper() for letter in plain)
    for token in tokens(plain):
        capital = plain[token.start].isupper()
        label = known.get(token.stem, full_name(token.stem) if capital else None)
        if (token.stem in known or label) and _may_name(plain, token, capitals=capitals):
            named[token.start] = label
            letters[token.start : token.end] = NAME * (token.end - token.start)
    return Masked("".join(letters), named)


def _may_name(text: str, token: Token, *, capitals: bool) -> bool:
    """Whether a word that reads like a name is one: «или» is not Илья, nor "will" Will.

    In a text with capital letters names have one, and a usual word has none inside a sentence.
    """
    said = text[token.start : token.end]
    capital = said[:1].isupper()
    if not capital and capitals:
        return False
    opens = not any(map(str.isalnum, text[: token.start]))
    return (capital and not opens) or not is_stop_word(said)
