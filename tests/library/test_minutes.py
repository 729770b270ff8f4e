"""Minutes, kept beside the transcripts that they were made from."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from stenograf.core.errors import RecordingNotFoundError
from stenograf.library import Library, StoredRecording

Add = Callable[..., StoredRecording]
DOCUMENT = '{"title": "Планёрка"}'.encode()


def test_minutes_come_back_as_they_were_saved(library: Library, add: Add) -> None:
    """Byte for byte, with all that is known of how they were made."""
    id = add().id
    made = library.save_minutes(
        id, DOCUMENT, version=3, method="model", model="qwen", job_id="j" * 32, key_id="k"
    )
    assert library.minutes(id) == [made]
    assert (made.document, made.version, made.method) == (DOCUMENT, 3, "model")
    assert (made.model, made.job_id, made.key_id) == ("qwen", "j" * 32, "k")


def test_the_newest_minutes_come_first(
    library: Library, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of any method or of one, and as many as are asked for; of another recording none."""
    id, other = add().id, add().id
    for at, method in enumerate(["model", "extractive", "model", "extractive"]):
        monkeypatch.setattr(library, "now", lambda at=at: 1000.0 + at)
        library.save_minutes(id, DOCUMENT, version=1, method=method)
    assert [each.created_at for each in library.minutes(id)] == [1003.0, 1002.0, 1001.0, 1000.0]
    assert [each.created_at for each in library.minutes(id, method="model")] == [1002.0, 1000.0]
    assert [each.created_at for each in library.minutes(id, limit=1)] == [1003.0]
    assert library.minutes(other) == []


def test_a_job_of_minutes_is_recorded_once(library: Library, add: Add) -> None:
    """Of eight workers who all believe to have it, one records; the others get what it did."""
    id = add().id

    def save(n: int) -> str:
        return library.save_minutes(
            id, b'{"n": %d}' % n, version=1, method="model", job_id="j" * 32
        ).id

    with ThreadPoolExecutor(8) as pool:
        [recorded] = set(pool.map(save, range(8)))
    assert [each.id for each in library.minutes(id)] == [recorded]


def test_nobody_has_minutes_of_nothing(library: Library) -> None:
    """Neither saved nor listed."""
    with pytest.raises(RecordingNotFoundError):
        library.save_minutes("0" * 32, DOCUMENT, version=1, method="model")
    with pytest.raises(RecordingNotFoundError):
        library.minutes("0" * 32)
