"""What search looks through: utterances of each newest transcript, and the stems of their words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stenograf.attribution import utterances
from stenograf.core.transcript import Transcript, Utterance
from stenograf.library.incoming import printable
from stenograf.stems import stems

if TYPE_CHECKING:
    from sqlalchemy import Connection


def passage_rows(transcript: Transcript) -> list[dict[str, Any]]:
    """The rows of a document, without recording and version."""
    return [_row(transcript, said) for said in utterances(transcript.words)]


def index_passages(
    connection: Connection, recording_id: str, version: int, rows: list[dict[str, Any]]
) -> None:
    """Let the recording be found by these passages, and no longer by those before."""
    from stenograf.library.tables import passages

    connection.execute(passages.delete().where(passages.c.recording_id == recording_id))
    belongs = {"recording_id": recording_id, "version": version}
    if rows:
        connection.execute(passages.insert(), [row | belongs for row in rows])


def _row(transcript: Transcript, said: Utterance) -> dict[str, Any]:
    text = printable(said.text)
    speaker = transcript.speaker(said.speaker)
    return {
        "start_s": said.span.start,
        "end_s": said.span.end,
        "speaker": None if said.speaker is None else printable(said.speaker),
        "speaker_label": None if speaker is None else printable(speaker.label),
        "text": text,
        "stems": " ".join(stems(text)),
    }
