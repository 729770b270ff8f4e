"""The parent's side of one child: its birth, its jobs, its last words and its end."""

from __future__ import annotations

import copy
import os
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from queue import SimpleQueue
from typing import Any, BinaryIO, Final, cast

from stenograf.audio.spool import SpooledWaveform
from stenograf.core.errors import EngineCrashedError, EngineHungError, StenografError
from stenograf.isolation import sound
from stenograf.isolation.child import Upbringing
from stenograf.isolation.endings import ending, with_trace
from stenograf.isolation.memory import kills_for_memory
from stenograf.isolation.vitals import Limits, Vitals
from stenograf.isolation.wire import (
    Advanced,
    Answer,
    Beat,
    Begun,
    Cancel,
    Done,
    Failed,
    Job,
    Loaded,
    LoadFailed,
    OfJob,
    Task,
    read_greeting,
    read_message,
    write_message,
)

BOOT: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1])['path']; "
    "from stenograf.isolation.child import main; main(sys.argv[1])"
)
BEAT_S: Final = 1.0
BEATS_PER_LIMIT: Final = 4
GRACE_S: Final = 1.0
"""What a cancelled job may take to stop by itself; killing is quick, and 2 s are promised."""

LAST_LINES: Final = 40


@dataclass(eq=False, slots=True)
class Ticket:
    """One job as its caller follows it; None in `answers` is the end of the child."""

    number: int
    answers: SimpleQueue[OfJob | None] = field(default_factory=SimpleQueue)
    begun: bool = False
    over: threading.Event = field(default_factory=threading.Event)

    def drop(self) -> None:
        """Close the sound of a result that nobody took."""
        while not self.answers.empty():
            _close_sound(self.answers.get())


@dataclass(frozen=True, slots=True)
class _Letter:
    """A message and open files that go with it, closed when they are sent."""

    message: object
    descriptors: Sequence[int]


