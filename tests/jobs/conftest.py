"""A queue on each database that holds one, and a clock that tests move by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine

from stenograf.jobs import EmbeddedQueue, EmbeddedWorker, Job, NewJob
from stenograf.jobs.leases import Backoff
from stenograf.library.database import open_database
from stenograf.library.tables import recordings

RECORDING = "0" * 32


@dataclass
class Clock:
    """Seconds since 1970, as a test wants them."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@dataclass(frozen=True)
class Both:
    """The two sides of one queue."""

    queue: EmbeddedQueue
    worker: EmbeddedWorker
    clock: Clock

    def submit(self, **wanted: object) -> Job:
        """A job for the recording that every test has."""
        self.clock.pass_by(0.001)  # so that one job is older than the next
        return self.queue.submit(NewJob(kind="transcribe", recording_id=RECORDING, **wanted))  # type: ignore[arg-type]

    def told(self, job: Job) -> list[str]:
        """The kinds of what a job told, in order."""
        return [event.kind for event in self.queue.events(job.id)]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A database with one recording."""
    engine = open_database(database_url)
    recording = {
        "id": RECORDING,
        "name": "call.wav",
        "content_type": "audio/wav",
        "size_bytes": 1,
        "sha256": "",
        "blob": "",
        "created_at": 0.0,
    }
    with engine.begin() as connection:
        connection.execute(recordings.insert().values(recording))
    yield engine
    engine.dispose()


@pytest.fixture
def both(engine: Engine) -> Both:
    """The two sides of an empty queue, with a clock moved by hand."""
    clock = Clock()
    worker = EmbeddedWorker(engine, Backoff(first_s=8.0, longest_s=60.0), clock)
    return Both(EmbeddedQueue(engine, 3, clock), worker, clock)
