"""How many workers live on a data folder, whoever started them.

Each process that has workers renews a file of its own every second; the others read these.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self
from uuid import uuid4

TELL_S: Final = 1.0
FRESH_S: Final = 5.0
"""A file that is older belongs to nobody who lives."""

FOLDER: Final = "workers"

log = logging.getLogger(__name__)


class Presence:
    """The count of one process's workers, told to all others on the folder."""

    def __init__(self, folder: Path, n_alive: Callable[[], int]) -> None:
        self._n_alive = n_alive
        # Not the process id: containers on one volume all have the same.
        self._file = folder / FOLDER / f"{uuid4().hex}.count"

    def tell(self) -> None:
        """Write how many live now, and clear away what the dead left."""
        written = self._file.with_suffix(".new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            written.write_text(str(self._n_alive()))
            written.replace(self._file)
            for old in self._file.parent.iterdir():
                if not _is_fresh(old):
                    old.unlink(missing_ok=True)
        except OSError as error:
            log.warning("the number of workers cannot be written: %s", error)

    def n_elsewhere(self) -> int:
        """Workers that other processes told of within the last five seconds."""
        counts = self._file.parent.glob("*.count")
        return sum(_count(each) for each in counts if each != self._file)

    def end(self) -> None:
        """Have none any more."""
        self._file.unlink(missing_ok=True)


class Telling:
    """Keeps a presence told, in a thread, until the block is left."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)

    def __enter__(self) -> Self:
        self._presence.tell()
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._thread.join()
        self._presence.end()

    def _run(self) -> None:
        while not self._ended.wait(TELL_S):
            self._presence.tell()


def _count(file: Path) -> int:
    try:
        return int(file.read_text()) if _is_fresh(file) else 0
    except (OSError, ValueError):  # gone meanwhile, or nobody's
        return 0


def _is_fresh(file: Path) -> bool:
    try:
        return time.time() - file.stat().st_mtime < FRESH_S
    except FileNotFoundError:
        return False
