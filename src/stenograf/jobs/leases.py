"""The queue inside the database: the side of those who do the work."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine, and_, delete, or_, select

from stenograf.core.errors import LeaseLostError, StenografError, WorkerLostError
from stenograf.jobs.port import EventKind, Job, Lease
from stenograf.jobs.rows import as_plain, read_job, tell, to_job, write_job
from stenograf.library.database import reading, writing
from stenograf.library.tables import checkpoints, jobs

IDLE: dict[str, Any] = {"worker": None, "lease_until": None}


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long a failed job waits before it is begun again, in seconds.

    The wait doubles from `first_s` up to `longest_s`; a random half of it keeps jobs that failed
    together apart.

    >>> Backoff().wait_s(3, lambda: 1.0)
    20.0
    """

    first_s: float = 5.0
    longest_s: float = 300.0

    def wait_s(self, attempt: int, chance: Callable[[], float] = random.random) -> float:
        """The wait after attempt number `attempt`, counted from 1."""
        whole = min(self.longest_s, self.first_s * 2.0 ** min(attempt - 1, 30))
        return whole * (1.0 + chance()) / 2.0


@dataclass(frozen=True, slots=True)
class EmbeddedWorker:
    """Worker on the tables of the library.

    Every write is one transaction that holds the job's row and begins by comparing the fence, so
    nothing of a worker that lost its lease is kept.
    """

    engine: Engine
    backoff: Backoff = Backoff()
    clock: Callable[[], float] = time.time

    def claim(self, worker: str, *, lease_s: float) -> Lease | None:
        """The next job that is due, or whose worker vanished; None when there is none."""
        now = self.clock()
        if not self._is_any_due(now):
            return None
        with writing(self.engine) as connection:
            while (found := _next(connection, now)) is not None:
                job, fence = found
                if job.status == "queued" or _survives(connection, job, now):
                    return _begin(connection, Lease(job, worker, fence + 1, now + lease_s), now)
        return None

    def renew(self, lease: Lease, *, lease_s: float) -> Lease:
        """The lease, longer; its job says whether cancelling was asked for."""
        until = self.clock() + lease_s
        with self._held(lease) as (connection, job):
            write_job(connection, job.id, lease_until=until)
        return replace(lease, job=job, until=until)

    def tell(self, lease: Lease, kind: EventKind, data: Mapping[str, Any]) -> None:
        """Record what happens, for those who watch."""
        with self._held(lease) as (connection, job):
            if kind == "progress":
                write_job(connection, job.id, stage=data["stage"], fraction=data["fraction"])
            tell(connection, job.id, kind, data, self.clock())

    def checkpoints(self, lease: Lease) -> EmbeddedCheckpoints:
        """The finished parts of the leased job."""
        return EmbeddedCheckpoints(self, lease)

    def complete(self, lease: Lease, result: Mapping[str, Any]) -> None:
        """The job is done; what it found was recorded before."""
        now = self.clock()
        with self._held(lease) as (connection, job):
            connection.execute(delete(checkpoints).where(checkpoints.c.job_id == job.id))
            done = {"status": "done", "result": dict(result), "error": None, "fraction": 1.0}
            write_job(connection, job.id, **done, **IDLE, finished_at=now)
            tell(connection, job.id, "done", result, now)

    def fail(self, lease: Lease, error: StenografError, *, retry: bool) -> None:
        """The attempt failed: queued again after a back-off where `retry`, else for good."""
        now = self.clock()
        with self._held(lease) as (connection, job):
            if job.cancel_requested:
                _end(connection, job, "cancelled", now)
            elif retry and job.attempt < job.max_attempts:
                wait_s = self.backoff.wait_s(job.attempt)
                _queue_again(connection, job, error, now, now + wait_s)
            else:
                _end(connection, job, "failed", now, error)

    def stop(self, lease: Lease) -> None:
        """The job stopped because somebody cancelled it."""
        with self._held(lease) as (connection, job):
            _end(connection, job, "cancelled", self.clock())

    def release(self, lease: Lease) -> None:
        """Give the job back unfinished, as at shutdown; the attempt does not count."""
        now = self.clock()
        with self._held(lease) as (connection, job):
            if job.cancel_requested:
                _end(connection, job, "cancelled", now)
            else:
                _give_back(connection, job, now)

    def vanished(self, worker: str, *, counts: bool = True) -> None:
        """The process of this worker is gone, so others need not wait for its lease to end.

        Unless it `counts`, the attempt is forgotten, as after a shutdown.
        """
        now = self.clock()
        mine = select(jobs).where(jobs.c.status == "running", jobs.c.worker == worker)
        with writing(self.engine) as connection:
            for job in [to_job(row) for row in connection.execute(mine.with_for_update())]:
                if job.cancel_requested or counts:
                    if _survives(connection, job, now):
                        _queue_again(connection, job, _lost(job), now, now)
                else:
                    _give_back(connection, job, now)

    @contextmanager
    def _held(self, lease: Lease) -> Iterator[tuple[Connection, Job]]:
        """A transaction in which nobody else changes the job; raises LeaseLostError."""
        valid = and_(
            jobs.c.id == lease.job.id, jobs.c.fence == lease.fence, jobs.c.status == "running"
        )
        with writing(self.engine) as connection:
            row = connection.execute(select(jobs).where(valid).with_for_update()).one_or_none()
            if row is None:
                raise LeaseLostError("The job {id} was taken away.", id=lease.job.id)
            yield connection, to_job(row)

    def _is_any_due(self, now: float) -> bool:
        """Asked without the write lock: idle workers hold up nobody."""
        with reading(self.engine) as connection:
            return (
                connection.execute(select(jobs.c.id).where(_due(now)).limit(1)).first() is not None
            )


