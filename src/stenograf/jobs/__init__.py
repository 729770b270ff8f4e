"""Work that outlives a request: the queue, its workers and what they tell."""

from stenograf.jobs.port import (
    Checkpoints,
    EventKind,
    Job,
    JobEvent,
    JobKind,
    JobStatus,
    Lease,
    NewJob,
    Queue,
    Worker,
)

__all__ = [
    "Checkpoints",
    "EventKind",
    "Job",
    "JobEvent",
    "JobKind",
    "JobStatus",
    "Lease",
    "NewJob",
    "Queue",
    "Worker",
]
