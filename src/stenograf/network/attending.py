"""Requests that take minutes, while somebody may want to stop."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from time import monotonic, sleep
from typing import Final, TypeVar

from stenograf.network.requests import Stop

Result = TypeVar("Result")

LOOK_S: Final = 0.25
"""How often `on_wait` is called: a job that is cancelled shall stop within two seconds."""


def attended(work: Callable[[Stop], Result], *, on_wait: Callable[[], object]) -> Result:
    """What `work` gives; meanwhile `on_wait` is called here, and what it raises ends the work.

    `work` runs in another thread and gives its `Stop` to the requests that it makes.
    """
    stop = Stop()
    pool = ThreadPoolExecutor(1, thread_name_prefix="request")
    try:
        doing = pool.submit(work, stop)
        while not wait([doing], LOOK_S).done:
            on_wait()
        return doing.result()
    finally:
        stop.set()
        pool.shutdown(wait=False)


def pause(seconds: float, *, on_wait: Callable[[], object]) -> None:
    """Wait, and call `on_wait` meanwhile, at least once."""
    until = monotonic() + seconds
    on_wait()
    while (left := until - monotonic()) > 0:
        sleep(min(left, LOOK_S))
        on_wait()
