"""Speakers numbered by who is heard first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from stenograf.core.transcript import Speaker, Turn, Word, speaker_id


def number_speakers(turns: Iterable[Turn]) -> tuple[tuple[Turn, ...], tuple[Speaker, ...]]:
    """Turns in time order under new ids by first speech (SPEAKER_00, ...), and those speakers.

    Of two who begin together the one with the shorter first turn comes first, then the one with
    the smaller old id.

    >>> from stenograf.core.span import Span
    >>> turns, speakers = number_speakers([Turn(Span(3, 4), "a"), Turn(Span(0, 2), "b")])
    >>> [(turn.span.start, turn.speaker) for turn in turns]
    [(0, 'SPEAKER_00'), (3, 'SPEAKER_01')]
    """
    ordered = sorted(turns, key=lambda turn: (turn.span, turn.speaker))
    ids: dict[str, str] = {}
    for turn in ordered:
        ids.setdefault(turn.speaker, speaker_id(len(ids)))
    renamed = tuple(replace(turn, speaker=ids[turn.speaker]) for turn in ordered)
    return renamed, tuple(Speaker(id) for id in ids.values())


def speakers_heard(words: Iterable[Word], turns: Iterable[Turn]) -> tuple[Speaker, ...]:
    """Every speaker of the words and turns, ids as they are, in order of first speech."""
    heard = [(word.span, word.speaker) for word in words if word.speaker is not None]
    heard += [(turn.span, turn.speaker) for turn in turns]
    return tuple(Speaker(id) for id in dict.fromkeys(id for _, id in sorted(heard)))
