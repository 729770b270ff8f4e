"""Speakers of a transcript: named, merged, split, told apart again. Each makes a new version."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from stenograf import voices
from stenograf.api.auth import MayReadOwn, MayWrite
from stenograf.api.native.wire import FAILS, PREFIX, RevisionOut
from stenograf.api.openapi import example
from stenograf.api.services import Given, Services
from stenograf.api.work import visible
from stenograf.attribution import merge_speakers, rename_speaker
from stenograf.core.transcript import Transcript
from stenograf.library import MadeBy
from stenograf.speakers import recluster, split_speaker

router = APIRouter(
    prefix=f"{PREFIX}/recordings/{{id}}/speakers", tags=["speakers"], responses=FAILS
)


class Rename(BaseModel):
    """A name or a role; the empty text takes it away."""

    model_config = example(extra="forbid", name="Anna", role="client")

    name: str | None = Field(None, max_length=200)
    role: str | None = Field(None, max_length=200)


class Merge(BaseModel):
    """Who the speaker really is."""

    model_config = example(extra="forbid", into="SPEAKER_00")

    into: str


class Split(BaseModel):
    """How many people were taken for one."""

    model_config = ConfigDict(extra="forbid")

    parts: int = Field(2, ge=2, le=20)


class Recluster(BaseModel):
    """How many speakers there are, as far as it is known."""

    model_config = example(extra="forbid", speakers=2)

    speakers: int | None = Field(None, ge=1)
    min_speakers: int | None = Field(None, ge=1)
    max_speakers: int | None = Field(None, ge=1)
    exclusive: bool = Field(False, description="Turns that never overlap.")


class SpeakerOut(BaseModel):
    """A voice of the recording; `seconds` is how long it speaks."""

    model_config = example(id="SPEAKER_01", name="Anna", role="client", seconds=12.4)

    id: str
    name: str | None
    role: str | None
    seconds: float


class IdentifiedOut(RevisionOut):
    """The version with those names; `names` are the new ones by speaker id, none for no change."""

    model_config = example(
        version=3,
        made_by="edit",
        job_id=None,
        note=None,
        created_at=1_763_712_000.0,
        names={"SPEAKER_01": "Anna"},
    )

    names: dict[str, str]


@router.get("", summary="List speakers")
def listed(id: str, services: Given, caller: MayReadOwn) -> list[SpeakerOut]:
    """Who speaks, in order of first speech."""
    visible(services, caller, id)
    document = services.library.transcript(id).transcript
    seconds = {each.id: 0.0 for each in document.speakers}
    for turn in document.turns:
        seconds[turn.speaker] = seconds.get(turn.speaker, 0.0) + turn.span.duration
    return [
        SpeakerOut(id=each.id, name=each.name, role=each.role, seconds=round(seconds[each.id], 3))
        for each in document.speakers
    ]


@router.post("/recluster", summary="Tell speakers apart again")
def again(id: str, asked: Recluster, services: Given, caller: MayWrite) -> RevisionOut:
    """Tell the speakers apart again, from the voices kept with the transcript: in seconds."""
    heard = voices.kept_voices(services.library, id)
    return _saved(
        services,
        id,
        lambda document: recluster(document, heard, **asked.model_dump()),
        made_by="recluster",
    )


@router.post("/identify", summary="Name known speakers")
def identify(id: str, services: Given, caller: MayWrite) -> IdentifiedOut:
    """Name the nameless who sound like an enrolled voice; doubt names nobody."""
    newest, names = voices.identify(services.library, id)
    return IdentifiedOut(names=dict(names), **RevisionOut.of(newest).model_dump())


@router.patch("/{speaker}", summary="Rename a speaker")
def rename(id: str, speaker: str, asked: Rename, services: Given, caller: MayWrite) -> RevisionOut:
    """Name a speaker, or give a role."""
    return _saved(
        services,
        id,
        lambda document: rename_speaker(document, speaker, name=asked.name, role=asked.role),
    )


@router.post("/{speaker}/merge", summary="Merge two speakers")
def merge(id: str, speaker: str, asked: Merge, services: Given, caller: MayWrite) -> RevisionOut:
    """Make two speakers one."""
    return _saved(services, id, lambda found: merge_speakers(found, speaker, into=asked.into))


@router.post("/{speaker}/split", summary="Split a speaker")
def split(id: str, speaker: str, asked: Split, services: Given, caller: MayWrite) -> RevisionOut:
    """Take one speaker apart by voice."""
    heard = voices.kept_voices(services.library, id)
    return _saved(
        services, id, lambda found: split_speaker(found, heard, speaker, parts=asked.parts)
    )


def _saved(
    services: Services,
    id: str,
    change: Callable[[Transcript], Transcript],
    *,
    made_by: MadeBy = "edit",
) -> RevisionOut:
    newest = services.library.transcript(id)
    saved = services.library.save_transcript(
        id, change(newest.transcript), made_by=made_by, expected_version=newest.version
    )
    return RevisionOut.of(saved)
