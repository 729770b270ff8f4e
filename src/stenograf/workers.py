"""The wiring of workers: what a job does, and the processes that do it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from stenograf import app
from stenograf.isolation.loaded import LoadedEngines
from stenograf.jobs import Checkpoints, EmbeddedQueue, EmbeddedWorker, Job, JobKind, Work
from stenograf.jobs.installing import Installing
from stenograf.jobs.minuting import Minuting
from stenograf.jobs.supervised import run_supervised
from stenograf.jobs.supervisor import Supervisor
from stenograf.jobs.transcribing import Transcribing
from stenograf.library import Library
from stenograf.minuting import make_minutes
from stenograf.pipeline import OnEvent, TranscribeOptions
from stenograf.settings import Settings
from stenograf.workshop import Workshop

NICENESS: Final = 5
"""Work that takes minutes lets the server, which answers in milliseconds, go first."""


def work_on(library: Library, settings: Settings) -> Work:
    """The work behind the jobs of a library; engines stay loaded between them."""
    transcribing = Transcribing(
        library,
        partial(app.prepare, loaded=LoadedEngines()),
        max_duration_s=settings.max_duration_h * 3600,
        max_channels=settings.max_channels,
    )
    others: dict[JobKind, Work] = {
        "install": Installing(partial(_install, settings)),
        "minutes": Minuting(library, partial(make_minutes, offline=settings.offline)),
    }

    def work(job: Job, checkpoints: Checkpoints, tell: OnEvent) -> Mapping[str, Any]:
        return others.get(job.kind, transcribing)(job, checkpoints, tell)

    return work


def _install(settings: Settings, name: str, on_event: OnEvent) -> None:
    Workshop(TranscribeOptions(), settings, on_event).weights(name)


def supervisor(library: Library, settings: Settings, *, n_workers: int) -> Supervisor:
    """Worker processes on the library that these settings name; not begun yet."""
    environ = {**os.environ, "STENOGRAF_DATA_DIR": str(settings.library_dir.resolve())}
    if settings.database_url is not None:
        environ["STENOGRAF_DATABASE_URL"] = settings.database_url.get_secret_value()
    return Supervisor(
        [sys.executable, "-m", "stenograf", "worker", "--supervised"],
        EmbeddedQueue(library.engine),
        EmbeddedWorker(library.engine),
        n_workers,
        environ,
    )


def be_worker(library: Library, settings: Settings, name: str) -> None:
    """Be one of the supervisor's processes, until it says otherwise or is gone."""
    if sys.platform != "win32":
        os.nice(NICENESS)
    run_supervised(EmbeddedWorker(library.engine), work_on(library, settings), name=name)
