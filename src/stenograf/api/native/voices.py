"""Voices: people enrolled, so that they are known again in other recordings."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from stenograf.api.auth import Caller, MayRead, MayWrite
from stenograf.api.native.wire import FAILS, PREFIX
from stenograf.api.openapi import example, json_body, multipart
from stenograf.api.options import broken
from stenograf.api.services import Given, Services
from stenograf.api.uploads import read_form, read_json
from stenograf.api.work import given_file, heard
from stenograf.library import EnrolledVoice, VoiceSource
from stenograf.voices import enrol_clip, enrol_speaker

router = APIRouter(prefix=f"{PREFIX}/voices", tags=["voices"], responses=FAILS)

Body = TypeVar("Body", bound=BaseModel)
Name = Annotated[str, Field(min_length=1, max_length=200)]


class FromTranscript(BaseModel):
    """A speaker of a transcript, by id or name, and whose voice it is."""

    model_config = example(
        extra="forbid",
        name="Anna",
        recording_id="9ab0c41d5e7f42d38a6b1c2d3e4f5a60",
        speaker="SPEAKER_00",
    )

    name: Name
    recording_id: str = Field(max_length=200)
    speaker: str = Field(max_length=200)


class FromClip(BaseModel):
    """Whose voice is in the clip beside it."""

    name: Name


class SourceOut(BaseModel):
    """Where a voice was taken from: a speaker of a recording, or a clip."""

    model_config = example(
        id="3c4d5e6f708192a3b4c5d6e7f8091223",
        model="wespeaker-resnet34",
        seconds=13.3,
        recording_id=None,
        speaker=None,
        file_name="anna.mp3",
        created_at=1_763_712_000.0,
    )

    id: str
    model: str
    seconds: float
    recording_id: str | None
    speaker: str | None
    file_name: str | None
    created_at: float

    @classmethod
    def of(cls, source: VoiceSource) -> SourceOut:
        """From what the library hands out; the vector stays inside."""
        return cls(**{name: getattr(source, name) for name in cls.model_fields})


class VoiceOut(BaseModel):
    """A person who is known again."""

    id: str = Field(examples=["4d5e6f708192a3b4c5d6e7f809122334"])
    name: str = Field(examples=["Anna"])
    key_id: str | None = Field(examples=[None])
    created_at: float = Field(examples=[1_763_712_000.0])
    sources: list[SourceOut]

    @classmethod
    def of(cls, voice: EnrolledVoice) -> VoiceOut:
        """From what the library hands out."""
        names = [name for name in VoiceOut.model_fields if name != "sources"]
        return cls(
            sources=[SourceOut.of(each) for each in voice.sources],
            **{name: getattr(voice, name) for name in names},
        )


_FORM: Final = multipart(
    {"name": "string", "file": "binary"}, required=("name", "file"), name="Anna"
)
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            **_FORM["requestBody"]["content"],
            **json_body(FromTranscript)["requestBody"]["content"],
        },
    }
}


@router.get("", summary="List voices")
def listed(services: Given, caller: MayRead) -> list[VoiceOut]:
    """Who is enrolled, by name, and where each voice was taken from."""
    found = services.library.voices()
    return [VoiceOut.of(voice) for voice in found]


@router.post("", summary="Enrol a voice", status_code=201, openapi_extra=_BODY)
async def enrol(request: Request, services: Given, caller: MayWrite) -> VoiceOut:
    """Keep how somebody sounds, from a clip or a speaker of a transcript; again adds a source."""
    kind = request.headers.get("content-type", "")
    if kind.lower().startswith("multipart/form-data"):
        return VoiceOut.of(await _from_clip(request, services, caller))
    asked = _checked(FromTranscript, await read_json(request))
    return VoiceOut.of(await run_in_threadpool(_from_transcript, services, caller, asked))


@router.delete("/{id}", summary="Forget a voice", status_code=204)
def delete(id: str, services: Given, caller: MayWrite) -> None:
    """Forget somebody's voice; names in transcripts stay."""
    services.library.delete_voice(id)


@router.delete("/{id}/sources/{source}", summary="Take back an enrolment", status_code=204)
def undo(id: str, source: str, services: Given, caller: MayWrite) -> None:
    """Take back one enrolment; the voice goes with its last one."""
    services.library.delete_voice_source(id, source)


def _checked(model: type[Body], given: dict[str, Any]) -> Body:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise broken(error) from None


async def _from_clip(request: Request, services: Services, caller: Caller) -> EnrolledVoice:
    async with read_form(request, max_bytes=services.limits.max_upload_bytes) as form:
        name = form.text("name")
        asked = _checked(FromClip, {} if name is None else {"name": name})
        file = given_file(form.file("file"))
        clip, evidence = await heard(
            services, caller, request, file, {"speakers": 1}, kind="diarize"
        )
        return await run_in_threadpool(
            enrol_clip,
            services.library,
            asked.name,
            clip,
            evidence,
            file_name=file.filename,
            key_id=caller.key_id,
        )


def _from_transcript(services: Services, caller: Caller, asked: FromTranscript) -> EnrolledVoice:
    return enrol_speaker(
        services.library, asked.name, asked.recording_id, asked.speaker, key_id=caller.key_id
    )
