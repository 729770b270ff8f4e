"""Minutes: the documents that were made of transcripts, each with the version it is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stenograf.library.database import reading, writing
from stenograf.library.records import StoredMinutes
from stenograf.library.shelf import Shelf, new_id, record, recording_in

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


class MinutesShelf(Shelf):
    """The part of the library that holds minutes."""

    def save_minutes(  # noqa: PLR0913  (each is a column)
        self,
        recording_id: str,
        document: bytes,
        *,
        version: int,
        method: str,
        model: str | None = None,
        job_id: str | None = None,
        key_id: str | None = None,
    ) -> StoredMinutes:
        """Minutes of one version of the recording's transcript; those before stay.

        `document` is UTF-8. A job is recorded once: saving again for the same `job_id` gives what
        was saved then. Raises RecordingNotFoundError.
        """
        from sqlalchemy.exc import IntegrityError

        row: dict[str, Any] = {
            "id": new_id(),
            "recording_id": recording_id,
            "version": version,
            "document": document.decode(),
            "method": method,
            "model": model,
            "job_id": job_id,
            "key_id": key_id,
            "created_at": self.now(),
        }
        try:
            with writing(self.engine) as connection:
                return _saved(connection, row) or _insert(connection, row)
        except IntegrityError:  # on a database without one writer somebody was quicker
            with reading(self.engine) as connection:
                if (saved := _saved(connection, row)) is None:
                    raise
                return saved

    def minutes(
        self, recording_id: str, *, method: str | None = None, limit: int = 50
    ) -> list[StoredMinutes]:
        """Minutes of a recording, newest first, of any method unless one is named.

        Raises RecordingNotFoundError.
        """
        from stenograf.library.tables import minutes as m

        wanted: list[ColumnElement[bool]] = [m.c.recording_id == recording_id]
        if method is not None:
            wanted.append(m.c.method == method)
        newest = m.select().where(*wanted).order_by(m.c.created_at.desc(), m.c.id).limit(limit)
        with reading(self.engine) as connection:
            recording_in(connection, recording_id)
            return [_stored(row) for row in connection.execute(newest).mappings()]


def _saved(connection: Connection, row: dict[str, Any]) -> StoredMinutes | None:
    """What the job of a new row has recorded already; raises RecordingNotFoundError."""
    from stenograf.library.tables import minutes

    recording_in(connection, row["recording_id"])
    query = minutes.select().where(minutes.c.job_id == row["job_id"])
    found = connection.execute(query).mappings().one_or_none() if row["job_id"] else None
    return None if found is None else _stored(found)


def _insert(connection: Connection, row: dict[str, Any]) -> StoredMinutes:
    from stenograf.library.tables import minutes

    connection.execute(minutes.insert().values(row))
    return _stored(row)


def _stored(row: Mapping[Any, Any]) -> StoredMinutes:
    return record(StoredMinutes, row, document=row["document"].encode())