@dataclass(frozen=True, slots=True)
class EmbeddedCheckpoints:
    """Checkpoints of one lease."""

    worker: EmbeddedWorker
    lease: Lease

    def load(self, name: str) -> bytes | None:
        """What was saved under the name, in this attempt or an earlier one."""
        found = select(checkpoints.c.data).where(
            checkpoints.c.job_id == self.lease.job.id, checkpoints.c.name == name
        )
        with reading(self.worker.engine) as connection:
            return connection.execute(found).scalar_one_or_none()

    def save(self, name: str, data: bytes) -> None:
        """Keep it; raises LeaseLostError when another worker has the job.

        A part that is new is headway: attempts are counted from this one on.
        """
        row = {"job_id": self.lease.job.id, "name": name, "data": data, "at": self.worker.clock()}
        with self.worker._held(self.lease) as (connection, job):
            replaced = connection.execute(
                delete(checkpoints).where(
                    checkpoints.c.job_id == job.id, checkpoints.c.name == name
                )
            )
            connection.execute(checkpoints.insert().values(row))
            if replaced.rowcount == 0:
                write_job(connection, job.id, attempt=1)


def _due(now: float) -> Any:
    queued = and_(jobs.c.status == "queued", jobs.c.run_after <= now)
    return or_(queued, and_(jobs.c.status == "running", jobs.c.lease_until < now))


def _next(connection: Connection, now: float) -> tuple[Job, int] | None:
    """The first job that is due and its fence, passed over by others where they can."""
    found = (
        select(jobs)
        .where(_due(now))
        .order_by(jobs.c.priority.desc(), jobs.c.created_at, jobs.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = connection.execute(found).one_or_none()
    return None if row is None else (to_job(row), row.fence)


def _survives(connection: Connection, job: Job, now: float) -> bool:
    """Whether a job whose worker is gone may be begun again; it ends here where not."""
    if job.cancel_requested:
        _end(connection, job, "cancelled", now)
    elif job.attempt >= job.max_attempts:
        _end(connection, job, "failed", now, _lost(job))
    else:
        return True
    return False


def _lost(job: Job) -> WorkerLostError:
    return WorkerLostError(
        "The worker died in attempt {attempt} of {max_attempts}, at the stage {stage}.",
        attempt=job.attempt,
        max_attempts=job.max_attempts,
        stage=job.stage or "start",
    )


def _begin(connection: Connection, lease: Lease, now: float) -> Lease:
    """Make the lease true."""
    job = lease.job
    write_job(
        connection,
        job.id,
        status="running",
        attempt=job.attempt + 1,
        error=None,
        worker=lease.worker,
        fence=lease.fence,
        lease_until=lease.until,
        started_at=job.started_at or now,
    )
    tell(connection, job.id, "started", {"attempt": job.attempt + 1}, now)
    return replace(lease, job=read_job(connection, job.id))


def _queue_again(
    connection: Connection, job: Job, error: StenografError, now: float, run_after: float
) -> None:
    plain = as_plain(error)
    write_job(connection, job.id, status="queued", run_after=run_after, error=plain, **IDLE)
    told = {"attempt": job.attempt, "wait_s": round(run_after - now, 3), "error": plain}
    tell(connection, job.id, "retrying", told, now)


def _give_back(connection: Connection, job: Job, now: float) -> None:
    again = {"status": "queued", "attempt": job.attempt - 1, "run_after": now}
    write_job(connection, job.id, **again, **IDLE)
    tell(connection, job.id, "queued", {}, now)


def _end(
    connection: Connection,
    job: Job,
    status: Any,
    now: float,
    error: StenografError | None = None,
) -> None:
    plain = None if error is None else as_plain(error)
    write_job(connection, job.id, status=status, error=plain, **IDLE, finished_at=now)
    tell(connection, job.id, status, {} if plain is None else {"error": plain}, now)
