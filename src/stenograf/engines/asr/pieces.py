"""Tokens with times, put together into words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stenograf.engines.asr.heard import UNSPACED, Heard

HALF = "\ufffd"  # stands for a part of a character
LONGEST_S = 1.4
"""No word is taken to last longer where only beginnings are known, in seconds: openai/whisper's own
bound, twice a median of at most 0.7 s (timing.py, add_word_timestamps)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One token: its bytes in UTF-8 with the space it carries, when it began, how sure it is."""

    text: bytes
    start: float
    probability: float


def to_heard(
    pieces: Sequence[Piece], language: str | None, end_s: float, *, tail_s: float = LONGEST_S
) -> list[Heard]:
    """Words, each ending where the next begins but at most `tail_s` after its last token began.

    A word begins with a space; where a language writes none, with each whole character. Spaces
    and punctuation have no time of their own beside letters. `end_s` is where the sound ends.
    """
    groups = _by_character(pieces) if language in UNSPACED else _by_space(pieces)
    spoken = [_spoken(group) for group in groups]
    ends = [*(group[0].start for group in spoken[1:]), end_s]
    return [
        Heard(
            sounds[0].start,
            max(sounds[0].start, min(end, sounds[-1].start + tail_s)),
            _text(group),
            sum(piece.probability for piece in sounds) / len(sounds),
        )
        for group, sounds, end in zip(groups, spoken, ends, strict=False)
    ]


def _spoken(group: list[Piece]) -> list[Piece]:
    """The tokens that are heard: those with a letter, a digit or a part of one."""
    heard = [piece for piece in group if any(c.isalnum() or c == HALF for c in _text([piece]))]
    return heard or group


def _by_space(pieces: Iterable[Piece]) -> list[list[Piece]]:
    groups: list[list[Piece]] = []
    for piece in pieces:
        if groups and (not piece.text.startswith(b" ") or groups[-1][-1].text == b" "):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return groups


def _by_character(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Tokens may hold parts of a character; those that make it whole belong together."""
    groups: list[list[Piece]] = []
    whole = True
    for piece in pieces:
        if whole:
            groups.append([piece])
        else:
            groups[-1].append(piece)
        whole = HALF not in _text(groups[-1])
    return groups


def _text(group: Sequence[Piece]) -> str:
    return b"".join(piece.text for piece in group).decode("utf-8", "replace")
