"""Voices: people to be known again, with every source of how they sound."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stenograf.core.errors import ConflictError, OptionError, VoiceNotFoundError
from stenograf.library.database import reading, writing
from stenograf.library.incoming import printable
from stenograf.library.records import EnrolledVoice, VoiceSource
from stenograf.library.shelf import Shelf, new_id, record

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


class VoiceShelf(Shelf):
    """The part of the library that holds voices."""

    def enrol_voice(  # noqa: PLR0913  (each is a column)
        self,
        name: str,
        *,
        model: str,
        vector: Sequence[float],
        seconds: float,
        recording_id: str | None = None,
        speaker: str | None = None,
        file_name: str | None = None,
        key_id: str | None = None,
    ) -> EnrolledVoice:
        """The voice of this name with one source more; the first source makes the voice.

        Raises OptionError for an empty name.
        """
        from stenograf.library.tables import voice_sources

        called = printable(name).strip()[:200]
        if not called:
            raise OptionError("A voice needs a name.")
        source = {
            "id": new_id(),
            "model": model,
            "vector": struct.pack(f"<{len(vector)}f", *vector),
            "seconds": seconds,
            "recording_id": recording_id,
            "speaker": speaker,
            "file_name": None if file_name is None else printable(file_name)[:255],
            "created_at": self.now(),
        }
        with writing(self.engine) as connection:
            voice_id = self._voice_called(connection, called, key_id)
            connection.execute(voice_sources.insert().values(source | {"voice_id": voice_id}))
            [voice] = _voices(connection, voice_id)
        return voice

    def voices(self) -> list[EnrolledVoice]:
        """Every voice, by name."""
        with reading(self.engine) as connection:
            return _voices(connection)

    def delete_voice(self, voice_id: str) -> None:
        """Forget somebody's voice with all of its sources; raises VoiceNotFoundError."""
        from stenograf.library.tables import voices

        with writing(self.engine) as connection:
            gone = connection.execute(voices.delete().where(voices.c.id == voice_id))
        if not gone.rowcount:
            raise VoiceNotFoundError("There is no voice {id}.", id=voice_id)

    def delete_voice_source(self, voice_id: str, source_id: str) -> None:
        """Forget one source; the voice goes with its last one. Raises VoiceNotFoundError."""
        from sqlalchemy import select

        from stenograf.library.tables import voice_sources as s
        from stenograf.library.tables import voices

        with writing(self.engine) as connection:
            this = s.delete().where(s.c.id == source_id, s.c.voice_id == voice_id)
            if not connection.execute(this).rowcount:
                raise VoiceNotFoundError(
                    "The voice {id} has no source {source}.", id=voice_id, source=source_id
                )
            left = select(s.c.id).where(s.c.voice_id == voice_id).exists()
            connection.execute(voices.delete().where(voices.c.id == voice_id, ~left))

    def _voice_called(self, connection: Connection, name: str, key_id: str | None) -> str:
        """The id of the voice, made where there is none of this name."""
        from sqlalchemy import select
        from sqlalchemy.exc import IntegrityError

        from stenograf.library.tables import voices

        query = select(voices.c.id).where(voices.c.name == name)
        found = connection.execute(query).scalar_one_or_none()
        if found is not None:
            return str(found)
        row = {"id": new_id(), "name": name, "key_id": key_id, "created_at": self.now()}
        try:
            connection.execute(voices.insert().values(row))
        except IntegrityError as twice:  # on a database without one writer
            raise ConflictError("The voice {name} was enrolled just now.", name=name) from twice
        return str(row["id"])


def _voices(connection: Connection, voice_id: str | None = None) -> list[EnrolledVoice]:
    from stenograf.library.tables import voice_sources as s
    from stenograf.library.tables import voices as v

    def only(column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        return [] if voice_id is None else [column == voice_id]

    query = s.select().where(*only(s.c.voice_id)).order_by(s.c.created_at, s.c.id)
    sources: dict[str, list[VoiceSource]] = {}
    for row in connection.execute(query).mappings():
        sources.setdefault(row["voice_id"], []).append(_source(row))
    rows = connection.execute(v.select().where(*only(v.c.id)).order_by(v.c.name)).mappings()
    return [record(EnrolledVoice, row, sources=tuple(sources.get(row["id"], ()))) for row in rows]


def _source(row: Mapping[Any, Any]) -> VoiceSource:
    packed: bytes = row["vector"]
    vector = struct.unpack(f"<{len(packed) // 4}f", packed)
    return record(VoiceSource, row, vector=vector)
