"""Worker processes as the server starts them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stenograf import workers
from stenograf.core.events import Event, Progress
from stenograf.jobs import EmbeddedQueue, EmbeddedWorker, NewJob
from stenograf.library import open_library
from stenograf.settings import Settings
from stenograf.testing.hub import FakeHub
from stenograf.testing.weights import CTRANSLATE2_FILES
from stenograf.workers import NICENESS, be_worker, work_on


def test_a_job_brings_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the folder of the worker's settings; progress is told as for any other job."""
    told: list[Event] = []
    settings = Settings(models_dir=tmp_path / "models", _env_file=None)
    with FakeHub() as hub, open_library(tmp_path / "library") as library:
        hub.add("Systran/faster-whisper-tiny", CTRANSLATE2_FILES)
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        asked = EmbeddedQueue(library.engine).submit(
            NewJob(kind="install", options={"model": "tiny"})
        )
        worker = EmbeddedWorker(library.engine)
        lease = worker.claim("one", lease_s=30)
        assert lease is not None
        does = work_on(library, settings)
        assert does(lease.job, worker.checkpoints(lease), told.append) == {"model": "tiny"}
    assert asked.recording_id is None
    assert (tmp_path / "models/tiny/model.bin").exists()
    assert told[-1] == Progress("install", 1.0)


def test_work_steps_back_behind_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker and the engines it starts have a lower priority than the server."""
    told: list[object] = []
    monkeypatch.setattr(os, "nice", told.append)
    monkeypatch.setattr(workers, "run_supervised", lambda *_, name: told.append(name))
    with open_library(tmp_path) as library:
        be_worker(library, Settings(), "one")
    assert told == [NICENESS, "one"]
