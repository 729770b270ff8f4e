"""A queue on each database that holds one, and a clock that tests move by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text

from stenograf.jobs import EmbeddedQueue, EmbeddedWorker, Job, NewJob
from stenograf.jobs.leases import Backoff
from stenograf.library.database import open_database
from stenograf.library.tables import recordings

RECORDING = "0" * 32
PROGRAMS = Path("/usr/lib/postgresql")


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


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of our own, on a socket in a temporary folder."""
    programs = max(PROGRAMS.glob("*/bin"), default=None) if PROGRAMS.is_dir() else None
    found = shutil.which("initdb") or (programs and shutil.which("initdb", path=str(programs)))
    assert found, "install the Debian package postgresql"
    folder, sockets = tmp_path_factory.mktemp("postgresql"), tmp_path_factory.mktemp("s")
    user = _ordinary_user(folder, sockets)
    run = partial(subprocess.run, check=True, capture_output=True, user=user)
    data = ["-D", str(folder / "data")]
    control = [str(Path(found).resolve().parent / "pg_ctl"), *data, "-w"]
    options = f"-c listen_addresses='' -c unix_socket_directories={sockets} -c fsync=off"
    run([found, *data, "-U", "test", "-A", "trust", "-N"])
    run([*control, "-o", options, "-l", str(folder / "log"), "start"])
    try:
        yield f"postgresql+psycopg://test@/postgres?host={sockets}"
    finally:
        run([*control, "-m", "fast", "stop"])


def _ordinary_user(*folders: Path) -> str | None:
    """PostgreSQL refuses to run as root; Debian's package brings a user for it."""
    if os.geteuid() != 0:
        return None
    for folder in folders:
        shutil.chown(folder, "postgres")
        for parent in list(folder.parents)[:-2]:
            parent.chmod(parent.stat().st_mode | 0o011)
    return "postgres"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.e2e)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind; PostgreSQL's only with the slow tests."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'library.db'}"
        return
    server: str = request.getfixturevalue("postgresql")
    name = f"test_{uuid4().hex}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.replace("/postgres?", f"/{name}?")
    admin.dispose()


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
