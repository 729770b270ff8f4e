"""Work that outlives a request: the queue, its workers and what they tell."""

from stenograf.jobs.attempt import Work
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
from stenograf.jobs.worker import run_worker

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
    "Work",
    "Worker",
    "run_worker",
]
