"""What one run notices, how long its stages take, and whether it should stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from stenograf.core.errors import CancelledError
from stenograf.core.events import Event, NoticeRaised, Progress, Stage
from stenograf.core.ports import OnProgress
from stenograf.core.transcript import Notice

OnEvent: TypeAlias = Callable[[Event], None]
"""Told what happens, from one thread at a time; may raise CancelledError to stop the work."""


def ignore_event(event: Event) -> None:
    """The default OnEvent: nobody is watching."""


@dataclass(slots=True)
class Watch:
    """Shared by the threads of one run; `timings` are wall-clock seconds by stage."""

    on_event: OnEvent
    notices: list[Notice] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    _started: float = field(default_factory=time.perf_counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def tell(self, event: Event) -> None:
        """Pass an event on, one at a time; raises CancelledError once `stop` was called."""
        if self._stopped.is_set():
            raise CancelledError("Stopped.")
        try:
            with self._lock:
                self.on_event(event)
        except CancelledError:
            self.stop()
            raise

    def note(self, *notices: Notice) -> None:
        """Keep notices for the document and tell them now."""
        for notice in notices:
            self.notices.append(notice)
            self.tell(NoticeRaised(notice))

    @property
    def elapsed_s(self) -> float:
        """Wall-clock seconds since the run began."""
        return round(time.perf_counter() - self._started, 3)

    def stop(self) -> None:
        """Make every other thread of this run end at its next sign of life."""
        self._stopped.set()

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[OnProgress]:
        """Time a stage; yields what its engine calls with the fraction done."""
        started = time.perf_counter()
        self.tell(Progress(stage, 0.0))
        yield lambda fraction: self.tell(Progress(stage, min(max(fraction, 0.0), 1.0)))
        self.timings[stage] = round(time.perf_counter() - started, 3)
        self.tell(Progress(stage, 1.0))
