"""The child: builds one engine and works for its parent until the pipe between them closes."""

from __future__ import annotations

import faulthandler
import json
import os
import pickle
import queue
import signal
import socket
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, BinaryIO, Final, Never, Self

from stenograf.audio.spool import SpooledWaveform
from stenograf.core.errors import CancelledError, EngineFailedError, StenografError
from stenograf.core.ports import OnProgress
from stenograf.core.telemetry import switch_off_telemetry
from stenograf.core.waveform import Waveform
from stenograf.isolation import sound
from stenograf.isolation.memory import ran_out, without_memory
from stenograf.isolation.wire import (
    GREETING,
    Advanced,
    Beat,
    Begun,
    Cancel,
    Done,
    Failed,
    Found,
    Heard,
    Job,
    Loaded,
    LoadFailed,
    read_message,
    write_message,
)

PROGRESS_EVERY_S: Final = 0.05
LEFT_OVER_EVERY_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Upbringing:
    """What the parent tells on the command line; seconds, and the descriptor of the lane.

    `beat_s` lies between two signs of life. After `watchdog_s` in which Python cannot even give
    one, the child ends itself, for the parent may be gone. After `idle_s` without a job it ends.
    """

    path: list[str]
    beat_s: float
    watchdog_s: float
    idle_s: float | None
    lane: int | None

    def to_argument(self) -> str:
        """As one word of the command line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_argument(cls, text: str) -> Self:
        """The other way."""
        return cls(**json.loads(text))


def main(argument: str) -> Never:
    """Serve until the parent is gone, the engine cannot be built, or nothing happens for long."""
    told = Upbringing.from_argument(argument)
    commands, answers = _take_over_standard_streams()
    faulthandler.enable()
    switch_off_telemetry()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who cancels
    lane = None if told.lane is None else socket.socket(fileno=told.lane)
    answers.write(GREETING)
    child = _Child(commands, answers, lane)
    threading.Thread(target=child.beat, args=(told,), daemon=True, name="beat").start()
    child.serve(told.idle_s)
    os._exit(0)  # no clean-up code of a runtime may crash or hang now


def _take_over_standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """The two pipes for ourselves; whatever else is printed goes to standard error."""
    commands, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return commands, answers


class _Child:
    def __init__(self, commands: BinaryIO, answers: BinaryIO, lane: socket.socket | None) -> None:
        self._commands = commands
        self._answers = answers
        self._lane = lane
        self._lock = threading.Lock()
        self._jobs: queue.Queue[tuple[Job, list[Waveform | sound.Blob]]] = queue.Queue()
        self._cancelled: set[int] = set()
        self._n_words = 0

    def serve(self, idle_s: float | None) -> None:
        """Build the engine, then do one job after another."""
        try:
            recipe = read_message(self._commands)
            threading.Thread(target=self._listen, daemon=True, name="listen").start()
            engine = pickle.loads(recipe).make()  # noqa: S301 - our parent's
        except BaseException as error:  # noqa: BLE001 - the door: nothing of it may be lost
            self.tell(LoadFailed(_portable(error), traceback.format_exc()))
            return
        self.tell(Loaded())
        while True:
            try:
                job, sounds = self._jobs.get(timeout=idle_s)
            except queue.Empty:
                return
            self._do(engine, job, sounds)

    def tell(self, answer: object, given: Sequence[SpooledWaveform] = ()) -> None:
        """Send an answer; when nobody is there to read it, there is nothing left to do."""
        try:
            with self._lock:
                write_message(self._answers, answer)
                if self._lane is not None:
                    sound.send([one.file.fileno() for one in given], self._lane)
        except (BrokenPipeError, ConnectionResetError):
            os._exit(0)

    def beat(self, told: Upbringing) -> Never:
        """Signs of life from a thread: they stop when native code keeps Python from running."""
        while True:
            faulthandler.dump_traceback_later(told.watchdog_s, exit=True)
            self.tell(Beat(time.process_time()))
            time.sleep(told.beat_s)

    def _listen(self) -> Never:
        """Take jobs in while one is worked on; the end of the pipe is the end of the parent."""
        try:
            while True:
                message = read_message(self._commands)
                if isinstance(message, Cancel):
                    self._cancelled.add(message.number)
                else:
                    self._jobs.put((message, sound.receive(message.sounds, self._lane)))
        except (EOFError, OSError):
            os._exit(0)

    def _do(self, engine: Any, job: Job, sounds: list[Waveform | sound.Blob]) -> None:
        threads = set(threading.enumerate())
        given: tuple[SpooledWaveform, ...] = ()
        self.tell(Begun(job.number))
        try:
            self._check(job)
            result = self._result(engine, job, sounds)
            if isinstance(result, sound.Brought):
                result, given = result.told, result.sounds
            answer: object = Done(job.number, result, sound.describe(given))
            pickle.dumps(answer)
        except BaseException as error:  # noqa: BLE001 - the door: the parent decides
            sound.close(given)
            given = ()
            answer = Failed(job.number, _portable(error), traceback.format_exc())
        finally:
            sound.close(sounds)
        if job.number in self._cancelled:
            _wait_for_others(threads)
            self._cancelled.discard(job.number)
        self.tell(answer, given)
        sound.close(given)

    def _result(self, engine: Any, job: Job, sounds: Sequence[Any]) -> Any:
        progress = self._progress(job)
        if job.task == "load":
            return None
        if job.task == "recognize":
            return self._recognize(engine, job, sounds, progress)
        if job.task == "diarize_channels":
            return engine.diarize_channels(
                sounds[0], sounds[1:], *job.arguments, on_progress=progress
            )
        return getattr(engine, job.task)(*sounds, *job.arguments, on_progress=progress)

    def _recognize(self, engine: Any, job: Job, sounds: Sequence[Any], progress: OnProgress) -> Any:
        found = engine.recognize(*sounds, *job.arguments, on_progress=progress)
        self.tell(Heard(job.number, replace(found, words=iter(()), notices=())))
        for word in found.words:
            self._check(job)
            self._n_words += 1
            self.tell(Found(job.number, word))
        return tuple(found.notices)

    def _check(self, job: Job) -> None:
        if job.number in self._cancelled:
            raise CancelledError("Stopped.")

    def _progress(self, job: Job) -> OnProgress:
        """Passes on what is new, not too often, and raises once the job is cancelled.

        What comes after words is always passed on: it says that they are a block's last.
        """
        due, n_words = 0.0, 0

        def on_progress(fraction: float) -> None:
            nonlocal due, n_words
            self._check(job)
            if fraction >= 1.0 or self._n_words > n_words or time.monotonic() >= due:
                due, n_words = time.monotonic() + PROGRESS_EVERY_S, self._n_words
                self.tell(Advanced(job.number, fraction))

        return on_progress


def _wait_for_others(before: set[threading.Thread]) -> None:
    """Wait for threads that a cancelled job left in native code; the parent's patience ends it."""
    while any(not thread.daemon for thread in set(threading.enumerate()) - before):
        time.sleep(LEFT_OVER_EVERY_S)


def _portable(error: BaseException) -> StenografError:
    """The error as one of ours that can cross."""
    if isinstance(error, CancelledError):
        return error
    if ran_out(error):
        return without_memory(str(error) or type(error).__name__)
    if isinstance(error, StenografError):
        return _with_plain_details(error)
    return EngineFailedError(
        "The engine failed: {reason}", reason=f"{type(error).__name__}: {error}".rstrip(": ")
    )


def _with_plain_details(error: StenografError) -> StenografError:
    try:
        pickle.dumps(error)
    except Exception:  # noqa: BLE001 - whatever a stranger's __reduce__ raises
        error.details = {name: _plain(value) for name, value in error.details.items()}
    return error


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | None) else repr(value)
