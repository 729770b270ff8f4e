"""Work that runs side by side."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from stenograf.engines.diarization.side_by_side import side_by_side


def test_results_keep_the_order_of_the_items() -> None:
    """Though later items are done first."""

    def work(item: int) -> int:
        time.sleep(0.004 * (5 - item))
        return item * item

    assert list(side_by_side(work, range(5), n_workers=3)) == [0, 1, 4, 9, 16]


def test_items_run_at_the_same_time() -> None:
    """Two items that wait for each other both get through."""
    both = threading.Barrier(2, timeout=5.0)
    assert sorted(side_by_side(lambda _: both.wait(), range(2), n_workers=2)) == [0, 1]


def test_items_are_drawn_as_they_are_needed() -> None:
    """A day of sound is not read ahead: no more than one item per worker and one more."""
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for item in range(100):
            drawn.append(item)
            yield item

    results = side_by_side(lambda item: item, items(), n_workers=2)
    assert [next(results), next(results)] == [0, 1]
    assert len(drawn) == 4


def test_an_error_ends_the_work() -> None:
    """It comes out where its result would have, and nothing new is begun."""
    begun: list[int] = []

    def work(item: int) -> float:
        begun.append(item)
        return 1 / (item - 1)

    with pytest.raises(ZeroDivisionError):
        list(side_by_side(work, range(100), n_workers=2))
    assert len(begun) <= 4
