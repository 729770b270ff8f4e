"""Worker processes as the server starts them."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest

from stenograf import workers
from stenograf.core.events import Event, Progress
from stenograf.jobs import EmbeddedQueue, EmbeddedWorker, NewJob
from stenograf.library import StoredMinutes, open_library
from stenograf.pipeline import ignore_event
from stenograf.settings import Settings
from stenograf.testing.chat import FakeChatServer
from stenograf.testing.documents import CALL
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


def test_a_job_makes_minutes_with_the_language_model_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where none is set, of the transcript's own sentences."""
    with FakeChatServer() as chat, open_library(tmp_path / "library") as library:
        id = library.add_recording(BytesIO(b"x"), name="a.wav", content_type="audio/wav").id
        library.save_transcript(id, CALL)
        does = work_on(library, Settings(_env_file=None))
        worker = EmbeddedWorker(library.engine)

        def made() -> StoredMinutes:
            EmbeddedQueue(library.engine).submit(NewJob(kind="minutes", recording_id=id))
            lease = worker.claim("one", lease_s=30)
            assert lease is not None
            does(lease.job, worker.checkpoints(lease), ignore_event)
            worker.complete(lease, {})
            return library.minutes(id, limit=1)[0]

        assert (made().method, len(chat.requests)) == ("extractive", 0)
        monkeypatch.setenv("STENOGRAF_LLM_URL", chat.url)
        monkeypatch.setenv("STENOGRAF_LLM_MODEL", "notes")
        assert (made().method, made().model) == ("model", "notes")
        assert chat.requests


def test_work_steps_back_behind_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker and the engines it starts have a lower priority than the server."""
    told: list[object] = []
    monkeypatch.setattr(os, "nice", told.append)
    monkeypatch.setattr(workers, "run_supervised", lambda *_, name: told.append(name))
    with open_library(tmp_path) as library:
        be_worker(library, Settings(), "one")
    assert told == [NICENESS, "one"]
