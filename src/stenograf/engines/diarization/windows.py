"""Where speaker embeddings are taken: short windows over speech, counted in 10 ms frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from stenograf.audio.features import FRAMES_PER_SECOND
from stenograf.core.span import Span, union

WINDOW_FRAMES = 160  # 1.6 s, what the GE2E encoder was trained on
HOP_FRAMES = 40  # 0.4 s: 0.2 s was no more accurate on made meetings
STEP_FRAMES = 10  # 0.1 s


class Grid(NamedTuple):
    """Frames of a window, and from one window to the next."""

    length: int
    hop: int

    @property
    def step_frames(self) -> int:
        """Frames of a step on which turns may change."""
        return min(STEP_FRAMES, self.hop)


GRIDS: Final = (
    Grid(WINDOW_FRAMES, HOP_FRAMES),
    Grid(80, 20),
    Grid(40, 10),
    Grid(10, 5),
    Grid(1, 1),
)
"""From the usual one to the finest."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Speech without a pause: frames [start, end), and exactly when it starts and ends."""

    start: int
    end: int
    span: Span

    @property
    def n_frames(self) -> int:
        """Length in 10 ms frames, at least 1."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Window:
    """Frames [start, end) of one stretch."""

    start: int
    end: int
    stretch: int


def stretches(speech: Sequence[Span], duration: float) -> list[Stretch]:
    """Speech inside [0, duration], with touching spans joined and empty ones left out.

    >>> [s.n_frames for s in stretches([Span(0.0, 1.0), Span(1.0, 1.5), Span(3.0, 9.0)], 4.0)]
    [150, 100]
    """
    whole = Span(0.0, duration)
    found = []
    for span in union(span.clamp(whole) for span in speech):
        if span.duration > 0.0:
            start = int(span.start * FRAMES_PER_SECOND)
            end = max(start + 1, round(span.end * FRAMES_PER_SECOND))
            found.append(Stretch(start, end, span))
    return found


def place_windows(parts: Sequence[Stretch], at_least: int) -> tuple[list[Window], Grid]:
    """Windows in time order, and the grid they lie on: the first one that has `at_least` of them.

    Windows last 1.6 s, one every 0.4 s, all shorter where `at_least` needs it. One window per
    10 ms frame is the finest; there are never more.
    """
    for grid in GRIDS:
        windows = windows_on(grid, parts)
        if len(windows) >= at_least or grid is GRIDS[-1]:
            break
    return windows, grid


def windows_on(grid: Grid, parts: Sequence[Stretch]) -> list[Window]:
    """Windows of one grid in time order; each stretch's last one ends with it."""
    return [window for i, part in enumerate(parts) for window in _over(part, i, *grid)]


def _over(part: Stretch, index: int, length: int, hop: int) -> Iterator[Window]:
    last = part.end - length
    for start in range(part.start, last, hop):
        yield Window(start, start + length, index)
    yield Window(max(part.start, last), part.end, index)
