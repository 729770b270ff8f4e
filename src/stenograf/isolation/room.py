"""One engine in a child that comes when there is work, and comes again when it died."""

from __future__ import annotations

import pickle
import threading
import weakref
from collections.abc import Generator, Sequence
from queue import Empty
from typing import Any, Final

from stenograf.core.errors import EngineCrashedError, OptionError
from stenograf.core.ports import OnProgress, ignore_progress
from stenograf.core.waveform import Waveform
from stenograf.isolation.endings import with_trace
from stenograf.isolation.process import Process, Ticket
from stenograf.isolation.recipe import Recipe
from stenograf.isolation.sound import Blob, OnDisk, on_disk
from stenograf.isolation.vitals import Limits
from stenograf.isolation.wire import Advanced, Done, Failed, Found, Heard, Task

TICK_S: Final = 0.25
"""How often a caller is asked whether to go on while the child is silent."""

ATTEMPTS: Final = 3
"""A child may end as its job arrives (idle for too long, another caller's cancel); not for ever."""

Heralds = Generator[Heard | Found, None, Any]


class Room:
    """Jobs for one engine from any thread; the child does them one after another."""

    def __init__(self, recipe: Recipe[object], limits: Limits) -> None:
        self._seat = _Seat(recipe, limits)
        weakref.finalize(self, self._seat.clear)

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        process = self._seat.process
        return None if process is None or process.gone else process.pid

    def load(self, *, on_progress: OnProgress = ignore_progress) -> None:
        """Have the engine ready; raises what building it raises."""
        self.result("load", (), (), on_progress)

    def start(self) -> None:
        """Begin to load and do not wait: the next job, or `load`, will."""
        self._seat.taken()

    def close(self) -> None:
        """End the child; the next job starts another."""
        self._seat.clear()

    def change(self, recipe: Recipe[object]) -> None:
        """Another engine from the next job on."""
        self._seat.clear(recipe)

    def result(
        self,
        task: Task,
        sounds: Sequence[Waveform | Blob],
        arguments: tuple[Any, ...],
        on_progress: OnProgress,
    ) -> Any:
        """What the engine's method returns."""
        work = self.work(task, sounds, arguments, on_progress)
        while True:
            try:
                next(work)
            except StopIteration as end:
                return end.value

    def work(
        self,
        task: Task,
        sounds: Sequence[Waveform | Blob],
        arguments: tuple[Any, ...],
        on_progress: OnProgress,
    ) -> Heralds:
        """Do a job: yields what is heard on the way and returns the result.

        Closing the generator cancels the job. Raises the engine's error, EngineCrashedError,
        EngineOutOfMemoryError or EngineHungError, DiskFullError, or what `on_progress` raises.
        """
        with on_disk(sounds) as files:
            for _ in range(ATTEMPTS):
                try:
                    return (yield from self._attempt(task, files, arguments, on_progress))
                except _NeverBegunError:
                    continue
        raise EngineCrashedError("The engine's process ends before it begins to work.")

    def _attempt(
        self,
        task: Task,
        files: Sequence[OnDisk],
        arguments: tuple[Any, ...],
        on_progress: OnProgress,
    ) -> Heralds:
        process = self._seat.taken()
        ticket = process.submit(task, files, arguments)
        try:
            return (yield from _follow(process, ticket, on_progress))
        finally:
            process.leave(ticket)


class _NeverBegunError(Exception):
    """The child ended before it came to this job."""


class _Seat:
    """The child of a room, apart from it so that the room's end can be noticed."""

    def __init__(self, recipe: Recipe[object], limits: Limits) -> None:
        self.recipe = recipe
        self.process: Process | None = None
        self._limits = limits
        self._lock = threading.Lock()

    def taken(self) -> Process:
        """The child, a new one where there is none."""
        with self._lock:
            if self.process is None or self.process.gone:
                self.process = Process(_pickled(self.recipe), self._limits)
            return self.process

    def clear(self, recipe: Recipe[object] | None = None) -> None:
        """End the child; the next one is made by `recipe`, where given."""
        with self._lock:
            process, self.process = self.process, None
            self.recipe = recipe or self.recipe
        if process is not None:
            process.close()


def _follow(process: Process, ticket: Ticket, on_progress: OnProgress) -> Heralds:
    fraction = 0.0
    while True:
        try:
            answer = ticket.answers.get(timeout=TICK_S)
        except Empty:
            process.check()
            on_progress(fraction)
            continue
        if answer is None:
            if process.loaded and not ticket.begun:
                raise _NeverBegunError
            raise process.death()
        if isinstance(answer, Done):
            return answer.result
        if isinstance(answer, Failed):
            raise with_trace(answer.error, answer.trace)
        if isinstance(answer, Heard | Found):
            yield answer
        elif isinstance(answer, Advanced):
            fraction = answer.fraction
            on_progress(fraction)


def _pickled(recipe: Recipe[object]) -> bytes:
    try:
        return pickle.dumps(recipe)
    except Exception as error:
        raise OptionError(
            "This engine cannot run in a process of its own: {reason}", reason=str(error)
        ) from error
