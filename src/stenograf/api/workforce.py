"""Workers beside the server: of several servers on one library, one has them.

The one that holds the lock starts the workers and writes every second how many live; the others
read that, and take over when it is gone.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path
from typing import Final, Protocol, Self

from filelock import FileLock, Timeout

LOOK_S: Final = 1.0
FRESH_S: Final = 5.0

log = logging.getLogger(__name__)


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
    """The workers of one data folder, whichever server has them."""

    def __init__(self, workers: Workers, folder: Path) -> None:
        self._workers = workers
        self._lock = FileLock(folder / "workers.lock", thread_local=False)
        self._count = folder / "workers.count"
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
            self._count.unlink(missing_ok=True)
            self._lock.release()

    def n_alive(self) -> int:
        """Workers that live, here or beside another server."""
        if self._lock.is_locked:
            return self._workers.n_alive
        try:
            fresh = time.time() - self._count.stat().st_mtime < FRESH_S
            return int(self._count.read_text()) if fresh else 0
        except (OSError, ValueError):
            return 0

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_S):
            if self._lock.is_locked:
                self._tell()
            else:
                self._take_over()

    def _take_over(self) -> None:
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            return
        self._workers.start()
        self._tell()

    def _tell(self) -> None:
        told = self._count.with_suffix(f".{os.getpid()}")
        try:
            told.write_text(str(self._workers.n_alive))
            told.replace(self._count)
        except OSError as error:
            log.warning("the number of workers cannot be written: %s", error)
