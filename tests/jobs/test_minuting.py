"""The work behind a job of minutes, on a real library with a model of made-up answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.databases import lay_database

from stenograf.core.errors import (
    LanguageModelUnreachableError,
    OptionError,
    TranscriptNotFoundError,
)
from stenograf.core.events import Event, NoticeRaised, Progress
from stenograf.jobs import EmbeddedQueue, EmbeddedWorker, Job, Lease, NewJob
from stenograf.jobs.attempt import TRANSIENT
from stenograf.jobs.leases import Backoff
from stenograf.jobs.minuting import Minuting
from stenograf.library import Library, open_library
from stenograf.minutes.json import read_minutes
from stenograf.minutes.notices import unfounded
from stenograf.pipeline import ignore_event
from stenograf.testing.documents import CALL, EMPTY
from stenograf.testing.scribe import QUESTIONS, FakeScribe

AWAY = LanguageModelUnreachableError("Nobody answers at {url}.", url="http://llm")
SUMMARY = " ".join(f"Answer {name} ?." for name in QUESTIONS)  # no JSON holds half a character


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    lay_database(tmp_path / "library/stenograf.db")
    with open_library(tmp_path / "library") as library:
        yield library


@pytest.fixture
def recording_id(library: Library) -> str:
    """A recording with two versions of its transcript."""
    with library.receive(name="планёрка.wav", content_type="audio/wav") as reception:
        id = reception.keep().id
    library.save_transcript(id, EMPTY)
    library.save_transcript(id, CALL, made_by="edit")
    return id


def submitted(library: Library, recording_id: str, **options: Any) -> Job:
    """A job of minutes that waits."""
    new = NewJob(kind="minutes", recording_id=recording_id, options=options, key_id="k")
    return EmbeddedQueue(library.engine).submit(new)


def claimed(library: Library) -> tuple[EmbeddedWorker, Lease]:
    """The job that waits, in the hands of a worker."""
    worker = EmbeddedWorker(library.engine, Backoff(first_s=0.0))
    lease = worker.claim("w", lease_s=60.0)
    assert lease is not None
    return worker, lease


def test_a_job_becomes_minutes_of_the_newest_transcript(
    library: Library, recording_id: str
) -> None:
    """Saved under its id and key with what was asked for; progress and notices are told."""
    job = submitted(library, recording_id, method="model", title="Планёрка", max_points=3)
    worker, lease = claimed(library)
    scribe, told = FakeScribe(), list[Event]()
    result = Minuting(library, scribe)(lease.job, worker.checkpoints(lease), told.append)
    [saved] = library.minutes(recording_id)
    assert result == {"minutes_id": saved.id, "version": 2, "method": "model"}
    assert (saved.job_id, saved.key_id, saved.model) == (job.id, "k", "notes")
    assert read_minutes(saved.document).title == "Планёрка"
    assert scribe.wanted == [
        {"method": "model", "title": "Планёрка", "date": None, "max_points": 3}
    ]
    assert told[-2:] == [Progress("minutes", 1.0), NoticeRaised(unfounded(2))]


def test_another_attempt_asks_only_for_what_is_missing(library: Library, recording_id: str) -> None:
    """What was answered is kept, whatever the characters, and the minutes are the same."""
    submitted(library, recording_id)
    worker, lease = claimed(library)
    scribe = FakeScribe({"whole": AWAY})
    with pytest.raises(LanguageModelUnreachableError) as failed:
        Minuting(library, scribe)(lease.job, worker.checkpoints(lease), ignore_event)
    worker.fail(lease, failed.value, retry=True)
    worker, lease = claimed(library)
    scribe.failures.clear()
    Minuting(library, scribe)(lease.job, worker.checkpoints(lease), ignore_event)
    assert scribe.asked == ["part-0", "part-1", "whole", "whole"]
    [saved] = library.minutes(recording_id)
    assert read_minutes(saved.document).summary == SUMMARY


def test_a_job_of_minutes_done_twice_is_recorded_once(library: Library, recording_id: str) -> None:
    """A worker that died between recording and completing leaves nothing double behind."""
    submitted(library, recording_id)
    worker, lease = claimed(library)
    scribe = FakeScribe()
    work = Minuting(library, scribe)
    first = work(lease.job, worker.checkpoints(lease), ignore_event)
    assert work(lease.job, worker.checkpoints(lease), ignore_event) == first
    assert len(library.minutes(recording_id)) == 1
    assert scribe.asked == list(QUESTIONS)


@pytest.mark.parametrize("options", [{"colour": "red"}, {"speakers": 2}])
def test_options_that_minutes_do_not_have_are_refused(
    library: Library, recording_id: str, options: dict[str, Any]
) -> None:
    """Before anybody is asked."""
    submitted(library, recording_id, **options)
    worker, lease = claimed(library)
    scribe = FakeScribe()
    with pytest.raises(OptionError):
        Minuting(library, scribe)(lease.job, worker.checkpoints(lease), ignore_event)
    assert scribe.asked == []


def test_there_are_no_minutes_of_a_recording_without_a_transcript(library: Library) -> None:
    """Trying again would not help; a language model that is away may come back."""
    with library.receive(name="a.wav", content_type="audio/wav") as reception:
        submitted(library, reception.keep().id)
    worker, lease = claimed(library)
    with pytest.raises(TranscriptNotFoundError) as missing:
        Minuting(library, FakeScribe())(lease.job, worker.checkpoints(lease), ignore_event)
    assert not isinstance(missing.value, TRANSIENT)
    assert issubclass(LanguageModelUnreachableError, TRANSIENT)
