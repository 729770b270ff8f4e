"""Workers beside the server: of several servers on one library, one has them.

The one that holds the lock starts the workers and tells how many live; the others read that, and
take over when it is gone. Workers that were started on their own (`stenograf worker`) count too.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Final, Protocol, Self

from filelock import FileLock, Timeout

from stenograf.jobs.presence import Presence

LOOK_S: Final = 1.0
KNOWN_S: Final = 0.2
"""How long a count of others' workers is believed: every `/health` asks, and files are read."""


class Workers(Protocol):
    """What starts, counts and ends worker processes."""

    @property
    def n_alive(self) -> int:
        """Processes that live now."""
        ...

    def start(self) -> None:
        """Begin them."""
        ...

    def stop(self) -> None:
        """End them."""
        ...


class Workforce:
    """The workers of one data folder, whoever has them."""

    def __init__(self, workers: Workers, folder: Path) -> None:
        self._workers = workers
        self._lock = FileLock(folder / "workers.lock", thread_local=False)
        self._presence = Presence(folder, lambda: workers.n_alive)
        self._elsewhere, self._known_until = 0, 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="workforce", daemon=True)

    def __enter__(self) -> Self:
        self._take_over()
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._thread.join()
        if self._lock.is_locked:
            self._workers.stop()
            self._presence.end()
            self._lock.release()

    def n_alive(self) -> int:
        """Workers that live: here, beside another server, or on their own."""
        here = self._workers.n_alive if self._lock.is_locked else 0
        if time.monotonic() >= self._known_until:
            self._elsewhere = self._presence.n_elsewhere()
            self._known_until = time.monotonic() + KNOWN_S
        return here + self._elsewhere

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_S):
            if self._lock.is_locked:
                self._presence.tell()
            else:
                self._take_over()

    def _take_over(self) -> None:
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            return
        self._workers.start()
        self._presence.tell()
