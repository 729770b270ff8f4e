"""What the blocks of a meeting gave, as one: topics that go on are united and get their place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby, zip_longest

from stenograf.core.span import Span
from stenograf.minutes.document import Item, Task, Topic
from stenograf.minutes.written.grounding import Draft


def united(drafts: Sequence[Draft], goes_on: Collection[int]) -> list[Draft]:
    """Topics in order, each one whose index is in `goes_on` as part of the one before it."""
    found: list[list[Draft]] = []
    for index, draft in enumerate(drafts):
        if index in goes_on and found:
            found[-1].append(draft)
        else:
            found.append([draft])
    return [_one(parts) for parts in found]


def placed(drafts: Iterable[Draft], *, max_points: int) -> tuple[Topic, ...]:
    """Topics in order of time that do not overlap; two that begin with the same words are one.

    Each lasts until the next begins, or until its own last source ends if that is earlier. Its
    `max_points` most important points are in order of time.
    """
    ordered = sorted(drafts, key=_start)
    topics = [_one(list(same)) for _, same in groupby(ordered, key=_start)]
    ends = [*map(_start, topics), float("inf")][1:]
    return tuple(
        Topic(
            topic.title,
            Span(_start(topic), max(_start(topic), min(_end(topic), end))),
            in_order(topic.points[:max_points]),
        )
        for topic, end in zip(topics, ends, strict=True)
    )


def in_order(items: Iterable[Item]) -> tuple[Item, ...]:
    """Statements by what they rest on first."""
    return tuple(sorted(items, key=_said_at))


def tasks_in_order(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """Tasks by what they rest on first."""
    return tuple(sorted(tasks, key=_said_at))


def _one(parts: Sequence[Draft]) -> Draft:
    """One topic by the first title; the most important points of each part come first."""
    ranks = zip_longest(*(part.points for part in parts))
    points = (point for rank in ranks for point in rank if point is not None)
    return Draft(parts[0].title, tuple(dict.fromkeys(points)))


def _said_at(item: Item | Task) -> float:
    return item.sources[0].span.start


def _spans(draft: Draft) -> Iterator[Span]:
    return (source.span for point in draft.points for source in point.sources)


def _start(draft: Draft) -> float:
    return min(span.start for span in _spans(draft))


def _end(draft: Draft) -> float:
    return max(span.end for span in _spans(draft))
