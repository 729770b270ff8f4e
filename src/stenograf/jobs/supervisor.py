"""Worker processes: started, watched, begun again when they die, and ended."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self
from uuid import uuid4

from stenograf.core.errors import StenografError
from stenograf.jobs.port import Queue, Worker

LOOK_S: Final = 0.2
"""How often the supervisor looks at its processes and at what was cancelled."""

CANCEL_S: Final = 1.2
"""How long a cancelled job may take to stop before its process is killed.

With the look before it and the end of the process after it this stays under two seconds.
"""

STOP_S: Final = 10.0
"""How long workers may take to give their jobs back at shutdown."""

HEALTHY_S: Final = 60.0
"""A process that lived this long is begun again at once."""

LONGEST_PAUSE_S: Final = 30.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Place:
    """Room for one process; `process` is None while there is a pause after a death."""

    name: str = ""
    process: subprocess.Popen[bytes] | None = None
    begun_at: float = 0.0
    begin_at: float = 0.0
    n_deaths: int = 0  # in a row, each soon after the start


@dataclass(slots=True)
class Supervisor:
    """Keeps `n_workers` processes of `command` at work, from `start` to `stop`.

    A process gets the name of its worker as the last argument and a pipe as standard input, which
    ends when the supervisor does, however that happens. It stops at SIGTERM.
    """

    command: Sequence[str]
    queue: Queue
    worker: Worker
    n_workers: int = 1
    environ: Mapping[str, str] | None = None
    _places: list[Place] = field(default_factory=list)
    _cancelled_at: dict[str, float] = field(default_factory=dict)  # by job, as first seen
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def n_alive(self) -> int:
        """Processes that live now."""
        return sum(_lives(place) for place in self._places)

    @property
    def pids(self) -> list[int]:
        """Their process ids."""
        return [place.process.pid for place in self._places if place.process and _lives(place)]

    def start(self) -> None:
        """Begin the processes and watch them in a thread."""
        self._stopped.clear()
        self._places = [Place() for _ in range(self.n_workers)]
        for place in self._places:
            self._begin(place)
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Have jobs given back and processes ended; those that do not end in time are killed."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        for place in self._places:
            if place.process is not None:
                place.process.terminate()
        deadline = time.monotonic() + STOP_S
        for place in self._places:
            if place.process is not None:
                _wait(place.process, max(0.0, deadline - time.monotonic()))
                self._bury(place, counts=False)

    def _watch(self) -> None:
        while not self._stopped.wait(LOOK_S):
            for place in self._places:
                self._see_to(place)
            try:
                self._enforce_cancels()
            except StenografError as error:
                log.warning("cancelled jobs cannot be seen: %s", error)

    def _see_to(self, place: Place) -> None:
        if place.process is None:
            if time.monotonic() >= place.begin_at:
                self._begin(place)
        elif not _lives(place):
            log.warning("worker %s ended with status %s", place.name, place.process.returncode)
            _kill(place.process)  # the engines that it left behind
            self._bury(place, counts=True, pause_s=_pause_s(place))

    def _begin(self, place: Place) -> None:
        place.name = f"{socket.gethostname()[:60]}:{uuid4().hex[:12]}"
        place.begun_at = time.monotonic()
        place.process = subprocess.Popen(
            [*self.command, place.name],
            stdin=subprocess.PIPE,
            env=None if self.environ is None else dict(self.environ),
            start_new_session=True,  # killed together with the engines it started
        )

    def _enforce_cancels(self) -> None:
        """Kill processes whose cancelled job does not stop; nothing else frees its memory."""
        now = time.monotonic()
        asked = {
            job.id: job.worker for job in self.queue.list(status="running") if job.cancel_requested
        }
        self._cancelled_at = {job: self._cancelled_at.get(job, now) for job in asked}
        late = {asked[job] for job, at in self._cancelled_at.items() if now - at >= CANCEL_S}
        for place in self._places:
            if place.process is not None and place.name in late:
                log.info("worker %s did not stop its job and is killed", place.name)
                _kill(place.process)
                self._bury(place, counts=True)

    def _bury(self, place: Place, *, counts: bool, pause_s: float = 0.0) -> None:
        """Free the job of a dead process, and its place after a pause."""
        try:
            self.worker.vanished(place.name, counts=counts)
        except StenografError as error:  # then the lease ends by itself
            log.warning("the job of worker %s is not free yet: %s", place.name, error)
        if place.process is not None and place.process.stdin is not None:
            place.process.stdin.close()
        place.process = None
        place.begin_at = time.monotonic() + pause_s


def _lives(place: Place) -> bool:
    return place.process is not None and place.process.poll() is None


def _pause_s(place: Place) -> float:
    """The pause doubles with each death soon after the start."""
    if time.monotonic() - place.begun_at >= HEALTHY_S:
        place.n_deaths = 0
        return 0.0
    place.n_deaths += 1
    return min(LONGEST_PAUSE_S, LOOK_S * 2.0 ** (place.n_deaths - 1))


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and all it started."""
    if os.name == "posix":
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            log.debug("process %s had ended already", process.pid)
    else:
        process.kill()
    process.wait()


def _wait(process: subprocess.Popen[bytes], patience_s: float) -> None:
    """Until the process ends, by force where it takes too long."""
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        _kill(process)
