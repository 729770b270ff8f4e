"""The protocol maker of the brief: `POST /api/diarize`."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from stenograf.api.auth import MayTranscribe
from stenograf.api.diarization import SpeakerTurn, bounds, turns_of
from stenograf.api.openapi import errors, multipart
from stenograf.api.services import Given
from stenograf.api.uploads import read_form
from stenograf.api.work import given_file, transcript_of

router = APIRouter(tags=["protocol maker"])


class ProtocolTurns(BaseModel):
    """Turns and speakers, in the camel case of that contract."""

    success: Literal[True] = True
    segments: list[SpeakerTurn]
    speakers: list[str] = Field(examples=[["SPEAKER_00", "SPEAKER_01"]])
    totalSpeakers: int = Field(examples=[2])  # noqa: N815
    duration: float = Field(examples=[10.5])


class Failure(BaseModel):
    """Why not."""

    success: Literal[False] = False
    error: str = Field(examples=["No file uploaded"])


FORM = multipart(
    {"audioFile": "binary", "minSpeakers": "integer", "maxSpeakers": "integer"},
    required=("audioFile",),
    minSpeakers=2,
    maxSpeakers=4,
)


@router.post(
    "/api/diarize", summary="Tell speakers apart", openapi_extra=FORM, responses=errors(Failure)
)
async def diarize(request: Request, services: Given, caller: MayTranscribe) -> ProtocolTurns:
    """Who speaks when, for the protocol maker."""
    async with read_form(request, max_bytes=services.limits.max_upload_bytes) as form:
        file = given_file(form.file("audioFile", "file"))
        transcript = await transcript_of(
            services, caller, request, file, bounds(form), kind="diarize"
        )
    turns = turns_of(transcript)
    speakers = list(dict.fromkeys(turn.speaker for turn in turns))
    return ProtocolTurns(
        segments=turns,
        speakers=speakers,
        totalSpeakers=len(speakers),
        duration=round(transcript.recording.duration, 3),
    )
