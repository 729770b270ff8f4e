"""What happens to the library when the disk, the database or the process fails."""

from __future__ import annotations

import hashlib
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest

from stenograf.core.errors import DatabaseBusyError, DiskFullError, LibraryError
from stenograf.library import Library, StoredRecording, open_library
from stenograf.testing.documents import CALL

Add = Callable[..., StoredRecording]
N_KILLS: Final = 25
CHILD: Final = """
import os, signal, sys
from io import BytesIO
from pathlib import Path
from stenograf.library import blobs, open_library, recordings
from stenograf.testing.documents import CALL

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

library = open_library(Path(sys.argv[1]))

def add(size=300_000):
    kept = library.add_recording(
        BytesIO(os.urandom(size)), name="a.mp3", content_type="audio/mpeg"
    )
    library.save_transcript(kept.id, CALL)
    return kept.id

"""
IN_THE_MIDDLE: Final = """
with library.receive(name="a.mp3", content_type="audio/mpeg") as reception:
    reception.write(b"x" * 100_000)
    die()
"""
BEFORE_THE_ROW: Final = """
recordings.insert_recording = die
add()
"""
BEFORE_THE_COMMIT: Final = """
insert = recordings.insert_recording
def insert_and_die(*arguments):
    insert(*arguments)
    die()
recordings.insert_recording = insert_and_die
add()
"""
BEFORE_THE_BLOB_GOES: Final = """
blobs.Blobs.delete = die
library.delete_recording(add())
"""
OVER_AND_OVER: Final = """
print("ready", flush=True)
while True:
    ids = [add() for _ in range(2)]
    library.delete_recording(ids[0])
"""
SOME: Final = """
for _ in range(int(sys.argv[2])):
    add(5_000)
"""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """On SQLite only: PostgreSQL's disk and locks are its own business."""
    with open_library(tmp_path / "data") as opened:
        yield opened


def child(script: str, data: Path, *arguments: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", CHILD + script, str(data), *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)


def check(library: Library) -> int:
    """Every row has its sound, and after a sweep there is no other file; how many rows."""
    kept = library.recordings(limit=10_000).items
    for recording in kept:
        with library.audio_file(recording.id) as path:
            assert hashlib.sha256(path.read_bytes()).hexdigest() == recording.sha256
    library.sweep(grace_s=-1, upload_idle_s=-1)
    assert {name for name, _ in library.blobs.names()} == {recording.blob for recording in kept}
    assert list(library.incoming.iterdir()) == []
    with library.engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        connection.exec_driver_sql(
            "INSERT INTO passages_fts(passages_fts, rank) VALUES ('integrity-check', 1)"
        )
    return len(kept)


SLOW: Final = pytest.mark.e2e


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(IN_THE_MIDDLE, id="in the middle", marks=SLOW),
        pytest.param(BEFORE_THE_ROW, id="before the row", marks=SLOW),
        pytest.param(BEFORE_THE_COMMIT, id="before the commit", marks=SLOW),
        pytest.param(BEFORE_THE_BLOB_GOES, id="before the blob goes"),
    ],
)
def test_a_kill_leaves_nothing_that_a_sweep_does_not_find(tmp_path: Path, script: str) -> None:
    """Whatever the step, no half recording is seen and no file stays for ever."""
    with child(script, tmp_path / "data") as process:
        process.wait(60)
    assert process.returncode == -signal.SIGKILL
    with open_library(tmp_path / "data") as library:
        assert library.search("apple").total == 0
        assert check(library) == 0


@pytest.mark.e2e
def test_kills_at_random_moments(tmp_path: Path) -> None:
    """Adding and deleting without end, killed again and again: every row keeps its sound."""
    chance = random.Random(0)
    counts = []
    for _ in range(N_KILLS):
        with child(OVER_AND_OVER, tmp_path / "data") as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0.0, 0.4))
            process.kill()
        with open_library(tmp_path / "data") as library:
            counts.append(check(library))
    assert counts == sorted(counts)
    assert counts[-1] > 0


@pytest.mark.e2e
def test_two_processes_open_and_write_at_once(tmp_path: Path) -> None:
    """Both make the database if it is missing, and neither loses what it was told to keep."""
    processes = [child(SOME, tmp_path / "data", 15) for _ in range(2)]
    for process in processes:
        with process:
            assert process.wait(120) == 0
    with open_library(tmp_path / "data") as library:
        assert check(library) == 30
        assert library.search("apple").total == 30


@contextmanager
def no_file_above(size_bytes: int) -> Iterator[None]:
    """The system refuses to let any file grow beyond that, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_nothing(library: Library, add: Add) -> None:
    """The error says what it is; what was there stays, and the next recording works."""
    add()
    with no_file_above(1_000_000), pytest.raises(DiskFullError):
        add(b"x" * 1_500_000)
    assert list(library.incoming.iterdir()) == []
    add(b"x" * 1_500_000)
    assert check(library) == 2


def test_a_full_disk_keeps_what_arrived_of_an_upload(library: Library) -> None:
    """When there is room again the upload goes on from where it was."""
    upload = library.begin_upload("a.wav", 1_500_000, content_type="audio/wav")
    with no_file_above(1_000_000), pytest.raises(DiskFullError):
        library.append(upload.id, 0, [b"x" * 250_000] * 6)
    assert library.upload(upload.id).received_bytes == 1_000_000
    library.append(upload.id, 1_000_000, [b"x" * 500_000])
    assert library.finish_upload(upload.id).size_bytes == 1_500_000
    assert check(library) == 1


def test_a_full_database_keeps_what_it_has(library: Library, add: Add) -> None:
    """A transcript that does not fit is not there at all."""
    id = add().id
    library.save_transcript(id, CALL)
    long = replace(CALL, words=CALL.words * 400)
    with no_file_above(300_000), pytest.raises(DiskFullError):
        library.save_transcript(id, long, made_by="edit")
    assert [revision.version for revision in library.history(id)] == [1]
    assert library.save_transcript(id, long, made_by="edit").version == 2
    assert check(library) == 1


def test_a_locked_database_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the wait there is a typed error and no file; then all goes on."""
    monkeypatch.setattr("stenograf.library.database.BUSY_TIMEOUT_S", 0.1)
    with open_library(tmp_path / "data") as library:
        other = sqlite3.connect(tmp_path / "data" / "stenograf.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusyError):
            library.add_recording(BytesIO(b"x"), name="a", content_type="audio/mpeg")
        assert list(library.blobs.names()) == []
        assert library.recordings().total == 0
        library.sweep()
        other.execute("ROLLBACK")
        other.close()
        library.add_recording(BytesIO(b"x"), name="a", content_type="audio/mpeg")
        assert check(library) == 1


def test_a_folder_that_is_none_is_said_so(tmp_path: Path) -> None:
    """A file in the way, or a database that is none, is a sentence and no traceback."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(LibraryError):
        open_library(tmp_path / "file")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "stenograf.db").write_text("no database" * 100)
    with pytest.raises(LibraryError):
        open_library(tmp_path / "data")
