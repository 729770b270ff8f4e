"""What every part of the library works with."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from stenograf.core.errors import RecordingNotFoundError
from stenograf.library.records import StoredRecording

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from stenograf.library.blobs import Blobs

Record = TypeVar("Record")


class Shelf:
    """The database, the blobs, and the folder where sound waits until it is complete."""

    def __init__(self, engine: Engine, blobs: Blobs, incoming: Path) -> None:
        self.engine = engine
        self.blobs = blobs
        self.incoming = incoming
        self.has_traces = True  # of deleted text, in the index; another process may have left some

    def now(self) -> float:
        """Seconds since 1970 UTC."""
        return time.time()


def new_id() -> str:
    """32 hexadecimal digits that nobody can guess."""
    return secrets.token_hex(16)


def record(kind: type[Record], row: Mapping[Any, Any], **more: Any) -> Record:
    """The row as a value: its fields are columns of the same names."""
    fields: Mapping[str, Any] = kind.__dataclass_fields__  # type: ignore[attr-defined]
    return kind(**{name: row[name] for name in fields if name not in more}, **more)


def recording_in(connection: Connection, recording_id: str) -> StoredRecording:
    """The recording with this id; raises RecordingNotFoundError."""
    from stenograf.library.tables import recordings

    query = recordings.select().where(recordings.c.id == recording_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise RecordingNotFoundError("There is no recording {id}.", id=recording_id)
    return record(StoredRecording, row)
