"""The queue inside the database: the side of those who want work done."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Connection, Engine, Select, func, select
from sqlalchemy.exc import IntegrityError

from stenograf.core.errors import QueueFullError, RecordingNotFoundError
from stenograf.jobs.port import Job, JobEvent, JobStatus, NewJob
from stenograf.jobs.rows import read_job, tell, to_event, to_job, write_job
from stenograf.library.database import reading, writing
from stenograf.library.tables import job_events, jobs

BLANK: Final[dict[str, Any]] = {
    "status": "queued",
    "attempt": 0,
    "cancel_requested": False,
    "stage": None,
    "fraction": None,
    "error": None,
    "result": None,
    "worker": None,
    "lease_until": None,
    "started_at": None,
    "finished_at": None,
}
"""What a job that nobody has begun has in its columns."""


@dataclass(frozen=True, slots=True)
class EmbeddedQueue:
    """Queue on the tables of the library; any number of processes may share one database.

    At most `max_waiting` jobs of one key wait at a time; None sets no limit.
    """

    engine: Engine
    max_waiting: int | None = 100
    clock: Callable[[], float] = time.time

    def submit(self, job: NewJob) -> Job:
        """The job, queued.

        Raises QueueFullError when its key has too many waiting, RecordingNotFoundError.
        """
        now = self.clock()
        row = _new_row(job, now)
        with writing(self.engine) as connection:
            self._check_room(connection, job.key_id)
            try:
                connection.execute(jobs.insert().values(row))
            except IntegrityError as error:
                raise RecordingNotFoundError(
                    "There is no recording {id}.", id=job.recording_id
                ) from error
            tell(connection, row["id"], "queued", {}, now)
            return read_job(connection, row["id"])

    def get(self, job_id: str) -> Job:
        """The job as it is now. Raises JobNotFoundError."""
        with reading(self.engine) as connection:
            return read_job(connection, job_id)

    def list(
        self,
        *,
        recording_id: str | None = None,
        status: JobStatus | None = None,
        key_id: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[Job]:
        """Jobs, newest first."""
        asked = {"recording_id": recording_id, "status": status, "key_id": key_id}
        found: Select[Any] = select(jobs)
        for name, value in asked.items():
            if value is not None:
                found = found.where(jobs.c[name] == value)
        found = found.order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit).offset(offset)
        with reading(self.engine) as connection:
            return [to_job(row) for row in connection.execute(found)]

    def counts(self) -> Mapping[JobStatus, int]:
        """How many jobs there are in each status that occurs."""
        with reading(self.engine) as connection:
            found = select(jobs.c.status, func.count()).group_by(jobs.c.status)
            return {row[0]: row[1] for row in connection.execute(found)}

    def events(self, job_id: str, *, after: int = 0) -> Sequence[JobEvent]:
        """What the job told since event number `after`; it returns at once.

        Raises JobNotFoundError.
        """
        told = (
            select(job_events)
            .where(job_events.c.job_id == job_id, job_events.c.seq > after)
            .order_by(job_events.c.seq)
        )
        with reading(self.engine) as connection:
            rows = connection.execute(told).all()
            if not rows:
                read_job(connection, job_id)
            return [to_event(row) for row in rows]

    def cancel(self, job_id: str) -> Job:
        """A queued job is cancelled now, a running one is asked to stop, a final one stays."""
        now = self.clock()
        with writing(self.engine) as connection:
            job = read_job(connection, job_id, hold=True)
            if job.status == "queued":
                write_job(connection, job_id, status="cancelled", finished_at=now)
                tell(connection, job_id, "cancelled", {}, now)
            elif job.status == "running":
                write_job(connection, job_id, cancel_requested=True)
            return read_job(connection, job_id)

    def retry(self, job_id: str) -> Job:
        """A failed or cancelled job is queued again; its checkpoints are used. Others stay."""
        now = self.clock()
        with writing(self.engine) as connection:
            job = read_job(connection, job_id, hold=True)
            if job.status in {"failed", "cancelled"}:
                self._check_room(connection, job.key_id)
                write_job(connection, job_id, run_after=now, **BLANK)
                tell(connection, job_id, "queued", {}, now)
            return read_job(connection, job_id)

    def forget_older_than(self, seconds: float) -> int:
        """Remove jobs without a recording that ended so long ago; how many.

        The others go with their recordings.
        """
        old = jobs.c.finished_at < self.clock() - seconds
        with writing(self.engine) as connection:
            return connection.execute(
                jobs.delete().where(jobs.c.recording_id.is_(None), old)
            ).rowcount

    def _check_room(self, connection: Connection, key_id: str | None) -> None:
        if self.max_waiting is None:
            return
        waiting = select(func.count()).where(jobs.c.status == "queued", jobs.c.key_id == key_id)
        if connection.execute(waiting).scalar_one() >= self.max_waiting:
            raise QueueFullError(
                "{limit} jobs wait already, which is the limit.", limit=self.max_waiting
            )


def _new_row(job: NewJob, now: float) -> dict[str, Any]:
    return {
        **BLANK,
        "id": uuid4().hex,
        "kind": job.kind,
        "recording_id": job.recording_id,
        "options": dict(job.options),
        "priority": job.priority,
        "max_attempts": job.max_attempts,
        "key_id": job.key_id,
        "request_id": job.request_id,
        "fence": 0,
        "run_after": now,
        "created_at": now,
    }
