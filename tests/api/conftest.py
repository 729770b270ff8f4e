"""A whole server in one process: real library, real queue, real worker loop, fake engines."""

from __future__ import annotations

import threading
import time
import wave
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.databases import lay_database

from stenograf.api.auth import Gate
from stenograf.api.server import create_app
from stenograf.api.services import Limits, Services
from stenograf.api.setup import peaks
from stenograf.api.shelf import ModelShelf
from stenograf.api.watching import JobWatch
from stenograf.audio.decode import decode
from stenograf.core.errors import StenografError
from stenograf.core.events import Event, Progress
from stenograf.core.transcript import Notice
from stenograf.jobs import Checkpoints, EmbeddedQueue, EmbeddedWorker, Job
from stenograf.jobs.attempt import Attempt
from stenograf.jobs.installing import Installing
from stenograf.jobs.leases import Backoff
from stenograf.jobs.minuting import Minuting
from stenograf.jobs.transcribing import Transcribing
from stenograf.library import Library, open_library
from stenograf.models import Places
from stenograf.models.doctor import Check
from stenograf.network.requests import Reach
from stenograf.pipeline import OnEvent, Pipeline, TranscribeOptions
from stenograf.settings import Settings
from stenograf.testing.fakes import FakeDetector, FakeDiarizer, FakeRecognizer
from stenograf.testing.scribe import FakeScribe
from stenograf.webhooks import Webhooks
from stenograf.workshop import Workshop

CHECKED = Notice(
    "doctor.hub",
    "The model hub cannot be reached ({reason}); models that are here work.",
    "Check the path.",
    {"reason": "no route"},
)
TOKEN = "a-token-for-tests"
TEXT = "so it goes"


@dataclass
class FakeWork:
    """Does jobs with fake engines; `error` is raised instead, `hold` makes it wait for a cancel."""

    library: Library
    models_dir: Path
    error: StenografError | None = None
    hold: threading.Event = field(default_factory=threading.Event)
    seen: list[Mapping[str, Any]] = field(default_factory=list)
    diarizer: FakeDiarizer = field(default_factory=FakeDiarizer)
    scribe: FakeScribe = field(default_factory=FakeScribe)

    def __call__(
        self, job: Job, checkpoints: Checkpoints, tell: Callable[[Event], None]
    ) -> Mapping[str, Any]:
        """The work of one job."""
        self.seen.append(job.options)
        if self.error is not None:
            raise self.error
        if job.kind == "install":
            return Installing(self.install)(job, checkpoints, tell)
        if job.kind == "minutes":
            return Minuting(self.library, self.scribe)(job, checkpoints, tell)
        while self.hold.is_set():
            tell(Progress("install", 0.5))
            time.sleep(0.02)
        return Transcribing(self.library, self.prepared)(job, checkpoints, tell)

    def install(self, name: str, on_event: OnEvent) -> None:
        """As a worker does it, to the folder that the server looks at."""
        settings = Settings(models_dir=self.models_dir, _env_file=None)
        Workshop(TranscribeOptions(), settings, on_event).weights(name)

    def prepared(
        self, options: TranscribeOptions, *, recognize: bool, on_event: OnEvent
    ) -> Pipeline:
        """Fake engines."""
        return Pipeline(
            detector=FakeDetector(),
            recognizer=FakeRecognizer(TEXT) if recognize else None,
            diarizer=self.diarizer if options.diarize else None,
        )


@dataclass(frozen=True)
class Server:
    """The application, and what is behind it."""

    app: FastAPI
    client: TestClient
    services: Services
    library: Library
    work: FakeWork

    def bring(self, sound: bytes, name: str = "call.wav") -> str:
        """A recording in the library."""
        return self.library.add_recording(BytesIO(sound), name=name, content_type="audio/wav").id


def _start(
    folder: Path, *, token: str | None, limits: Limits, gone: threading.Event
) -> tuple[Server, threading.Thread]:
    lay_database(folder / "library/stenograf.db")
    library = open_library(folder / "library")
    queue, worker = (
        EmbeddedQueue(library.engine, max_waiting=5),
        EmbeddedWorker(library.engine, Backoff(first_s=0.0)),
    )
    work = FakeWork(library, folder / "models")
    services = Services(
        library=library,
        queue=queue,
        gate=Gate([token] if token else [], library.find_key, is_open=lambda: token is None),
        watch=JobWatch(queue),
        shelf=ModelShelf(
            Places(data_dir=folder / "models", hub_cache=folder / "hub"),
            token=lambda: None,
            examine=lambda *_, **__: [Check("hub", "token", "none", CHECKED, fault=True)],
        ),
        webhooks=Webhooks(library.engine, reach=Reach(allow_private=True)),
        workers_alive=lambda: 1,
        models_ready=lambda: True,
        fetch=lambda *_: None,
        peaks=partial(peaks, library, decode),
        limits=limits,
    )

    def labour() -> None:
        while not gone.is_set():
            lease = worker.claim("test", lease_s=30)
            if lease is None:
                gone.wait(0.01)
            else:
                Attempt(worker, lease, lease_s=30, stop=gone).run(work)

    thread = threading.Thread(target=labour, daemon=True)
    thread.start()
    app = create_app(services)
    client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
    if token:
        client.headers["authorization"] = f"Bearer {token}"
    return Server(app, client, services, library, work), thread


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server with a token, small limits and one worker."""
    yield from _running(tmp_path, token=TOKEN)


@pytest.fixture
def open_server(tmp_path: Path) -> Iterator[Server]:
    """A server on loopback without any token."""
    yield from _running(tmp_path, token=None)


def _running(folder: Path, *, token: str | None) -> Iterator[Server]:
    gone = threading.Event()
    limits = Limits(max_upload_bytes=1_000_000, max_diarize_bytes=300_000)
    server, thread = _start(folder, token=token, limits=limits, gone=gone)
    yield server
    gone.set()
    thread.join()
    server.library.close()


@pytest.fixture(scope="session")
def sound() -> bytes:
    """Four seconds: two of noise, half a second of silence, then noise again."""
    rng = np.random.default_rng(0)
    samples = rng.normal(0, 3000, 4 * 16_000).astype("<i2")
    samples[32_000:40_000] = 0
    target = BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.tobytes())
    return target.getvalue()
