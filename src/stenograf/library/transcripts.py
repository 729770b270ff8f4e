"""Transcripts: every version that was, the newest for search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stenograf.core.errors import ConflictError, TranscriptNotFoundError
from stenograf.core.evidence import SpeakerEvidence
from stenograf.core.transcript import Transcript
from stenograf.library.database import reading, writing
from stenograf.library.incoming import printable
from stenograf.library.passages import index_passages, passage_rows
from stenograf.library.records import MadeBy, Revision, StoredTranscript
from stenograf.library.shelf import Shelf, new_id, record, recording_in

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select


class TranscriptShelf(Shelf):
    """The part of the library that holds what was said."""

    def save_transcript(  # noqa: PLR0913
        self,
        recording_id: str,
        transcript: Transcript,
        *,
        evidence: SpeakerEvidence | None = None,
        made_by: MadeBy = "job",
        job_id: str | None = None,
        note: str | None = None,
        expected_version: int | None = None,
    ) -> StoredTranscript:
        """The next version of the recording's transcript; the versions before stay.

        A job is recorded once: saving again for the same `job_id` gives what was saved then.
        `expected_version` is the version that was changed, 0 for none.
        Raises ConflictError where it is not the newest any more, RecordingNotFoundError.
        """
        from stenograf.export import render_evidence, to_json

        document = to_json(transcript)
        row: dict[str, Any] = {
            "id": new_id(),
            "recording_id": recording_id,
            "document": document.decode(),
            "evidence": None if evidence is None else render_evidence(evidence),
            "made_by": made_by,
            "job_id": job_id,
            "note": None if note is None else printable(note),
            "created_at": self.now(),
        }
        found = passage_rows(transcript)
        with writing(self.engine) as connection:
            recording_in(connection, recording_id)
            if job_id is not None and (saved := _of_job(connection, job_id)):
                return saved
            row["version"] = _next_version(connection, recording_id, expected_version)
            _insert(connection, row)
            index_passages(connection, recording_id, row["version"], found)
            _note_duration(connection, recording_id, transcript.recording.duration)
        return record(StoredTranscript, row, document=document)

    def transcript(self, recording_id: str, version: int | None = None) -> StoredTranscript:
        """One version, the newest unless asked for another.

        Raises RecordingNotFoundError and TranscriptNotFoundError.
        """
        with reading(self.engine) as connection:
            recording_in(connection, recording_id)
            query = _documents(recording_id, version).limit(1)
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            raise TranscriptNotFoundError(
                "The recording {id} has no such transcript.", id=recording_id, version=version
            )
        return record(StoredTranscript, row, document=row["document"].encode())

    def history(self, recording_id: str) -> list[Revision]:
        """Every version, newest first, without the documents; raises RecordingNotFoundError."""
        from sqlalchemy import select

        from stenograf.library.tables import transcripts as t

        columns = [t.c[name] for name in Revision.__dataclass_fields__]
        query = select(*columns).where(t.c.recording_id == recording_id)
        with reading(self.engine) as connection:
            recording_in(connection, recording_id)
            rows = connection.execute(query.order_by(t.c.version.desc())).mappings().all()
        return [record(Revision, row) for row in rows]

    def evidence(self, recording_id: str, version: int | None = None) -> SpeakerEvidence | None:
        """The voices that a version goes back to: its own, or those of the nearest one before.

        None where the recording's speakers were never told apart by voice.
        """
        from sqlalchemy import select

        from stenograf.export import read_evidence
        from stenograf.library.tables import transcripts as t

        query = select(t.c.evidence).where(
            t.c.recording_id == recording_id, t.c.evidence.is_not(None)
        )
        if version is not None:
            query = query.where(t.c.version <= version)
        with reading(self.engine) as connection:
            recording_in(connection, recording_id)
            newest = query.order_by(t.c.version.desc()).limit(1)
            found = connection.execute(newest).scalar_one_or_none()
        return None if found is None else read_evidence(found)


def _documents(recording_id: str, version: int | None) -> Select[Any]:
    from sqlalchemy import select

    from stenograf.library.tables import transcripts as t

    columns = [t.c[name] for name in StoredTranscript.__dataclass_fields__]
    query = select(*columns).where(t.c.recording_id == recording_id)
    if version is not None:
        query = query.where(t.c.version == version)
    return query.order_by(t.c.version.desc())


def _of_job(connection: Connection, job_id: str) -> StoredTranscript | None:
    from stenograf.library.tables import transcripts

    query = transcripts.select().where(transcripts.c.job_id == job_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    return record(StoredTranscript, row, document=row["document"].encode())


def _next_version(connection: Connection, recording_id: str, expected: int | None) -> int:
    from sqlalchemy import func, select

    from stenograf.library.tables import transcripts as t

    query = select(func.max(t.c.version)).where(t.c.recording_id == recording_id)
    newest = connection.execute(query).scalar_one() or 0
    if expected is not None and expected != newest:
        raise ConflictError(
            "The transcript has version {newest} by now; the change was made to {expected}.",
            newest=newest,
            expected=expected,
        )
    return int(newest) + 1


def _note_duration(connection: Connection, recording_id: str, seconds: float) -> None:
    """Until somebody has decoded a recording, nobody knows how long it is."""
    from sqlalchemy import update

    from stenograf.library.tables import recordings

    this = update(recordings).where(recordings.c.id == recording_id)
    connection.execute(this.values(duration_s=seconds))


def _insert(connection: Connection, row: dict[str, Any]) -> None:
    """Write the row; on a database without one writer, two may want the same version."""
    from sqlalchemy.exc import IntegrityError

    from stenograf.library.tables import transcripts

    try:
        connection.execute(transcripts.insert().values(row))
    except IntegrityError as twice:
        raise ConflictError(
            "Version {version} was saved by somebody else.", version=row["version"]
        ) from twice
