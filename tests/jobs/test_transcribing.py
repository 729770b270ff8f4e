"""The work behind a job, on a real library with fake engines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stenograf.core.errors import (
    AudioTooLongError,
    OptionError,
    RecordingNotFoundError,
    TooManyChannelsError,
)
from stenograf.core.events import Event
from stenograf.export import read_json
from stenograf.jobs import EmbeddedQueue, EmbeddedWorker, Lease, NewJob
from stenograf.jobs.transcribing import Transcribing
from stenograf.library import Library, open_library
from stenograf.pipeline import OnEvent, Pipeline, TranscribeOptions, ignore_event
from stenograf.testing.fakes import FakeDetector, FakeDiarizer, FakeRecognizer
from stenograf.testing.media import MediaFormat, write_media


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library") as library:
        yield library


@pytest.fixture
def recording_id(library: Library, tmp_path: Path) -> str:
    """Two seconds of noise."""
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 32_000).astype(np.float32)
    path = write_media(tmp_path / "a.wav", noise, MediaFormat("wav", "wav", "pcm_s16le"))
    with library.receive(name="interview.wav", content_type="audio/wav") as reception:
        reception.write(path.read_bytes())
        return reception.keep().id


class Kitchen:
    """Makes pipelines of fakes and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[TranscribeOptions, bool]] = []

    def __call__(
        self, options: TranscribeOptions, *, recognize: bool, on_event: OnEvent
    ) -> Pipeline:
        self.asked.append((options, recognize))
        return Pipeline(
            FakeDetector(), FakeRecognizer() if recognize else None, diarizer=FakeDiarizer()
        )


def claimed(library: Library, job: NewJob) -> tuple[EmbeddedWorker, Lease]:
    """The job in the hands of a worker."""
    EmbeddedQueue(library.engine).submit(job)
    worker = EmbeddedWorker(library.engine)
    lease = worker.claim("w", lease_s=60.0)
    assert lease is not None
    return worker, lease


def test_a_job_becomes_the_next_transcript(library: Library, recording_id: str) -> None:
    """It is saved under the job's id and the recording's own name, with the options asked for."""
    options = {"speakers": 2, "languages": ["ru", "en"]}
    wanted = NewJob(kind="transcribe", recording_id=recording_id, options=options)
    worker, lease = claimed(library, wanted)
    kitchen, told = Kitchen(), list[Event]()
    result = Transcribing(library, kitchen)(lease.job, worker.checkpoints(lease), told.append)
    saved = library.transcript(recording_id)
    assert result == {"transcript_id": saved.id, "version": 1}
    assert saved.job_id == lease.job.id
    document = read_json(saved.document)
    assert document.recording.name == "interview.wav"
    assert document.words
    assert {event.type for event in told} >= {"progress", "words", "finished"}
    assert kitchen.asked == [(TranscribeOptions(speakers=2, languages=("ru", "en")), True)]


def test_a_diarization_has_no_words(library: Library, recording_id: str) -> None:
    """Nobody recognizes in a job of the other kind."""
    worker, lease = claimed(library, NewJob(kind="diarize", recording_id=recording_id))
    Transcribing(library, Kitchen())(lease.job, worker.checkpoints(lease), ignore_event)
    document = read_json(library.transcript(recording_id).document)
    assert document.turns
    assert not document.words


def test_a_job_done_twice_is_recorded_once(library: Library, recording_id: str) -> None:
    """A worker that died between recording and completing leaves nothing double behind."""
    worker, lease = claimed(library, NewJob(kind="transcribe", recording_id=recording_id))
    work = Transcribing(library, Kitchen())
    first = work(lease.job, worker.checkpoints(lease), ignore_event)
    assert work(lease.job, worker.checkpoints(lease), ignore_event) == first
    assert len(library.history(recording_id)) == 1


@pytest.mark.parametrize("options", [{"colour": "red"}, {"speakers": 0}, {"min_speakers": 0}])
def test_wrong_options_are_an_option_error(
    library: Library, recording_id: str, options: dict[str, Any]
) -> None:
    """A job whose options make no sense says so instead of trying three times."""
    wanted = NewJob(kind="transcribe", recording_id=recording_id, options=options)
    worker, lease = claimed(library, wanted)
    with pytest.raises(OptionError):
        Transcribing(library, Kitchen())(lease.job, worker.checkpoints(lease), ignore_event)


def test_a_recording_deleted_meanwhile_is_a_typed_error(
    library: Library, recording_id: str
) -> None:
    """The work ends with what is missing."""
    worker, lease = claimed(library, NewJob(kind="transcribe", recording_id=recording_id))
    library.delete_recording(recording_id)
    with pytest.raises(RecordingNotFoundError):
        Transcribing(library, Kitchen())(lease.job, worker.checkpoints(lease), ignore_event)


def test_a_job_for_the_language_decodes_no_words(library: Library, recording_id: str) -> None:
    """The document says the language and how sure, and nothing else."""
    worker, lease = claimed(library, NewJob(kind="language", recording_id=recording_id))
    kitchen = Kitchen()
    Transcribing(library, kitchen)(lease.job, worker.checkpoints(lease), ignore_event)
    document = read_json(library.transcript(recording_id).document)
    assert (document.language, document.language_probability) == ("en", 1.0)
    assert not document.words
    assert not document.turns
    assert not document.suspects
    assert [options.diarize for options, _ in kitchen.asked] == [False]


def test_a_recording_over_the_limit_is_refused(library: Library, recording_id: str) -> None:
    """Two seconds where one is allowed; nothing is recorded."""
    worker, lease = claimed(library, NewJob(kind="diarize", recording_id=recording_id))
    work = Transcribing(library, Kitchen(), max_duration_s=1.0)
    with pytest.raises(AudioTooLongError):
        work(lease.job, worker.checkpoints(lease), ignore_event)
    assert library.history(recording_id) == []


@pytest.mark.parametrize("allowed", [0, 1])
def test_the_limit_of_channels_reaches_the_decoder(
    library: Library, recording_id: str, allowed: int
) -> None:
    """The recording has one; where none is allowed nothing is recorded."""
    worker, lease = claimed(library, NewJob(kind="diarize", recording_id=recording_id))
    work = Transcribing(library, Kitchen(), max_channels=allowed)
    with nullcontext() if allowed else pytest.raises(TooManyChannelsError):
        work(lease.job, worker.checkpoints(lease), ignore_event)
    assert len(library.history(recording_id)) == allowed
