"""Recordings: kept whole, read in parts, really deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from sqlalchemy import inspect

from stenograf.core.errors import (
    BlobMissingError,
    InvalidRequestError,
    KeyNotFoundError,
    RecordingNotFoundError,
)
from stenograf.library import Library, StoredRecording
from stenograf.library.tables import checkpoints, job_events, jobs, metadata
from stenograf.testing.documents import CALL

Add = Callable[..., StoredRecording]
JOB = {
    "id": "j" * 32, "kind": "transcribe", "options": {}, "status": "queued", "priority": 0,
    "attempt": 0, "max_attempts": 3, "run_after": 0.0, "fence": 0, "cancel_requested": False,
    "created_at": 0.0,
}  # fmt: skip


class Breaking:
    """A source that fails in the middle."""

    def __init__(self) -> None:
        self.left = 3

    def read(self, size: int) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise ConnectionResetError("gone")
        return b"x" * size


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def all_files(library: Library) -> list[Path]:
    assert library.blobs.folder is not None
    return files(library.blobs.folder) + files(library.incoming)


def test_a_recording_comes_back_as_it_was_brought(library: Library, tmp_path: Path) -> None:
    """Bytes, size and hash are the source's; the name is what people call it."""
    content = bytes(range(256)) * 4096
    path = tmp_path / "source.wav"
    path.write_bytes(content)
    kept = library.add_recording(path, name="../calls/звонок.wav", content_type="audio/wav")
    assert (kept.name, kept.size_bytes) == ("звонок.wav", len(content))
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert library.recording(kept.id) == kept
    assert b"".join(library.audio(kept.id)) == content
    with library.audio_file(kept.id) as file:
        assert file.read_bytes() == content


@pytest.mark.parametrize(("start", "end"), [(0, 1), (10, 20), (499, None), (0, 10_000), (7, 7)])
def test_a_range_is_that_part(library: Library, add: Add, start: int, end: int | None) -> None:
    """Ranges are half open, and end where the recording ends."""
    content = bytes(n % 251 for n in range(500))
    assert b"".join(library.audio(add(content).id, start, end)) == content[start:end]


def test_a_source_that_breaks_leaves_nothing(library: Library) -> None:
    """What reading raises passes; no file and no row stay."""
    with pytest.raises(ConnectionResetError):
        library.add_recording(cast("BinaryIO", Breaking()), name="a.mp3", content_type="audio/mpeg")
    assert library.recordings().total == 0
    assert all_files(library) == []


def test_a_reception_that_is_not_kept_leaves_nothing(library: Library) -> None:
    """A door may stop listening at any time."""
    with library.receive(name="a.mp3", content_type="audio/mpeg") as reception:
        reception.write(b"half")
    assert library.recordings().total == 0
    assert all_files(library) == []


def test_names_are_found_in_any_case(library: Library, add: Add) -> None:
    """Search by name knows Russian letters, е for ё, and takes % as it is written."""
    add(name="Ёлка 100%.mp3")
    add(name="other.mp3")
    for query, total in (("елка", 1), ("ЁЛКА", 1), ("100%", 1), ("1%", 0), ("", 2), (".MP3", 2)):
        assert library.recordings(query=query).total == total, query


