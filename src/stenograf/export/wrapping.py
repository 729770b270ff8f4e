"""Words into at most two balanced lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from stenograf.core.transcript import Word
from stenograf.export.plain import one_line

MAX_LINE_UNITS: Final = 42
MAX_WIDE_CHARACTERS: Final = 16
WIDE_UNITS: Final = MAX_LINE_UNITS / MAX_WIDE_CHARACTERS

_PAUSES: Final = tuple(".!?…,;:—–。！？、，；：،؟")
_PAUSE_GAIN: Final = 12.0  # units of imbalance that a break after punctuation is worth
_INVISIBLE: Final = frozenset({"Mn", "Me", "Cf"})
_NO_LINE_START: Final = "、。，．！？；：」』）】〕》〉ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々…"


@dataclass(frozen=True, slots=True)
class Atom:
    """Text that stays on one line; `spaced` where a space separates it from the one before."""

    text: str
    start: float
    end: float
    spaced: bool = True


def units(text: str) -> float:
    """Room that text takes, in narrow characters; full-width ones take 42/16 of it."""
    return sum(_width(character) for character in text)


def _width(character: str) -> float:
    if character.isascii():
        return 1.0
    if unicodedata.category(character) in _INVISIBLE:
        return 0.0
    return WIDE_UNITS if unicodedata.east_asian_width(character) in "WF" else 1.0


def atoms_of(words: Iterable[Word]) -> list[Atom]:
    """Words as unbreakable pieces: joined ones together, except between full-width characters.

    What alone is longer than a line is cut, its time shared out evenly.
    """
    glued: list[Atom] = []
    for word in words:
        text = one_line(word.text)
        if not text:
            continue
        start, end = word.span.start, word.span.end
        if glued and word.joined and not _breakable(glued[-1].text[-1], text[0]):
            last = glued.pop()
            glued.append(Atom(last.text + text, last.start, max(last.end, end), last.spaced))
        else:
            glued.append(Atom(text, start, end, spaced=not word.joined))
    return [part for atom in glued for part in _cut(atom)]


def _breakable(before: str, after: str) -> bool:
    """Whether a line may end between two characters that no space separates."""
    wide = unicodedata.east_asian_width(before) in "WF" or (
        unicodedata.east_asian_width(after) in "WF"
    )
    return wide and after not in _NO_LINE_START and not unicodedata.combining(after)


def _cut(atom: Atom) -> Iterator[Atom]:
    """The atom, or its parts where it is longer than a line."""
    parts = list(_spaced_parts(atom.text))
    step = (atom.end - atom.start) / max(1, len(parts))
    for index, (text, spaced) in enumerate(parts):
        start = atom.start + index * step
        last = index + 1 == len(parts)
        yield Atom(
            text,
            start,
            atom.end if last else max(start, min(atom.end, start + step)),
            atom.spaced if index == 0 else spaced,
        )


def _spaced_parts(text: str) -> Iterator[tuple[str, bool]]:
    """Parts of at most a line, cut at spaces first, and whether a space precedes each."""
    if units(text) <= MAX_LINE_UNITS:
        yield text, True
        return
    for word in text.split():
        spaced, part, width = True, "", 0.0
        for character in word:
            wide = _width(character)
            if width + wide > MAX_LINE_UNITS:
                yield part, spaced
                spaced, part, width = False, "", 0.0
            part, width = part + character, width + wide
        yield part, spaced


def joined_text(atoms: Sequence[Atom]) -> str:
    """Atoms as one line."""
    return "".join(f" {a.text}" if a.spaced else a.text for a in atoms).strip()


def fitting(atoms: Iterable[Atom]) -> int:
    """How many of the first atoms two lines hold: filling the first line first holds the most."""
    count, n_lines, width = 0, 1, 0.0
    for atom in atoms:
        room = units(atom.text)
        spaced = width + room + (1.0 if atom.spaced and count else 0.0)
        if spaced <= MAX_LINE_UNITS:
            width = spaced
        elif n_lines == 1:
            n_lines, width = 2, room
        else:
            break
        count += 1
    return count


def wrapped(atoms: Sequence[Atom]) -> list[str]:
    """One line if it holds the atoms, else two: balanced, broken after punctuation if possible."""
    text = joined_text(atoms)
    index = None if units(text) <= MAX_LINE_UNITS else _break(atoms)
    if index is None:
        return [text]
    return [joined_text(atoms[:index]), joined_text(atoms[index:])]


def _break(atoms: Sequence[Atom]) -> int | None:
    """Where the second line begins; None when no place leaves two lines that fit."""
    total = units(joined_text(atoms))
    best, least = None, float("inf")
    first = 0.0
    for index in range(1, len(atoms)):
        before, after = atoms[index - 1], atoms[index]
        first += units(before.text) + (1.0 if before.spaced and index > 1 else 0.0)
        second = total - first - (1.0 if after.spaced else 0.0)
        if max(first, second) > MAX_LINE_UNITS:
            continue
        cost = abs(first - second) - _PAUSE_GAIN * before.text.endswith(_PAUSES)
        if cost < least:
            best, least = index, cost
    return best
