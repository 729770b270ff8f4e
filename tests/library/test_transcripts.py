"""Transcripts and their history."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from stenograf.core.errors import ConflictError, RecordingNotFoundError, TranscriptNotFoundError
from stenograf.core.evidence import SpeakerEvidence
from stenograf.export import to_json
from stenograf.library import Library, StoredRecording
from stenograf.testing.documents import CALL, EMPTY

Add = Callable[..., StoredRecording]
EVIDENCE = SpeakerEvidence(
    "basic", "ge2e", 4.0, np.zeros((0, 2)), np.array([[0.0, 1.6]]), np.ones((1, 1, 4), np.float16)
)


def test_a_version_is_the_document_that_was_saved(library: Library, add: Add) -> None:
    """Stored as the JSON that export writes, read back as the same transcript."""
    saved = library.save_transcript(add().id, CALL, note="first")
    found = library.transcript(saved.recording_id)
    assert found == saved
    assert found.document == to_json(CALL)
    assert found.transcript == CALL
    assert (found.version, found.made_by, found.note) == (1, "job", "first")


def test_every_version_stays(library: Library, add: Add) -> None:
    """The newest is the transcript; older ones are asked for by number."""
    id = add().id
    library.save_transcript(id, CALL)
    library.save_transcript(id, EMPTY, made_by="edit", expected_version=1)
    assert library.transcript(id).transcript == EMPTY
    assert library.transcript(id, 1).transcript == CALL
    assert [(r.version, r.made_by) for r in library.history(id)] == [(2, "edit"), (1, "job")]
    with pytest.raises(TranscriptNotFoundError):
        library.transcript(id, 3)


def test_a_job_is_recorded_once(library: Library, add: Add) -> None:
    """A worker that saves again, not knowing that it had, changes nothing."""
    id = add().id
    first = library.save_transcript(id, CALL, job_id="j" * 32)
    again = library.save_transcript(id, EMPTY, job_id="j" * 32)
    assert again == first
    assert len(library.history(id)) == 1


def test_a_lost_update_is_refused(library: Library, add: Add) -> None:
    """Who changed an older version learns the newest one."""
    id = add().id
    library.save_transcript(id, CALL, expected_version=0)
    with pytest.raises(ConflictError) as refused:
        library.save_transcript(id, EMPTY, made_by="edit", expected_version=0)
    assert refused.value.details == {"newest": 1, "expected": 0}
    assert len(library.history(id)) == 1


def test_of_simultaneous_changes_one_wins(library: Library, add: Add) -> None:
    """Eight threads change version 1; one of them makes version 2."""
    id = add().id
    library.save_transcript(id, CALL)

    def change(n: int) -> bool:
        try:
            library.save_transcript(id, EMPTY, made_by="edit", note=str(n), expected_version=1)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(change, range(8))) == 1
    assert [revision.version for revision in library.history(id)] == [2, 1]


def test_nothing_is_saved_for_nobody(library: Library, add: Add) -> None:
    """A recording that is not there has no transcript; one that is may have none yet."""
    for unknown in (
        lambda: library.save_transcript("0" * 32, CALL),
        lambda: library.transcript("0" * 32),
        lambda: library.history("0" * 32),
    ):
        with pytest.raises(RecordingNotFoundError):
            unknown()
    with pytest.raises(TranscriptNotFoundError):
        library.transcript(add().id)


def test_an_edit_keeps_the_voices_of_its_job(library: Library, add: Add) -> None:
    """Speakers can be told apart again after a change of words, and not before any were heard."""
    id = add().id
    library.save_transcript(id, EMPTY)
    library.save_transcript(id, CALL, evidence=EVIDENCE, job_id="j" * 32)
    library.save_transcript(id, CALL, made_by="edit")
    found = library.evidence(id)
    assert found is not None
    assert found.model == "ge2e"
    assert np.array_equal(found.voices, EVIDENCE.voices)
    assert library.evidence(id, 1) is None


def test_any_text_can_be_saved(library: Library, add: Add) -> None:
    """NUL, lone surrogates and line breaks in words break neither database nor search."""
    words = tuple(replace(w, text=w.text + "\x00\ud800\n") for w in CALL.words)
    saved = library.save_transcript(add().id, replace(CALL, words=words), note="\ud800 да")
    assert saved.note == "да"
    assert len(saved.transcript.words) == len(words)
    assert library.search("flowers").total == 1
