"""The diarization service of the brief: `POST /diarize`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from stenograf.api.auth import MayTranscribe
from stenograf.api.openapi import errors, multipart
from stenograf.api.services import Given
from stenograf.api.uploads import Form, read_form
from stenograf.api.work import given_file, transcript_of
from stenograf.core.transcript import Transcript

router = APIRouter(tags=["diarization service"])


class SpeakerTurn(BaseModel):
    """Somebody speaks; seconds from the start of the recording."""

    speaker: str = Field(examples=["SPEAKER_00"])
    start: float = Field(examples=[0.5])
    end: float = Field(examples=[3.2])


class Diarized(BaseModel):
    """Turns in order of start, speakers numbered in order of first speech."""

    speakers: list[SpeakerTurn]
    duration: float = Field(examples=[10.5])


class Refused(BaseModel):
    """Why not."""

    error: str = Field(examples=["No file uploaded"])


FORM = multipart(
    {"file": "binary", "num_speakers": "integer", "min_speakers": "integer"}
    | {"max_speakers": "integer"},
    required=("file",),
    num_speakers=2,
)


@router.post(
    "/diarize", summary="Tell speakers apart", openapi_extra=FORM, responses=errors(Refused)
)
async def diarize(request: Request, services: Given, caller: MayTranscribe) -> Diarized:
    """Who speaks when in a recording of up to 100 MB."""
    async with read_form(request, max_bytes=services.limits.max_diarize_bytes) as form:
        transcript = await transcript_of(
            services, caller, request, given_file(form.file("file")), bounds(form), kind="diarize"
        )
    return Diarized(speakers=turns_of(transcript), duration=round(transcript.recording.duration, 3))


def bounds(form: Form) -> dict[str, Any]:
    """How many speakers there are, as far as the form says."""
    return {
        "speakers": form.number("num_speakers", "speakers"),
        "min_speakers": form.number("min_speakers", "minSpeakers"),
        "max_speakers": form.number("max_speakers", "maxSpeakers"),
    }


def turns_of(transcript: Transcript) -> list[SpeakerTurn]:
    """The turns as the wire has them, to the millisecond."""
    ordered = sorted(transcript.turns, key=lambda turn: (turn.span, turn.speaker))
    return [
        SpeakerTurn(
            speaker=turn.speaker, start=round(turn.span.start, 3), end=round(turn.span.end, 3)
        )
        for turn in ordered
    ]
