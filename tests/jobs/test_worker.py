"""A worker at its work, on a real queue."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine
from tests.jobs.conftest import RECORDING

from stenograf.core.errors import (
    CancelledError,
    DatabaseBusyError,
    DiskFullError,
    EngineFailedError,
    NotAudioError,
    StenografError,
)
from stenograf.core.events import Event, NoticeRaised, Progress, WordsReady
from stenograf.core.span import Span
from stenograf.core.transcript import Notice, Word
from stenograf.jobs import Checkpoints, EmbeddedQueue, EmbeddedWorker, Job, NewJob, attempt
from stenograf.jobs import worker as loop
from stenograf.jobs.attempt import Work
from stenograf.jobs.leases import Backoff
from stenograf.jobs.worker import run_worker

OnEvent = Callable[[Event], None]
AT_ONCE = Backoff(first_s=0.0)


@pytest.fixture(autouse=True)
def _quick_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "BEAT_S", 0.02)
    monkeypatch.setattr(loop, "POLL_S", 0.01)


@pytest.fixture
def queue(engine: Engine) -> EmbeddedQueue:
    """The side that submits."""
    return EmbeddedQueue(engine)


@pytest.fixture
def worker(engine: Engine) -> EmbeddedWorker:
    """The side that works, without pauses after failures."""
    return EmbeddedWorker(engine, AT_ONCE)


@contextmanager
def working(worker: EmbeddedWorker, work: Work, *, lease_s: float = 30.0) -> Iterator[None]:
    """A worker in a thread; leaving stops it."""
    stop = threading.Event()
    settings = {"name": "w", "stop": stop, "lease_s": lease_s}
    thread = threading.Thread(target=run_worker, args=(worker, work), kwargs=settings)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def submit(queue: EmbeddedQueue, **wanted: Any) -> Job:
    """A job for the recording that every test has."""
    return queue.submit(NewJob(kind="transcribe", recording_id=RECORDING, **wanted))


def until(queue: EmbeddedQueue, job: Job, status: str) -> Job:
    """The job once it has this status, which it must reach soon."""
    return next(now for now in polled(queue, job) if now.status == status)


def polled(queue: EmbeddedQueue, job: Job) -> Iterator[Job]:
    """The job again and again, for ten seconds at most."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        yield queue.get(job.id)
        time.sleep(0.01)
    pytest.fail(f"still {queue.get(job.id)}")


def busy(job: Job, kept: Checkpoints, on_event: OnEvent) -> Mapping[str, Any]:
    """Work that goes on until somebody stops it."""
    while True:
        on_event(Progress("recognize", 0.25))
        time.sleep(0.005)


def test_a_job_is_done_and_its_result_recorded(
    queue: EmbeddedQueue, worker: EmbeddedWorker
) -> None:
    """The work sees the job, and what it returns becomes the job's result."""

    def work(job: Job, kept: Checkpoints, on_event: OnEvent) -> Mapping[str, Any]:
        return {"options": job.options, "version": 1}

    job = submit(queue, options={"speakers": 2})
    with working(worker, work):
        done = until(queue, job, "done")
    assert done.result == {"options": {"speakers": 2}, "version": 1}


def test_what_the_work_tells_is_told_on(queue: EmbeddedQueue, worker: EmbeddedWorker) -> None:
    """Words in one event, notices in English, of each stage the latest progress."""

    def work(job: Job, kept: Checkpoints, on_event: OnEvent) -> Mapping[str, Any]:
        on_event(NoticeRaised(Notice("audio.cut", "{n} s are missing.", None, {"n": 3})))
        for i in range(100):
            on_event(Progress("recognize", i / 100))
            on_event(WordsReady((Word(Span(i, i + 1), f"w{i}", 0.5),)))
        return {}

    job = submit(queue)
    with working(worker, work):
        until(queue, job, "done")
    told = queue.events(job.id)
    words = [word for event in told if event.kind == "words" for word in event.data["words"]]
    assert [word["text"] for word in words] == [f"w{i}" for i in range(100)]
    assert words[1] == {"start": 1, "end": 2, "text": "w1", "probability": 0.5, "joined": False}
    progress = [event.data for event in told if event.kind == "progress"]
    assert progress[-1] == {"stage": "recognize", "fraction": 0.99}
    assert len(progress) < 20
    notice = {"code": "audio.cut", "message": "3 s are missing.", "hint": None}
    assert [event.data for event in told if event.kind == "notice"] == [notice]


def test_progress_that_does_not_move_is_told_once(
    queue: EmbeddedQueue, worker: EmbeddedWorker
) -> None:
    """An engine that only shows signs of life fills no table."""

    def work(job: Job, kept: Checkpoints, on_event: OnEvent) -> Mapping[str, Any]:
        for _ in range(20):
            on_event(Progress("recognize", 0.5))
            time.sleep(0.01)
        return {}

    job = submit(queue)
    with working(worker, work):
        until(queue, job, "done")
    assert [event.kind for event in queue.events(job.id)].count("progress") == 1


def test_long_work_keeps_its_lease(queue: EmbeddedQueue, worker: EmbeddedWorker) -> None:
    """Work that lasts longer than a lease is not begun a second time."""

    def work(job: Job, kept: Checkpoints, on_event: OnEvent) -> Mapping[str, Any]:
        time.sleep(0.6)
        return {}

    job = submit(queue)
    with working(worker, work, lease_s=0.2), working(worker, work, lease_s=0.2):
        done = until(queue, job, "done")
    assert done.attempt == 1


def test_a_cancelled_job_stops(queue: EmbeddedQueue, worker: EmbeddedWorker) -> None:
    """The work is stopped by what `on_event` raises, and the worker takes the next job."""
    first, second = submit(queue), submit(queue)
    with working(worker, busy):
        until(queue, first, "running")
        queue.cancel(first.id)
        until(queue, first, "cancelled")
        until(queue, second, "running")


