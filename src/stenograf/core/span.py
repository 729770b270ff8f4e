"""Time intervals on a recording's own clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open interval [start, end) in seconds.

    Raises ValueError when it would run backwards or hold a NaN: that is a bug in the caller.

    >>> Span(0.0, 2.0).overlap(Span(1.5, 4.0))
    0.5
    """

    start: float
    end: float

    def __post_init__(self) -> None:
        if not self.start <= self.end:
            raise ValueError(f"span runs from {self.start} to {self.end}")

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start

    @property
    def middle(self) -> float:
        """The instant halfway between start and end."""
        return (self.start + self.end) / 2

    def overlap(self, other: Span) -> float:
        """Seconds that both intervals cover; 0.0 when they only touch."""
        return max(0.0, min(self.end, other.end) - max(self.start, other.start))

    def gap(self, other: Span) -> float:
        """Seconds of empty time between two intervals; 0.0 when they touch or overlap.

        >>> Span(0.0, 1.0).gap(Span(3.0, 4.0))
        2.0
        """
        return max(0.0, max(self.start, other.start) - min(self.end, other.end))

    def clamp(self, bounds: Span) -> Span:
        """The part inside `bounds`; an empty span at the nearer edge when nothing is inside.

        >>> Span(-1.0, 5.0).clamp(Span(0.0, 2.0))
        Span(start=0.0, end=2.0)
        """
        start = min(max(self.start, bounds.start), bounds.end)
        return Span(start, min(max(self.end, start), bounds.end))

    def shift(self, seconds: float) -> Span:
        """The same interval, `seconds` later."""
        return Span(self.start + seconds, self.end + seconds)


def union(spans: Iterable[Span], *, max_gap: float = 0.0) -> list[Span]:
    """Sorted, disjoint spans covering the same time; holes up to `max_gap` seconds are closed.

    >>> union([Span(2.0, 3.0), Span(0.0, 1.0), Span(0.5, 1.5)])
    [Span(start=0.0, end=1.5), Span(start=2.0, end=3.0)]
    """
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start - merged[-1].end <= max_gap:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def widen(spans: Sequence[Span], seconds: float, within: Span) -> list[Span]:
    """Each of sorted, disjoint spans longer by `seconds` at both ends, still disjoint.

    Neighbours share a gap too short for both; nothing reaches out of `within`.

    >>> widen([Span(0.1, 1.0), Span(1.1, 2.0)], 0.25, Span(0.0, 3.0))
    [Span(start=0.0, end=1.05), Span(start=1.05, end=2.25)]
    """
    starts = [span.start for span in spans]
    ends = [span.end for span in spans]
    for i, span in enumerate(spans):
        before = span.start - spans[i - 1].end if i > 0 else 2 * seconds
        after = spans[i + 1].start - span.end if i + 1 < len(spans) else 2 * seconds
        starts[i] = max(within.start, span.start - min(seconds, before / 2))
        ends[i] = min(within.end, span.end + min(seconds, after / 2))
    for i in range(1, len(spans)):
        # Half a gap from both sides may cross by a rounding error.
        starts[i] = max(starts[i], ends[i - 1])
    return [Span(start, max(start, end)) for start, end in zip(starts, ends, strict=True)]


def intersect(left: Iterable[Span], right: Iterable[Span]) -> Iterator[Span]:
    """The time covered by both of two sorted, disjoint lists, in order, without empty spans.

    >>> list(intersect([Span(0, 4)], [Span(1, 2), Span(3, 6)]))
    [Span(start=1, end=2), Span(start=3, end=4)]
    """
    lefts, rights = list(left), list(right)
    i = j = 0
    while i < len(lefts) and j < len(rights):
        start = max(lefts[i].start, rights[j].start)
        end = min(lefts[i].end, rights[j].end)
        if start < end:
            yield Span(start, end)
        if lefts[i].end < rights[j].end:
            i += 1
        else:
            j += 1


def total_duration(spans: Iterable[Span]) -> float:
    """Sum of lengths in seconds; overlapping time counts once per span."""
    return sum(span.duration for span in spans)
