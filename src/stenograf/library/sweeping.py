"""What crashes and deletions leave, found and removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from stenograf.core.errors import ConflictError, DatabaseBusyError, UploadNotFoundError
from stenograf.library.database import database_faults, reading, writing
from stenograf.library.incoming import PART_SUFFIX
from stenograf.library.recordings import blob_name
from stenograf.library.shelf import Shelf
from stenograf.library.uploads import UPLOAD_SUFFIX, UploadShelf

MERGE_PAGES: Final = 500
"""How much of the index is rewritten in one go, so that nobody waits long for the database."""


def remove_uploads(shelf: UploadShelf, *, idle_s: float) -> int:
    """Cancel uploads that nobody has continued for so long; how many."""
    from sqlalchemy import select

    from stenograf.library.tables import uploads

    query = select(uploads.c.id).where(uploads.c.touched_at < shelf.now() - idle_s)
    with reading(shelf.engine) as connection:
        stale = connection.execute(query).scalars().all()
    return sum(_cancel(shelf, id) for id in stale)


def _cancel(shelf: UploadShelf, upload_id: str) -> bool:
    try:
        shelf.cancel_upload(upload_id)
    except (ConflictError, UploadNotFoundError):  # it goes on, or was finished just now
        return False
    return True


def remove_blobs(shelf: Shelf, *, grace_s: float) -> int:
    """Delete blobs that no recording and no upload refers to; how many."""
    before = shelf.now() - grace_s
    old = {name for name, written_at in shelf.blobs.names() if written_at <= before}
    orphans = old - _referred(shelf)
    for name in orphans:
        shelf.blobs.delete(name)
    return len(orphans)


def remove_parts(shelf: Shelf, *, grace_s: float) -> int:
    """Delete half files that no upload refers to; how many."""
    before = shelf.now() - grace_s
    known = {Path(name).name for name in _referred(shelf)}
    orphans = [path for path in _parts(shelf.incoming, before) if path.stem not in known]
    for path in orphans:
        path.unlink(missing_ok=True)
    return sum(path.suffix in {PART_SUFFIX, UPLOAD_SUFFIX} for path in orphans)


def clean_database(shelf: Shelf) -> None:
    """Rewrite what still holds deleted text: the full-text index and the write-ahead log."""
    if shelf.engine.dialect.name != "sqlite":
        return
    with suppress(DatabaseBusyError):  # the next sweep comes
        if shelf.has_traces:
            _rewrite_index(shelf)
            shelf.has_traces = False
        _cut_log(shelf)


def _rewrite_index(shelf: Shelf) -> None:
    """Merge the index into one part, which drops deleted words.

    https://sqlite.org/fts5.html#the_merge_command: a negative number begins, a positive one goes
    on; a step that changed fewer than two rows had nothing left to do.
    """
    pages = -MERGE_PAGES
    while True:
        with writing(shelf.engine) as connection:
            raw: Any = connection.connection.driver_connection
            before = raw.total_changes
            merge = "INSERT INTO passages_fts(passages_fts, rank) VALUES ('merge', ?)"
            connection.exec_driver_sql(merge, (pages,))
            if raw.total_changes - before < 2:
                return
        pages = MERGE_PAGES


def _cut_log(shelf: Shelf) -> None:
    """Move the write-ahead log into the database and cut it, if nobody reads from it just now."""
    with database_faults():
        raw = shelf.engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()


def _referred(shelf: Shelf) -> set[str]:
    from sqlalchemy import select

    from stenograf.library.tables import recordings, uploads

    with reading(shelf.engine) as connection:
        kept = connection.execute(select(recordings.c.blob)).scalars().all()
        coming = connection.execute(select(uploads.c.id)).scalars().all()
    return {*kept, *map(blob_name, coming)}


def _parts(folder: Path, before: float) -> Iterator[Path]:
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime <= before:
                yield path
