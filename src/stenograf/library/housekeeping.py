"""What a server does beside its requests: old things go, and what crashes left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from typing import Final

from stenograf.core.errors import LibraryError, OutputError
from stenograf.library.library import Library

EVERY_S: Final = 3600.0


def keep_house(
    library: Library,
    stop: Event,
    *,
    retention_s: float | None = None,
    also: Sequence[Callable[[], object]] = (),
    every_s: float = EVERY_S,
) -> None:
    """At once and then hourly until `stop` is set: retention by age, `also`, and the sweep.

    Several processes may do it at the same time. A database that is busy, or a full disk, leaves
    the work to the next round.
    """
    chores: list[Callable[[], object]] = [*also, library.sweep]
    if retention_s is not None:
        chores.insert(0, lambda: library.delete_older_than(retention_s))
    while not stop.is_set():
        for chore in chores:
            try:
                chore()
            except (LibraryError, OutputError):
                continue
        stop.wait(every_s)
