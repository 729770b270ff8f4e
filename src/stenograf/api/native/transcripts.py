"""Transcripts: read, exported, edited, with their history."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from stenograf.api.auth import MayReadOwn, MayWrite
from stenograf.api.native.wire import FAILS, MAX_NUMBER, PREFIX, RevisionOut
from stenograf.api.openapi import example
from stenograf.api.services import Given
from stenograf.api.work import visible
from stenograf.core.errors import OptionError
from stenograf.core.transcript import Transcript, Word
from stenograf.export import format_named

router = APIRouter(prefix=f"{PREFIX}/recordings/{{id}}", tags=["transcripts"], responses=FAILS)

Version = Annotated[int | None, Query(ge=1, le=MAX_NUMBER, description="The newest unless given.")]


class WordEdit(BaseModel):
    """A change of one word; what is left out stays. The empty text removes the word."""

    model_config = ConfigDict(extra="forbid")

    index: int = Field(ge=0, description="Place among the words of the version that is changed.")
    text: str | None = Field(None, max_length=1000)
    speaker: str | None = Field(None, description="Id of a speaker of this document.")


class Edit(BaseModel):
    """Changes to one version; 409 if somebody else saved a newer one."""

    model_config = example(
        extra="forbid", version=1, words=[{"index": 3, "text": "delivery"}], note="a name corrected"
    )

    version: int = Field(ge=1, le=MAX_NUMBER)
    words: list[WordEdit] = Field(min_length=1, max_length=100_000)
    note: str | None = Field(None, max_length=1000)


@router.get("/transcript", summary="Get or export a transcript", response_class=Response)
def transcript(
    id: str,
    services: Given,
    caller: MayReadOwn,
    format: str = "json",
    version: Version = None,
) -> Response:
    """The transcript in any format of `stenograf export`; `json` is the whole document."""
    stored = visible(services, caller, id)
    wanted = format_named(format)
    found = services.library.transcript(id, version)
    headers = {"X-Transcript-Version": str(found.version)}
    if format == "json":
        return Response(found.document, media_type="application/json", headers=headers)
    stem = stored.name.rsplit(".", 1)[0]
    headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(stem + wanted.suffix)}"
    return Response(wanted.render(found.transcript), media_type=wanted.media_type, headers=headers)


@router.get("/history", summary="List versions")
def history(id: str, services: Given, caller: MayReadOwn) -> list[RevisionOut]:
    """Every version, newest first."""
    visible(services, caller, id)
    return [RevisionOut.of(each) for each in services.library.history(id)]


@router.patch("/transcript", summary="Correct a transcript")
def edit(id: str, asked: Edit, services: Given, caller: MayWrite) -> RevisionOut:
    """Correct words, or who said them; the versions before stay."""
    before = services.library.transcript(id, asked.version).transcript
    saved = services.library.save_transcript(
        id,
        edited(before, asked.words),
        made_by="edit",
        note=asked.note,
        expected_version=asked.version,
    )
    return RevisionOut.of(saved)


@router.post("/transcript/restore", summary="Restore a version")
def restore(
    id: str, version: Annotated[int, Query(ge=1, le=MAX_NUMBER)], services: Given, caller: MayWrite
) -> RevisionOut:
    """Make an older version the newest one."""
    older = services.library.transcript(id, version).transcript
    note = f"version {version} restored"
    return RevisionOut.of(services.library.save_transcript(id, older, made_by="edit", note=note))


def edited(transcript: Transcript, edits: list[WordEdit]) -> Transcript:
    """The document with its words changed. Raises OptionError for one that is not there."""
    known = {speaker.id for speaker in transcript.speakers}
    words: dict[int, Word] = dict(enumerate(transcript.words))
    for change in edits:
        if change.index not in words:
            raise OptionError("There is no word {index}.", index=change.index)
        if change.speaker is not None and change.speaker not in known:
            raise OptionError("There is no speaker {speaker}.", speaker=change.speaker)
        words[change.index] = _changed(words[change.index], change)
    return replace(transcript, words=tuple(word for word in words.values() if word.text))


def _changed(word: Word, change: WordEdit) -> Word:
    changes: dict[str, Any] = {}
    if change.text is not None:
        changes |= {"text": " ".join(change.text.split()), "probability": None}
    if change.speaker is not None:
        changes |= {"speaker": change.speaker, "speaker_confidence": None}
    return replace(word, **changes)
