"""How many requests of a kind are served at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from stenograf.core.errors import BusyError

RETRY_AFTER_S: Final = 10


class Room:
    """Places for requests; used from the event loop only, so a number is enough.

    `full` makes the refusal from the number of places.
    """

    def __init__(self, places: int, full: Callable[[int], BusyError]) -> None:
        self._places = places
        self._full = full
        self._taken = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """One place for as long as the block runs. Raises BusyError when there is none."""
        if self._taken >= self._places:
            raise self._full(self._places)
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1


def no_more_recordings(n: int) -> BusyError:
    """Refuses a request with a recording."""
    return BusyError(
        "{n} recordings are being received, which is the limit.", n=n, retry_after_s=RETRY_AFTER_S
    )


def no_more_streams(n: int) -> BusyError:
    """Refuses somebody who wants to watch."""
    return BusyError(
        "{n} streams of events are open, which is the limit.", n=n, retry_after_s=RETRY_AFTER_S
    )


def no_more_minutes(n: int) -> BusyError:
    """Refuses somebody who wants minutes made at once."""
    return BusyError(
        "{n} requests wait for minutes, which is the limit.", n=n, retry_after_s=RETRY_AFTER_S
    )
