"""Work that outlives a request: the queue, its workers and what they tell."""

from stenograf.jobs.embedded import EmbeddedQueue
from stenograf.jobs.leases import EmbeddedWorker
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
    "EmbeddedQueue",
    "EmbeddedWorker",
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
