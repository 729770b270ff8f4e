"""Who has the floor when several people talk at once."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from stenograf.core.span import Span
from stenograf.core.transcript import Transcript, Turn


@dataclass(frozen=True, slots=True)
class Piece:
    """Time during which one turn has the floor and `n_speakers` people talk, itself included."""

    span: Span
    turn: Turn
    n_speakers: int


def exclusive_turns(turns: Iterable[Turn]) -> list[Turn]:
    """Turns without overlap, covering the same time, in order.

    Whoever began first keeps the floor until their turn ends, then it goes to the one of those
    still talking who began first; of two who begin together the longer turn wins, then the smaller
    id. This is "one party at a time, the current speaker finishes" of Sacks, Schegloff and
    Jefferson, "A simplest systematics for the organization of turn-taking", Language 50, 1974.
    Turns without duration vanish.

    >>> [(t.span.start, t.span.end, t.speaker) for t in exclusive_turns(
    ...     [Turn(Span(0, 4), "A"), Turn(Span(3, 6), "B")])]
    [(0, 4, 'A'), (4, 6, 'B')]
    """
    exclusive: list[tuple[Turn, Span]] = []
    for piece in floor(turns):
        if exclusive:
            turn, span = exclusive[-1]
            if turn is piece.turn and span.end == piece.span.start:
                exclusive[-1] = (turn, Span(span.start, piece.span.end))
                continue
        exclusive.append((piece.turn, piece.span))
    return [replace(turn, span=span) for turn, span in exclusive]


def exclusive(transcript: Transcript) -> Transcript:
    """The document with turns that never overlap; words, speakers and their ids stay.

    A speaker who never has the floor keeps their place among the speakers, without turns.
    """
    return replace(transcript, turns=tuple(exclusive_turns(transcript.turns)))


def floor(turns: Iterable[Turn]) -> Iterator[Piece]:
    """Disjoint pieces in order, covering the same time as the turns; O(n log n)."""
    coming = [turn for turn in turns if turn.span.duration > 0]
    coming.sort(key=lambda turn: (turn.span.start, -turn.span.end, turn.speaker))
    instants = sorted({edge for turn in coming for edge in (turn.span.start, turn.span.end)})
    waiting: list[tuple[int, Turn]] = []  # who may take the floor: smallest rank first
    ends: list[tuple[float, int, str]] = []
    talking: Counter[str] = Counter()
    rank = 0
    for start, end in pairwise(instants):
        while rank < len(coming) and coming[rank].span.start <= start:
            turn = coming[rank]
            heapq.heappush(waiting, (rank, turn))
            heapq.heappush(ends, (turn.span.end, rank, turn.speaker))
            talking[turn.speaker] += 1
            rank += 1
        while ends and ends[0][0] <= start:
            _leave(talking, heapq.heappop(ends)[2])
        while waiting and waiting[0][1].span.end <= start:
            heapq.heappop(waiting)
        if waiting:
            yield Piece(Span(start, end), waiting[0][1], len(talking))


def _leave(talking: Counter[str], speaker: str) -> None:
    talking[speaker] -= 1
    if not talking[speaker]:
        del talking[speaker]
