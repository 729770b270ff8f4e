"""The commands of docs/production.md: a backup while the server writes, and older libraries."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from shutil import copytree
from threading import Event, Thread

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert

from stenograf.core.errors import BlobMissingError
from stenograf.export import to_json
from stenograf.library import Library, open_library
from stenograf.library.database import MIGRATIONS, connect
from stenograf.library.tables import metadata
from stenograf.testing.documents import CALL

PAGE = Path(__file__).parents[2] / "docs/production.md"


def back_up(library: Path, folder: Path) -> None:
    """What the page says under Backups, for these folders."""
    chapter = PAGE.read_text().split("\n## Backups\n")[1]
    block = re.search(r"```sh\n(.+?)```", chapter, re.DOTALL)
    assert block is not None
    script = block[1].replace("/var/lib/stenograf/library", str(library))
    script = re.sub(r"(?<=[ \"])/backup", str(folder), script)
    assert script.count(str(folder)) == 2
    subprocess.run(["bash", "-euc", script], check=True)


@contextmanager
def busy(library: Library) -> Iterator[None]:
    """Somebody keeps recordings, writes transcripts and deletes, all the while."""
    ended = Event()

    def work() -> None:
        while not ended.is_set():
            first, second = (
                library.add_recording(BytesIO(b"sound" * 1000), name="n.mp3", content_type="a/b")
                for _ in range(2)
            )
            library.save_transcript(first.id, CALL)
            library.delete_recording(second.id)

    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.mark.e2e
def test_a_backup_of_a_busy_library_opens_in_an_empty_folder(tmp_path: Path) -> None:
    """What was there before is there whole; of what was deleted meanwhile, the sound may lack."""
    backup = tmp_path / "backup"
    backup.mkdir()
    with open_library(tmp_path / "library") as library:
        kept = library.add_recording(BytesIO(b"old" * 999), name="o.mp3", content_type="a/b")
        library.save_transcript(kept.id, CALL)
        with busy(library):
            for _ in range(3):  # over the one before, as every night
                back_up(tmp_path / "library", backup)
        n_later = library.recordings().total
    with open_library(copytree(backup, tmp_path / "restored")) as restored:
        assert b"".join(restored.audio(kept.id)) == b"old" * 999
        assert restored.transcript(kept.id).document == to_json(CALL)
        assert 1 < restored.recordings().total <= n_later + 1
        lost = [
            each.id for each in restored.recordings(limit=100).items if not heard(restored, each.id)
        ]
        assert len(lost) <= 1
        restored.sweep(grace_s=0)
        assert heard(restored, kept.id)


def heard(library: Library, recording_id: str) -> bool:
    """Whether the sound of a recording is there."""
    try:
        return bool(b"".join(library.audio(recording_id)))
    except BlobMissingError:
        return False


def test_a_library_of_the_first_format_is_brought_up_to_date_with_what_it_holds(
    tmp_path: Path,
) -> None:
    """Recordings and documents of revision 0001 are read as they were, and go on from there."""
    data = tmp_path / "data"
    (data / "blobs").mkdir(parents=True)
    first_format(data / "stenograf.db")
    with open_library(data) as library:
        assert library.recording("r").name == "Звонок.mp3"
        assert library.transcript("r").document == to_json(CALL)
        again = library.save_transcript("r", CALL, made_by="edit", expected_version=1)
        assert again.version == 2
        assert [hit.recording_id for hit in library.search("добрый день").items] == ["r"]


def first_format(file: Path) -> None:
    """A database as the first migration makes it, with a recording and its transcript."""
    engine = connect(f"sqlite:///{file}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    recording = {
        "id": "r", "name": "Звонок.mp3", "content_type": "audio/mpeg", "size_bytes": 4,
        "sha256": "0" * 64, "blob": "r", "created_at": 1.0,
    }  # fmt: skip
    transcript = {
        "id": "t", "recording_id": "r", "version": 1, "document": to_json(CALL).decode(),
        "made_by": "job", "created_at": 2.0,
    }  # fmt: skip
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for table, row in (("recordings", recording), ("transcripts", transcript)):
            connection.execute(insert(metadata.tables[table]).values(row))
    engine.dispose()
