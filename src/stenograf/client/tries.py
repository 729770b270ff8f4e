"""How often and after which pauses the Python client asks a server again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from stenograf.core.errors import StenografError

TRIES: Final = 5
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 60.0
"""What a server may ask for with Retry-After; who wants us to wait longer is asked again."""


class Tries:
    """Numbers of tries of one request, from 1; iterating pauses between them.

    A pause is twice the one before, or what the server asked for where that is longer.
    """

    def __init__(self) -> None:
        self._n_made = 0
        self._asked_s = 0.0

    def __iter__(self) -> Iterator[int]:
        while self._n_made < TRIES:
            if self._n_made:
                time.sleep(max(FIRST_PAUSE_S * 2 ** (self._n_made - 1), self._asked_s))
            self._n_made += 1
            self._asked_s = 0.0
            yield self._n_made

    def failed(self, error: StenografError) -> None:
        """Note why this one failed; raises it where it was the last."""
        if self._n_made >= TRIES:
            raise error
        asked_s = error.details.get("retry_after_s", 0.0)
        self._asked_s = min(float(asked_s), LONGEST_PAUSE_S)

    def got_further(self) -> None:
        """Count from the beginning: what fails from here on is another failure."""
        self._n_made = 0