def test_a_worker_that_shuts_down_gives_its_job_back(
    queue: EmbeddedQueue, worker: EmbeddedWorker
) -> None:
    """The job waits again, and no attempt is counted."""
    job = submit(queue)
    with working(worker, busy):
        until(queue, job, "running")
    back = queue.get(job.id)
    assert (back.status, back.attempt) == ("queued", 0)


FAILURES: dict[str, tuple[Exception, int, str]] = {
    "transient": (EngineFailedError("No luck."), 3, "engine.failed"),
    "sure to repeat": (NotAudioError("This is a picture."), 1, "audio.not_audio"),
    "a bug": (ZeroDivisionError("oh"), 3, "internal"),
}


@pytest.mark.parametrize(("error", "attempts", "code"), FAILURES.values(), ids=FAILURES)
def test_a_failure_is_recorded(
    queue: EmbeddedQueue, worker: EmbeddedWorker, error: Exception, attempts: int, code: str
) -> None:
    """What may go well the next time is tried again, and the reason is the error's own."""

    def work(job: Job, kept: Checkpoints, on_event: OnEvent) -> Mapping[str, Any]:
        raise error

    job = submit(queue)
    with working(worker, work):
        failed = until(queue, job, "failed")
    assert failed.attempt == attempts
    assert failed.error is not None
    assert failed.error["code"] == code
    assert str(error) in failed.error["message"]


def test_a_worker_whose_job_was_taken_stops_and_records_nothing(
    queue: EmbeddedQueue, worker: EmbeddedWorker
) -> None:
    """When another worker has the job, the first one goes on with the next job."""
    stopped = threading.Event()

    def work(job: Job, kept: Checkpoints, on_event: OnEvent) -> Mapping[str, Any]:
        try:
            return busy(job, kept, on_event)
        finally:
            stopped.set()

    job = submit(queue, max_attempts=1_000_000)
    with working(worker, work):
        until(queue, job, "running")
        worker.vanished("w")
        taken = worker.claim("other", lease_s=60.0)
        while taken is None:  # the first worker got it again before us
            worker.vanished("w")
            taken = worker.claim("other", lease_s=60.0)
        assert stopped.wait(10)
    assert queue.get(job.id).worker == "other"


class Stubborn:
    """A queue whose database refuses some writes at first."""

    def __init__(self, inner: EmbeddedWorker, **refusals: int) -> None:
        self._inner = inner
        self._left = refusals

    def __getattr__(self, name: str) -> Any:
        if self._left.get(name, 0) > 0:
            self._left[name] -= 1
            return self._refuse
        return getattr(self._inner, name)

    def _refuse(self, *arguments: object, **options: object) -> None:
        raise DatabaseBusyError("The database was busy for {waited_s:.0f} s.", waited_s=30)


def test_a_busy_database_loses_nothing(queue: EmbeddedQueue, worker: EmbeddedWorker) -> None:
    """Claim, renewal and record are tried again until the database takes them."""
    refusing: Any = Stubborn(worker, claim=3, renew=3, complete=3)
    job = submit(queue)

    def work(job: Job, kept: Checkpoints, on_event: OnEvent) -> Mapping[str, Any]:
        time.sleep(0.2)
        on_event(Progress("recognize", 1.0))
        return {"version": 1}

    with working(refusing, work):
        done = until(queue, job, "done")
    assert (done.attempt, done.result) == (1, {"version": 1})
    assert set(refusing._left.values()) == {0}


def test_a_full_disk_delays_a_job_and_loses_nothing(
    queue: EmbeddedQueue, worker: EmbeddedWorker
) -> None:
    """A checkpoint that cannot be kept fails the attempt with the reason; the next one is done."""
    disk = {"is_full": True}

    def work(job: Job, kept: Checkpoints, on_event: OnEvent) -> Mapping[str, Any]:
        if disk.pop("is_full", False):
            raise DiskFullError("No room is left on the disk that holds the database.")
        kept.save("speech", b"found")
        return {}

    job = submit(queue)
    with working(worker, work):
        done = until(queue, job, "done")
    assert done.attempt == 1  # counted from the new checkpoint on
    (again,) = [event for event in queue.events(job.id) if event.kind == "retrying"]
    assert again.data["error"]["code"] == "output.disk_full"


def test_a_worker_cut_off_from_its_database_stops_working(
    queue: EmbeddedQueue, worker: EmbeddedWorker
) -> None:
    """A lease that cannot be renewed in time counts as lost: somebody else may have the job."""
    refusing: Any = Stubborn(worker, renew=1_000_000)
    stopped = threading.Event()

    def work(job: Job, kept: Checkpoints, on_event: OnEvent) -> Mapping[str, Any]:
        try:
            return busy(job, kept, on_event)
        finally:
            stopped.set()

    submit(queue)
    with working(refusing, work, lease_s=0.1):
        assert stopped.wait(10)


def test_an_unasked_stop_is_a_failed_attempt(queue: EmbeddedQueue, worker: EmbeddedWorker) -> None:
    """Work that stops although nobody asked is tried again, but not for ever."""

    def work(job: Job, kept: Checkpoints, on_event: OnEvent) -> Mapping[str, Any]:
        raise CancelledError("Stopped.")

    job = submit(queue)
    with working(worker, work):
        failed = until(queue, job, "failed")
    assert failed.error is not None
    assert failed.error["code"] == "cancelled"


def test_errors_are_transient_or_not_as_a_whole_room() -> None:
    """Bad input and bad requests are never tried again."""
    assert not issubclass(NotAudioError, attempt.TRANSIENT)
    assert not issubclass(StenografError, attempt.TRANSIENT)
