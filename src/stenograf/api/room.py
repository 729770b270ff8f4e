"""How many requests with a recording are served at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from stenograf.core.errors import BusyError

RETRY_AFTER_S: Final = 10


class Room:
    """Places for requests; used from the event loop only, so a number is enough."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._taken = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """One place for as long as the block runs. Raises BusyError when there is none."""
        if self._taken >= self._places:
            raise BusyError(
                "{n} recordings are being received, which is the limit.",
                n=self._places,
                retry_after_s=RETRY_AFTER_S,
            )
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