def test_a_page_is_a_part_of_the_newest_first(
    library: Library, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Limit and offset choose; total counts all; a key sees its own."""
    for n in range(5):
        monkeypatch.setattr(library, "now", lambda n=n: 1000.0 + n)
        add(name=f"{n}.mp3")
    page = library.recordings(limit=2, offset=1)
    assert [kept.name for kept in page.items] == ["3.mp3", "2.mp3"]
    assert page.total == 5
    assert library.recordings(key_id="k").total == 0


def test_the_duration_is_noted_later(library: Library, add: Add) -> None:
    """The length is known once somebody has decoded the sound for a transcript."""
    kept = add()
    assert kept.duration_s is None
    library.save_transcript(kept.id, CALL)
    assert library.recording(kept.id).duration_s == CALL.recording.duration


def test_deleting_takes_everything_with_it(library: Library, add: Add) -> None:
    """No table and no file knows a deleted recording any more."""
    id = add().id
    library.save_transcript(id, CALL)
    library.save_minutes(id, b"{}", version=1, method="model", job_id="j" * 32)
    with library.engine.begin() as connection:
        connection.execute(jobs.insert().values(JOB | {"recording_id": id}))
        event = {"job_id": JOB["id"], "seq": 1, "kind": "queued", "data": {}, "at": 0.0}
        connection.execute(job_events.insert().values(event))
        saved = {"job_id": JOB["id"], "name": "speech", "data": b"x", "at": 0.0}
        connection.execute(checkpoints.insert().values(saved))
    library.delete_recording(id)
    with library.engine.begin() as connection:
        for table in metadata.sorted_tables:
            assert connection.execute(table.select()).all() == [], table.name
        assert set(inspect(connection).get_table_names()) >= set(metadata.tables)
    assert all_files(library) == []
    with pytest.raises(RecordingNotFoundError):
        library.delete_recording(id)


@pytest.mark.parametrize("database_url", ["sqlite:"])
def test_no_word_stays_on_the_disk(library: Library, add: Add) -> None:
    """After deletion and a sweep, SQLite's files hold no stem of what was said."""
    id = add().id
    library.save_transcript(id, CALL)
    library.save_minutes(id, "Решили купить рояль.".encode(), version=1, method="model")
    folder = library.incoming.parent

    def holding(text: str) -> list[str]:
        return [path.name for path in files(folder) if text.encode() in path.read_bytes()]

    assert holding("Добрый") == holding("flower") == holding("рояль") != []
    library.delete_recording(id)
    library.sweep()
    for text in ("Добрый", "добр", "flower", "Петрова", "call.mp3", "рояль"):
        assert holding(text) == [], text


def test_a_blob_that_is_gone_is_said_so(library: Library, add: Add) -> None:
    """Reading raises before the first byte; deleting still works."""
    kept = add()
    for path in all_files(library):
        path.unlink()
    with pytest.raises(BlobMissingError):
        library.audio(kept.id)
    with pytest.raises(BlobMissingError), library.audio_file(kept.id):
        pass
    library.delete_recording(kept.id)


def test_retention_spares_what_is_young_or_at_work(
    library: Library, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Age counts from when the recording was brought; a job that is not finished protects it."""
    old, busy = add(), add()
    with library.engine.begin() as connection:
        connection.execute(jobs.insert().values(JOB | {"recording_id": busy.id}))
    monkeypatch.setattr(library, "now", lambda: old.created_at + 1000)
    young = add()
    assert library.delete_older_than(500) == 1
    assert {kept.id for kept in library.recordings().items} == {busy.id, young.id}


def test_many_chunks_need_little_memory(library: Library) -> None:
    """An iterator of chunks is enough; nobody asks for the whole."""
    with library.receive(name="a.wav", content_type="audio/wav") as reception:
        for _ in range(100):
            reception.write(b"0" * 1000)
        kept = reception.keep()
    assert kept.size_bytes == 100_000
    assert kept == library.recording(kept.id)


def test_an_empty_recording_is_still_a_recording(library: Library) -> None:
    """Zero bytes are kept and read as zero bytes."""
    kept = library.add_recording(BytesIO(b""), name="", content_type="nonsense")
    assert (kept.name, kept.content_type) == ("recording", "application/octet-stream")
    assert b"".join(library.audio(kept.id)) == b""


def test_what_was_kept_for_somebody_who_vanished_goes(library: Library) -> None:
    """After its time, and not before; what has no time stays."""
    stays = library.add_recording(BytesIO(b"a"), name="a", content_type="audio/wav")
    library.add_recording(BytesIO(b"b"), name="b", content_type="audio/wav", keep_s=3600)
    assert library.delete_expired() == 0
    library.add_recording(BytesIO(b"c"), name="c", content_type="audio/wav", keep_s=-1)
    assert library.delete_expired() == 1
    assert [each.name for each in library.recordings().items if each.id != stays.id] == ["b"]


def test_a_text_that_no_database_keeps_is_the_callers_mistake(library: Library) -> None:
    """NUL in an id finds nothing or is refused, on each kind of database."""
    for ask in (
        lambda: library.recording("\x00"),
        lambda: library.delete_recording("a\x00"),
        lambda: library.revoke_key("\x00"),
    ):
        with pytest.raises((RecordingNotFoundError, KeyNotFoundError, InvalidRequestError)):
            ask()
