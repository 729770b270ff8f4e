"""Recordings: kept, found, heard and really deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from stenograf.core.errors import RecordingNotFoundError, StenografError
from stenograf.library.blobs import CHUNK_BYTES
from stenograf.library.database import reading, writing
from stenograf.library.incoming import PART_SUFFIX, PartFile, clean_name, clean_type
from stenograf.library.records import Page, StoredRecording
from stenograf.library.shelf import Shelf, new_id, record, recording_in
from stenograf.stems import folded

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


class Reception:
    """A recording on its way in; nothing of it is kept unless `keep` was called."""

    def __init__(self, shelf: Shelf, part: PartFile, row: dict[str, Any]) -> None:
        self._shelf = shelf
        self._part = part
        self._row = row

    @property
    def size_bytes(self) -> int:
        """How much has arrived."""
        return self._part.size_bytes

    @property
    def path(self) -> Path:
        """The file as far as it has arrived, for a look at what it holds."""
        return self._part.path

    def write(self, chunk: bytes) -> None:
        """Add some bytes; raises DiskFullError or LibraryError."""
        self._part.write(chunk)

    def keep(self, *, keep_s: float | None = None) -> StoredRecording:
        """All has arrived: the recording as the library knows it now."""
        sha256 = self._part.close()
        row = self._row | {"size_bytes": self._part.size_bytes, "sha256": sha256}
        if keep_s is not None:
            row["keep_until"] = row["created_at"] + keep_s
        self._shelf.blobs.adopt(self._part.path, row["blob"])
        try:
            with writing(self._shelf.engine) as connection:
                return insert_recording(connection, row)
        except StenografError:  # nothing was committed; after anything else a sweep finds out
            self._shelf.blobs.delete(row["blob"])
            raise


class RecordingShelf(Shelf):
    """The part of the library that holds recordings."""

    def add_recording(
        self,
        source: BinaryIO | Path,
        *,
        name: str,
        content_type: str,
        key_id: str | None = None,
        keep_s: float | None = None,
    ) -> StoredRecording:
        """Keep a copy of the source, read in chunks; `name` becomes a base name.

        With `keep_s` it is for somebody who waits: `delete_expired` removes it after that time,
        should they vanish.

        Raises DiskFullError or LibraryError, and what reading the source raises; then nothing is
        kept.
        """
        with self.receive(name=name, content_type=content_type, key_id=key_id) as reception:
            with _opened(source) as file:
                while chunk := file.read(CHUNK_BYTES):
                    reception.write(chunk)
            return reception.keep(keep_s=keep_s)

    @contextmanager
    def receive(
        self, *, name: str, content_type: str, key_id: str | None = None
    ) -> Iterator[Reception]:
        """A recording to be written chunk by chunk, for sources that cannot be read from."""
        id = new_id()
        row = recording_row(id, name=name, content_type=content_type, key_id=key_id, at=self.now())
        with PartFile(self.incoming / (id + PART_SUFFIX)) as part:
            yield Reception(self, part, row)

    def recording(self, recording_id: str) -> StoredRecording:
        """The recording with this id; raises RecordingNotFoundError."""
        with reading(self.engine) as connection:
            return recording_in(connection, recording_id)

    def recordings(
        self,
        *,
        query: str | None = None,
        limit: int = 50,
        offset: int = 0,
        key_id: str | None = None,
    ) -> Page[StoredRecording]:
        """Recordings, newest first; `query` is a part of their names, in any case of letters."""
        from sqlalchemy import func, select

        from stenograf.library.tables import recordings

        wanted: list[ColumnElement[bool]] = []
        if query is not None:
            wanted.append(recordings.c.name_folded.contains(folded(query), autoescape=True))
        if key_id is not None:
            wanted.append(recordings.c.key_id == key_id)
        order = recordings.c.created_at.desc(), recordings.c.id
        chosen = recordings.select().where(*wanted).order_by(*order).limit(limit).offset(offset)
        counted = select(func.count()).select_from(recordings).where(*wanted)
        with reading(self.engine) as connection:
            rows = connection.execute(chosen).mappings().all()
            total = connection.execute(counted).scalar_one()
        return Page([record(StoredRecording, row) for row in rows], total, limit, offset)

    def audio(self, recording_id: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes [start, end) of the file as it was brought, in chunks.

        Raises RecordingNotFoundError and BlobMissingError before the first chunk.
        """
        found = self.recording(recording_id)
        until = found.size_bytes if end is None else min(end, found.size_bytes)
        if found.size_bytes == 0:
            self.blobs.size(found.blob)
        return self.blobs.read(found.blob, max(0, start), until)

    def audio_file(self, recording_id: str) -> AbstractContextManager[Path]:
        """The file to decode from while the block lasts; raises BlobMissingError on entering."""
        return self.blobs.file(self.recording(recording_id).blob)

    def delete_recording(self, recording_id: str) -> None:
        """Remove it with its transcripts, jobs and all that belongs to them, the sound last.

        A crash in between leaves sound that nobody refers to; `sweep` removes it.
        Raises RecordingNotFoundError.
        """
        from stenograf.library.tables import recordings

        with writing(self.engine) as connection:
            blob = recording_in(connection, recording_id).blob
            connection.execute(recordings.delete().where(recordings.c.id == recording_id))
        self.has_traces = True
        self.blobs.delete(blob)

    def delete_older_than(self, seconds: float) -> int:
        """Delete what was brought longer ago than that, except where a job is not finished yet.

        Returns how many recordings went.
        """
        from stenograf.library.tables import recordings

        return self._delete_where(recordings.c.created_at < self.now() - seconds)

    def delete_expired(self) -> int:
        """Delete what was kept for somebody who waits no more; returns how many recordings went."""
        from stenograf.library.tables import recordings

        return self._delete_where(recordings.c.keep_until < self.now())

    def _delete_where(self, wanted: ColumnElement[bool]) -> int:
        from sqlalchemy import select

        from stenograf.library.tables import jobs, recordings

        busy = select(jobs.c.recording_id).where(
            jobs.c.status.in_(("queued", "running")), jobs.c.recording_id.is_not(None)
        )
        old = select(recordings.c.id).where(wanted, recordings.c.id.not_in(busy))
        with reading(self.engine) as connection:
            ids = connection.execute(old).scalars().all()
        return sum(self._delete_if_there(id) for id in ids)

    def _delete_if_there(self, recording_id: str) -> bool:
        try:
            self.delete_recording(recording_id)
        except RecordingNotFoundError:  # somebody else was quicker
            return False
        return True


def recording_row(
    id: str, *, name: str, content_type: str, key_id: str | None, at: float
) -> dict[str, Any]:
    """What a new row holds before its sound is complete."""
    cleaned = clean_name(name)
    return {
        "id": id,
        "name": cleaned,
        "name_folded": folded(cleaned),
        "content_type": clean_type(content_type),
        "duration_s": None,
        "blob": blob_name(id),
        "key_id": key_id,
        "created_at": at,
    }


def insert_recording(connection: Connection, row: dict[str, Any]) -> StoredRecording:
    """Write the row; the recording that it describes."""
    from stenograf.library.tables import recordings

    connection.execute(recordings.insert().values(row))
    return record(StoredRecording, row)


def blob_name(recording_id: str) -> str:
    """Where the sound of a recording lies: 256 folders, so that none grows too long.

    >>> blob_name("c0ffee")
    'c0/c0ffee'
    """
    return f"{recording_id[:2]}/{recording_id}"


@contextmanager
def _opened(source: BinaryIO | Path) -> Iterator[BinaryIO]:
    if not isinstance(source, Path):
        yield source
        return
    with source.open("rb") as file:
        yield file