class Process:
    """A child with one engine; three threads serve its pipes and end with it."""

    def __init__(self, recipe: bytes, limits: Limits) -> None:
        self.loaded = False
        self.gone = False
        self._verdict: StenografError | None = None
        self._tickets: dict[int, Ticket] = {}
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._kills_before = kills_for_memory()
        self._last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._outbox: SimpleQueue[_Letter | None] = SimpleQueue()
        self._popen, self._lane = _spawn(limits)
        self._vitals = Vitals(limits.hang_s, time.monotonic())
        self._tell(recipe)
        self._remembering = _thread(self._remember)
        self._writing = _thread(self._write)
        self._reading = _thread(self._read)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._popen.pid

    def submit(
        self, task: Task, files: Sequence[sound.OnDisk], arguments: tuple[Any, ...]
    ) -> Ticket:
        """Give a job; what happens to it comes through the ticket, whatever happens here."""
        with self._lock:
            ticket = Ticket(next(self._numbers))
            if self.gone:
                _end(ticket)
                return ticket
            self._tickets[ticket.number] = ticket
            self._vitals.advanced(time.monotonic())
            job = Job(ticket.number, task, sound.describe(files), arguments)
            self._tell(job, sound.duplicates(files) if self._lane else ())
            return ticket

    def leave(self, ticket: Ticket) -> None:
        """Nobody waits for this job any more: within 2 s the child does not work on it either."""
        if not ticket.over.is_set():
            self._tell(Cancel(ticket.number))
            with self._lock:
                is_next = next(iter(self._tickets), None) == ticket.number
            if self.loaded and is_next and not ticket.over.wait(GRACE_S):
                self.close()
        ticket.drop()

    def check(self) -> None:
        """Kill a child that hangs."""
        if not self.gone and self._vitals.hangs(time.monotonic()):
            self._verdict = self._verdict or EngineHungError(
                "The engine gave no sign of life and was stopped."
            )
            self._popen.kill()

    def death(self) -> StenografError:
        """Why it ended, as an error of its own for everybody who asks."""
        error = copy.copy(
            self._verdict or ending(self._popen.returncode, self._output, self._kills_before)
        )
        for note in getattr(self._verdict, "__notes__", ()):
            error.add_note(note)
        return error

    def close(self) -> None:
        """End the child now and everything that belongs to it."""
        self._verdict = self._verdict or EngineCrashedError(
            "The engine's process was ended while it worked."
        )
        self._popen.kill()
        if threading.current_thread() is not self._reading:
            self._reading.join(GRACE_S)

    @property
    def _output(self) -> str:
        return "\n".join(self._last_lines)

    def _tell(self, message: object, descriptors: Sequence[int] = ()) -> None:
        """Have a message written: a child that hangs reads none, and nobody may wait for that."""
        self._outbox.put(_Letter(message, descriptors))

    def _write(self) -> None:
        while (letter := self._outbox.get()) is not None:
            with suppress(OSError, ValueError):  # dead, which the reading thread tells
                write_message(cast("BinaryIO", self._popen.stdin), letter.message)
                if self._lane is not None:
                    sound.send(letter.descriptors, self._lane)
            for descriptor in letter.descriptors:
                os.close(descriptor)

    def _read(self) -> None:
        file = cast("BinaryIO", self._popen.stdout)
        try:
            read_greeting(file)
            while True:
                self._take(read_message(file))
        except (EOFError, OSError):
            pass  # the end, told below
        except Exception as error:  # noqa: BLE001 - unpickling may raise anything
            self._verdict = EngineCrashedError(
                "The engine's process answered with something unreadable: {reason}",
                reason=repr(error),
            )
        finally:
            self._bury()

    def _take(self, answer: Answer) -> None:
        now = time.monotonic()
        if isinstance(answer, Beat):
            self._vitals.beat(now, answer.cpu_s)
        elif isinstance(answer, Loaded):
            self.loaded = True
            self._vitals.advanced(now)
        elif isinstance(answer, LoadFailed):
            self._verdict = with_trace(answer.error, answer.trace)
        elif isinstance(answer, Advanced):
            self._vitals.progress(now, answer.fraction)
            self._hand_over(answer)
        else:
            self._vitals.advanced(now)
            self._hand_over(self._with_sound(answer))

    def _with_sound(self, answer: OfJob) -> OfJob:
        if not isinstance(answer, Done) or not answer.sounds:
            return answer
        sounds = cast("list[SpooledWaveform]", sound.receive(answer.sounds, self._lane))
        return replace(answer, result=sound.Brought(answer.result, tuple(sounds)))

    def _hand_over(self, answer: OfJob) -> None:
        with self._lock:
            ticket = self._tickets.get(answer.number)
            if ticket is None:
                _close_sound(answer)
                return
            if isinstance(answer, Begun):
                ticket.begun = True
            ticket.answers.put(answer)
            if isinstance(answer, Done | Failed):
                del self._tickets[answer.number]
                ticket.over.set()

    def _bury(self) -> None:
        """Wait for the process, free what it held, and tell everybody who still waits."""
        try:
            self._popen.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        self._remembering.join(GRACE_S)  # what it printed last says most
        with self._lock:
            self.gone = True
            tickets, self._tickets = self._tickets, {}
            self._outbox.put(None)
        self._writing.join(GRACE_S)
        for pipe in (self._popen.stdin, self._popen.stdout, self._popen.stderr, self._lane):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        for ticket in tickets.values():
            _end(ticket)

    def _remember(self) -> None:
        """Keep the last lines of what the child prints."""
        with suppress(OSError, ValueError):
            for line in cast("BinaryIO", self._popen.stderr):
                self._last_lines.append(line.decode(errors="replace").rstrip())


def _close_sound(answer: OfJob | None) -> None:
    if isinstance(answer, Done) and isinstance(answer.result, sound.Brought):
        sound.close(answer.result.sounds)


def _end(ticket: Ticket) -> None:
    ticket.over.set()
    ticket.answers.put(None)


def _thread(target: Any) -> threading.Thread:
    thread = threading.Thread(target=target, daemon=True, name="isolation")
    thread.start()
    return thread


def _spawn(limits: Limits) -> tuple[subprocess.Popen[bytes], socket.socket | None]:
    """A fresh interpreter, never a fork: threads and GPUs do not survive one."""
    ours, theirs = socket.socketpair() if sound.BY_DESCRIPTOR else (None, None)
    told = Upbringing(
        path=sys.path,
        beat_s=min(BEAT_S, limits.hang_s / BEATS_PER_LIMIT),
        watchdog_s=2 * limits.hang_s + BEAT_S,
        idle_s=limits.idle_s,
        lane=None if theirs is None else theirs.fileno(),
    )
    try:
        popen = subprocess.Popen(
            [sys.executable, "-c", BOOT, told.to_argument()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=() if theirs is None else (theirs.fileno(),),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        if ours is not None:
            ours.close()
        raise EngineCrashedError(
            "No process can be started for the engine: {reason}", reason=str(error)
        ) from error
    finally:
        if theirs is not None:
            theirs.close()
    return popen, ours
