"""Speech packed into the blocks that a recognizer decodes at once, and the way back in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import numpy as np

from stenograf.core.span import Span, intersect, total_duration, union, widen
from stenograf.core.waveform import Samples, Waveform, duration_s, sample_at

BLOCK_S = 30.0
"""What Whisper hears at once, in seconds."""

BRIDGE_S = 0.5
"""A pause this short is left in: cutting it out would make two words collide."""

MARGIN_S = 0.2
"""Heard before and after each span of speech: soft beginnings and endings of words."""


@dataclass(frozen=True, slots=True)
class Block:
    """Pieces of a recording, sorted and disjoint, played one after another.

    >>> block = Block((Span(10.0, 12.0), Span(20.0, 25.0)))
    >>> block.to_recording(Span(2.5, 3.0))
    Span(start=20.5, end=21.0)
    """

    pieces: tuple[Span, ...]

    @property
    def duration(self) -> float:
        """Length in seconds of what is heard."""
        return total_duration(self.pieces)

    def samples(self, audio: Waveform) -> Samples:
        """The sound of the block, shape (n_samples,)."""
        parts = [audio[sample_at(piece.start) : sample_at(piece.end)] for piece in self.pieces]
        return np.concatenate(parts)

    def to_recording(self, heard: Span) -> Span:
        """The time in the recording of something heard in the block.

        It lies inside the piece that holds its middle: nothing stretches over a cut-out pause.
        """
        offset = 0.0
        for piece in self.pieces[:-1]:
            if heard.middle < offset + piece.duration:
                return heard.shift(piece.start - offset).clamp(piece)
            offset += piece.duration
        last = self.pieces[-1]
        return heard.shift(last.start - offset).clamp(last)


def audible(audio: Waveform, speech: Sequence[Span]) -> list[Span]:
    """What a recognizer should hear: `speech` inside the recording with a margin around it.

    >>> audible(np.zeros(32_000, dtype=np.float32), [Span(0.1, 1.0), Span(1.9, 5.0)])
    [Span(start=0.0, end=1.2), Span(start=1.7, end=2.0)]
    """
    whole = Span(0.0, duration_s(audio))
    return widen(list(intersect(union(speech), [whole])), MARGIN_S, whole)


def pack(
    speech: Sequence[Span], *, max_block_s: float = BLOCK_S, max_gap_s: float = BRIDGE_S
) -> Iterator[Block]:
    """Blocks of at most `max_block_s` that together hold all speech, in order.

    `speech` is sorted and disjoint. A span is cut, evenly, only where it is longer than a block.
    Pauses up to `max_gap_s` are kept when they fit; longer ones are left out.
    """
    pieces: list[Span] = []
    for span in _cut_long(speech, max_block_s):
        bridged = bool(pieces) and span.start - pieces[-1].end <= max_gap_s
        joined = [*pieces[:-1], Span(pieces[-1].start, span.end)] if bridged else [*pieces, span]
        if pieces and total_duration(joined) > max_block_s:
            yield Block(tuple(pieces))
            joined = [span]
        pieces = joined
    if pieces:
        yield Block(tuple(pieces))


def unheard(blocks: Sequence[Block], until_s: float) -> list[Block]:
    """Blocks that hold something after `until_s`, whole.

    >>> unheard([Block((Span(0.0, 5.0),)), Block((Span(5.0, 9.0),))], 5.0)
    [Block(pieces=(Span(start=5.0, end=9.0),))]
    """
    return [block for block in blocks if block.pieces[-1].end > until_s]


def _cut_long(spans: Iterable[Span], longest_s: float) -> Iterator[Span]:
    for span in spans:
        n_parts = ceil(span.duration / longest_s)
        edges = [span.start + span.duration * i / n_parts for i in range(n_parts)]
        for start, end in pairwise([*edges, span.end]):
            yield Span(start, end)
