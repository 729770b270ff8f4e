"""Jobs and events as the tables hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from stenograf.core.errors import JobNotFoundError, StenografError
from stenograf.jobs.port import EventKind, Job, JobEvent
from stenograf.library.tables import job_events, jobs
from stenograf.webhooks import EventName, announce_job

ENDINGS: Final[dict[EventKind, EventName]] = {
    "done": "job.done",
    "failed": "job.failed",
    "cancelled": "job.cancelled",
}


def read_job(connection: Connection, job_id: str, *, hold: bool = False) -> Job:
    """The job with this id; `hold` makes other writers of it wait for the end of the transaction.

    Raises JobNotFoundError.
    """
    found = select(jobs).where(jobs.c.id == job_id)
    row = connection.execute(found.with_for_update() if hold else found).one_or_none()
    if row is None:
        raise JobNotFoundError("There is no job {id}.", id=job_id)
    return to_job(row)


def write_job(connection: Connection, job_id: str, **values: Any) -> None:
    """Change columns of a job."""
    connection.execute(jobs.update().where(jobs.c.id == job_id).values(values))


def to_job(row: Row[Any]) -> Job:
    """A row of the table `jobs` as a value."""
    found = row._mapping  # SQLAlchemy's public name, underscored so that no column hides it
    return Job(**{name: found[name] for name in Job.__dataclass_fields__})


def to_event(row: Row[Any]) -> JobEvent:
    """A row of the table `job_events` as a value."""
    return JobEvent(row.job_id, row.seq, row.kind, row.data, row.at)


def tell(
    connection: Connection, job_id: str, kind: EventKind, data: Mapping[str, Any], now: float
) -> None:
    """Append an event; the caller holds the job's row in this transaction.

    So others wait who append to the same job, and `seq` has no gaps. How a job ended is noted for
    webhooks in the same transaction.
    """
    last = select(func.coalesce(func.max(job_events.c.seq), 0)).where(job_events.c.job_id == job_id)
    seq = connection.execute(last).scalar_one() + 1
    connection.execute(
        job_events.insert().values(job_id=job_id, seq=seq, kind=kind, data=dict(data), at=now)
    )
    if kind in ENDINGS:
        announce_job(connection, job_id, ENDINGS[kind], now)


def as_plain(error: StenografError) -> dict[str, Any]:
    """An error as a job keeps it, in English."""
    return {"code": error.code, "message": str(error), "hint": error.advice}
