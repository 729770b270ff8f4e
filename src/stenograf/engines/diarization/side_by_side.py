"""Parts of a recording worked on at once: one core each is faster than all cores on each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_WORKERS: Final = 4  # each holds the layers of its part, up to 150 MB


def workers_of(n_threads: int) -> tuple[int, int]:
    """How many parts are worked on at once, and by how many threads each.

    >>> workers_of(1), workers_of(2), workers_of(16)
    ((1, 1), (2, 1), (4, 4))
    """
    n_workers = max(1, min(n_threads, MAX_WORKERS))
    return n_workers, max(1, n_threads // n_workers)


def side_by_side(
    work: Callable[[Item], Result], items: Iterable[Item], *, n_workers: int
) -> Iterator[Result]:
    """Results in the order of the items, made by threads while the caller uses those before.

    Items are drawn in the caller's thread, no more than `n_workers` ahead of the results taken.
    """
    with ThreadPoolExecutor(n_workers, thread_name_prefix="diarize") as pool:
        begun: deque[Future[Result]] = deque()
        try:
            for item in items:
                begun.append(pool.submit(work, item))
                if len(begun) > n_workers:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for future in begun:
                future.cancel()
