"""What a queue is: two sides, those who want work done and those who do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from stenograf.core.errors import StenografError

JobKind: TypeAlias = Literal["transcribe", "diarize", "language", "install", "minutes"]
JobStatus: TypeAlias = Literal["queued", "running", "done", "failed", "cancelled"]
EventKind: TypeAlias = Literal[
    "queued", "started", "progress", "words", "notice", "retrying", "done", "failed", "cancelled"
]

FINAL: frozenset[JobStatus] = frozenset({"done", "failed", "cancelled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """What somebody wants done.

    `options` are the fields of TranscribeOptions as JSON, for an installation `model`, its name,
    for minutes those of MinutesWanted; secrets never go there. Only an installation has no
    recording. A higher `priority` is taken first, of equals the older one.
    """

    kind: JobKind
    recording_id: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    priority: int = 0
    max_attempts: int = 3
    key_id: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as the queue knows it; times are seconds since 1970 UTC.

    `error` has the keys code, message and hint. `result` names what was recorded, for example
    {"transcript_id": ..., "version": 1}. `worker` names the process that has it. `attempt`
    counts how often it was begun since it last got further, that is, since its last new checkpoint.
    """

    id: str
    kind: JobKind
    recording_id: str | None
    options: Mapping[str, Any]
    status: JobStatus
    priority: int
    attempt: int
    max_attempts: int
    cancel_requested: bool
    stage: str | None
    fraction: float | None
    error: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    key_id: str | None
    request_id: str | None
    created_at: float
    started_at: float | None
    finished_at: float | None
    worker: str | None = None

    @property
    def is_final(self) -> bool:
        """Nothing will change any more."""
        return self.status in FINAL


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One line of what a job tells; `seq` counts from 1 within the job, without gaps.

    After `started` words are told from the first one on: another attempt repeats them.
    """

    job_id: str
    seq: int
    kind: EventKind
    data: Mapping[str, Any]
    at: float


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job until `until`; of two leases the one with the higher fence holds.

    Every write of a worker goes with its lease and raises LeaseLostError where it no longer holds.
    """

    job: Job
    worker: str
    fence: int
    until: float


class Queue(Protocol):
    """Takes jobs and tells about them."""

    def submit(self, job: NewJob) -> Job:
        """The job, queued. Raises QueueFullError when its key has too many waiting."""
        ...

    def get(self, job_id: str) -> Job:
        """The job as it is now. Raises JobNotFoundError."""
        ...

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
        ...

    def counts(self) -> Mapping[JobStatus, int]:
        """How many jobs there are in each status that occurs."""
        ...

    def events(self, job_id: str, *, after: int = 0) -> Sequence[JobEvent]:
        """What the job told since event number `after`; it returns at once."""
        ...

    def cancel(self, job_id: str) -> Job:
        """A queued job is cancelled now, a running one is asked to stop, a final one stays."""
        ...

    def retry(self, job_id: str) -> Job:
        """A failed or cancelled job is queued again; its checkpoints are used."""
        ...


class Checkpoints(Protocol):
    """Finished parts of a job, kept until it is done, so that another attempt continues."""

    def load(self, name: str) -> bytes | None:
        """What was saved under the name, in this attempt or an earlier one."""
        ...

    def save(self, name: str, data: bytes) -> None:
        """Keep it; raises LeaseLostError when another worker has the job."""
        ...


class Worker(Protocol):
    """The side of a queue that workers see."""

    def claim(self, worker: str, *, lease_s: float) -> Lease | None:
        """The next job that is due, or whose worker vanished; None when there is none."""
        ...

    def renew(self, lease: Lease, *, lease_s: float) -> Lease:
        """The lease, longer; its job says whether cancelling was asked for."""
        ...

    def tell(self, lease: Lease, kind: EventKind, data: Mapping[str, Any]) -> None:
        """Record what happens, for those who watch."""
        ...

    def checkpoints(self, lease: Lease) -> Checkpoints:
        """The finished parts of the leased job."""
        ...

    def complete(self, lease: Lease, result: Mapping[str, Any]) -> None:
        """The job is done; what it found was recorded in the same transaction or before."""
        ...

    def fail(self, lease: Lease, error: StenografError, *, retry: bool) -> None:
        """The attempt failed: queued again after a back-off where `retry`, else for good."""
        ...

    def stop(self, lease: Lease) -> None:
        """The job stopped because somebody cancelled it."""
        ...

    def release(self, lease: Lease) -> None:
        """Give the job back unfinished, as at shutdown; the attempt does not count."""
        ...

    def vanished(self, worker: str, *, counts: bool = True) -> None:
        """The process of this worker is gone, so others need not wait for its lease to end.

        Unless it `counts`, the attempt is forgotten, as after a shutdown.
        """
        ...
