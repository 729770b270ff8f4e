"""Participants' names in what was said, whatever form they stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stenograf.core.transcript import Transcript
from stenograf.export.plain import labels
from stenograf.minutes.cues import NAME
from stenograf.minutes.vocabulary import is_stop_word
from stenograf.stems import Token, tokens

SHORTEST: Final = 3  # letters of a name: initials name nobody

_SAME_LENGTH: Final = str.maketrans({"ё": "е", "Ё": "Е", "’": "'", NAME: " "})


@dataclass(frozen=True, slots=True)
class Masked:
    """A text as cues read it, letter by letter as long as the original.

    `named` gives the label of the participant whose name begins at a letter.
    """

    text: str
    named: Mapping[int, str]

    def label(self, start: int, end: int) -> str | None:
        """The first participant named between two letters."""
        return next((self.named[i] for i in sorted(self.named) if start <= i < end), None)


def names(transcript: Transcript) -> dict[str, str]:
    """Labels by the stem of each part of a participant's name; of namesakes none is meant."""
    shown = labels(transcript)
    found: dict[str, set[str]] = {}
    for speaker in transcript.speakers:
        for token in tokens(speaker.name or ""):
            if token.end - token.start >= SHORTEST and not token.stem.isdigit():
                found.setdefault(token.stem, set()).add(shown[speaker.id])
    return {stem: next(iter(owners)) for stem, owners in found.items() if len(owners) == 1}


def masked(text: str, known: Mapping[str, str]) -> Masked:
    """The text with the letters of known names replaced by `NAME`.

    >>> masked("Анне надо", {"ан": "Анна"}).named
    {0: 'Анна'}
    """
    plain = text.translate(_SAME_LENGTH)
    named: dict[int, str] = {}
    letters = list(plain)
    for token in tokens(plain) if known else ():
        label = known.get(token.stem)
        if label is not None and _may_name(plain, token):
            named[token.start] = label
            letters[token.start : token.end] = NAME * (token.end - token.start)
    return Masked("".join(letters), named)


def _may_name(text: str, token: Token) -> bool:
    """Whether a word that reads like a name is one: «или» is not Илья, nor "will" Will.

    In a text with capital letters names have one, and a usual word has none inside a sentence.
    """
    said = text[token.start : token.end]
    capital = said[:1].isupper()
    if not capital and any(letter.isupper() for letter in text):
        return False
    opens = not any(letter.isalnum() for letter in text[: token.start])
    return (capital and not opens) or not is_stop_word(said)
