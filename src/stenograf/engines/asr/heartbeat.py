"""Long native calls with a caller who can still look on and stop."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from threading import Event
from typing import TypeVar

from stenograf.core.ports import OnProgress

T = TypeVar("T")

BEAT_S = 1.0


def with_heartbeat(work: Callable[[], T], beat: Callable[[], None]) -> T:
    """The result of `work`, done in a thread while `beat` is called about once a second.

    An exception from `beat` passes at once; the native call behind it cannot be interrupted, so
    its thread ends by itself and its result is dropped.
    """
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="recognize")
    try:
        future = pool.submit(work)
        while True:
            try:
                return future.result(timeout=BEAT_S)
            except StillRunning:
                if future.done():  # the work itself raised a TimeoutError
                    raise
                beat()
    finally:
        pool.shutdown(wait=False)


def stopping(on_progress: OnProgress, stop: Event) -> OnProgress:
    """The same, setting `stop` before an exception passes: native code that looks at it ends."""

    def watched(fraction: float) -> None:
        try:
            on_progress(fraction)
        except BaseException:
            stop.set()
            raise

    return watched
