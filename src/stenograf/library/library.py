"""The library: opened once by each process, used by all of its threads."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Final

from stenograf.core.home import expanded
from stenograf.library.blobs import Blobs
from stenograf.library.database import database_faults, open_database, reading
from stenograf.library.faults import disk_faults
from stenograf.library.keys import KeyShelf
from stenograf.library.minutes import MinutesShelf
from stenograf.library.recordings import RecordingShelf
from stenograf.library.records import Swept
from stenograf.library.search import SearchShelf
from stenograf.library.sweeping import clean_database, remove_blobs, remove_parts, remove_uploads
from stenograf.library.transcripts import TranscriptShelf
from stenograf.library.uploads import UploadShelf
from stenograf.library.voices import VoiceShelf

DATABASE_FILE: Final = "stenograf.db"
GRACE_S: Final = 3600.0
"""What is younger may still be written by somebody."""

UPLOAD_IDLE_S: Final = 24 * 3600.0


class Library(
    RecordingShelf,
    TranscriptShelf,
    MinutesShelf,
    SearchShelf,
    KeyShelf,
    UploadShelf,
    VoiceShelf,
):
    """All that is kept; `engine` is for the rooms that share its database.

    Every method may be called from any thread and raises LibraryError, or one of its kinds, or
    DiskFullError; each is done whole or not at all.
    """

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def check(self) -> None:
        """Raise LibraryError unless the database answers."""
        with reading(self.engine) as connection:
            connection.exec_driver_sql("SELECT 1")

    def sweep(self, *, grace_s: float = GRACE_S, upload_idle_s: float = UPLOAD_IDLE_S) -> Swept:
        """Remove what crashes left: sound that nobody refers to, half files, forgotten uploads.

        What was written in the last `grace_s` seconds stays: somebody may still be at it. The
        database forgets the last traces of what was deleted. To be run now and then.
        """
        swept = Swept(
            uploads=remove_uploads(self, idle_s=upload_idle_s),
            blobs=remove_blobs(self, grace_s=grace_s),
            parts=remove_parts(self, grace_s=grace_s),
        )
        clean_database(self)
        return swept


def open_library(data_dir: Path, *, database_url: str | None = None) -> Library:
    """The library in a folder, made where it is missing and brought to the newest format.

    By default the database is SQLite, `stenograf.db` in the folder; sound lies in `blobs`.
    Raises LibraryError, DiskFullError and HomeUnknownError.
    """
    folder = expanded(data_dir).resolve()
    incoming = folder / "incoming"
    with disk_faults(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        incoming.mkdir(exist_ok=True)
    with database_faults():
        engine = open_database(database_url or f"sqlite:///{folder / DATABASE_FILE}")
    return Library(engine, Blobs.in_folder(folder / "blobs"), incoming)
