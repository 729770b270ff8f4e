"""Children that are killed at random moments, and what that did to their parent."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from stenograf.core.errors import StenografError
from stenograf.isolation import Isolated

SIGNALS: Final = tuple(
    getattr(signal, name)
    for name in ("SIGKILL", "SIGSEGV", "SIGABRT", "SIGBUS", "SIGTERM")
    if hasattr(signal, name)
)
COMPLETE: Final = "complete"
WRONG: Final = "wrong result"
LATE: Final = 1.2
"""Kills come up to this many times the usual length of a job: some meet an idle child."""


@dataclass(slots=True)
class Kills:
    """What came of many jobs, each with one kill at a random moment of it.

    `outcomes` count "complete" (the right result), "wrong result" and codes of errors, `signals`
    the kills that met a child.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    signals: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0

    @property
    def n_hit(self) -> int:
        """Kills that met a child."""
        return sum(self.signals.values())


@dataclass(frozen=True, slots=True)
class Traces:
    """What this process holds: children, descriptors, threads, and what lies among temporary files.

    The folder for these should be its own. Needs the extra `test`.
    """

    n_children: int
    n_files: int
    n_threads: int
    n_temporary: int
    rss_mb: float

    @classmethod
    def now(cls) -> Self:
        """Of this process as it is."""
        import psutil

        me = psutil.Process()
        temporary = Path(tempfile.gettempdir()).iterdir()
        n_files = me.num_fds() if os.name == "posix" else me.num_handles()
        rss_mb = me.memory_info().rss / 1e6
        return cls(len(me.children()), n_files, me.num_threads(), len(list(temporary)), rss_mb)

    @classmethod
    def settled(cls, before: Self, *, within_s: float = 5.0) -> Self:
        """Once no more is held than before, or after waiting: threads end after their children."""
        end = time.monotonic() + within_s
        traces = cls.now()
        while traces.exceeds(before) and time.monotonic() < end:
            time.sleep(0.05)
            traces = cls.now()
        return traces

    def exceeds(self, before: Self) -> bool:
        """Whether anything is left over, memory apart."""
        return (
            self.n_children > before.n_children
            or self.n_files > before.n_files
            or self.n_threads > before.n_threads
            or self.n_temporary > before.n_temporary
        )


def kill_at_random(
    engine: Isolated, job: Callable[[], Any], n_kills: int, *, seed: int = 0
) -> Kills:
    """Do the job until `n_kills` kills have met its child; only StenografError may come of it."""
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    expected, usual_s = job(), _usual_s(engine, job)
    kills = Kills()
    while kills.n_hit < n_kills:
        after_s, chosen = chance.uniform(0.0, LATE * usual_s), chance.choice(SIGNALS)
        killer = threading.Timer(after_s, _kill, (engine, chosen, kills))
        started = time.perf_counter()
        killer.start()
        try:
            outcome = COMPLETE if job() == expected else WRONG
        except StenografError as error:
            outcome = error.code
        kills.slowest_s = max(kills.slowest_s, time.perf_counter() - started)
        killer.join()
        kills.outcomes[outcome] += 1
    return kills


def _usual_s(engine: Isolated, job: Callable[[], Any]) -> float:
    """How long the job takes with its model to be loaded: most children will have died before."""
    engine.close()
    started = time.perf_counter()
    job()
    return time.perf_counter() - started


def _kill(engine: Isolated, chosen: signal.Signals, kills: Kills) -> None:
    pid = engine.pid
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, chosen)
            kills.signals[chosen.name] += 1
