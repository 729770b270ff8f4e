"""Recordings of calls, as the brief has them: seller and client."""

from __future__ import annotations

from typing import Any, Final, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, SecretStr, ValidationError
from starlette.concurrency import run_in_threadpool

from stenograf.api.audio import ranged
from stenograf.api.auth import MayBring, MayReadOwn, MayTranscribe, MayWrite
from stenograf.api.openapi import SOUND, errors, example, json_body, multipart
from stenograf.api.options import broken, checked
from stenograf.api.protocol import Failure
from stenograf.api.services import Given
from stenograf.api.uploads import read_form, read_json
from stenograf.api.work import SOMEBODY_WAITS, finished, given_file, keep, submit, visible
from stenograf.attribution import RolesBy, assign_roles, utterances, with_role
from stenograf.core.errors import InvalidRequestError
from stenograf.core.transcript import TOTAL, Speaker, Transcript
from stenograf.library import StoredRecording
from stenograf.pipeline.presets import PresetName

router = APIRouter(prefix="/api/recordings", tags=["recordings of calls"])


class CallRequest(BaseModel):
    """How to transcribe a call. `hf_token` serves this request only and is kept nowhere."""

    model_config = example(model="small", language="ru", min_speakers=2, max_speakers=2)

    model: str | None = None
    hf_token: SecretStr | None = None
    language: str | None = None
    batch_size: int | None = Field(None, ge=1)
    preset: PresetName | None = None
    speakers: int | None = Field(None, ge=1)
    min_speakers: int | None = Field(None, ge=1)
    max_speakers: int | None = Field(None, ge=1)
    seller: str | None = Field(None, description="Speaker who sells, for example SPEAKER_01.")
    client: str | None = None
    roles: RolesBy = Field("order", description="`content`: the seller is known by what they say.")

    @property
    def options(self) -> dict[str, Any]:
        """The fields of TranscribeOptions, `hf_token` not among them."""
        ours = {"hf_token", "seller", "client", "roles"}
        return self.model_dump(exclude=ours, exclude_none=True) | {"engine": "whisperx"}


class CallSpeakers(BaseModel):
    """Which speaker has which role."""

    model_config = example(seller="SPEAKER_00", client="SPEAKER_01", total_speakers=2)

    seller: str | None
    client: str | None
    total_speakers: int


_METADATA: Final = {
    "transcription_method": "whisperx",
    "engine": "whisperx",
    "model": "small",
    "device": "cpu",
    "language": "en",
    "language_probability": 0.99,
    "duration": 4.2,
    "processing_time": 2.1,
    "real_time_factor": 0.5,
    "file_size": 67_200,
    "segments": [
        {
            "start": 0.4,
            "end": 1.3,
            "text": "Good morning!",
            "speaker": "SPEAKER_00",
            "words": [
                {"word": "Good", "start": 0.4, "end": 0.8, "score": 0.98, "speaker": "SPEAKER_00"}
            ],
        }
    ],
    "notices": [],
}


class CallTranscript(BaseModel):
    """A call, transcribed."""

    success: Literal[True] = True
    transcription: str = Field(examples=["Good morning! What does it cost?"])
    seller_text: str = Field(examples=["Good morning!"])
    client_text: str = Field(examples=["What does it cost?"])
    speakers: CallSpeakers
    metadata: dict[str, Any] = Field(examples=[_METADATA])


class CallRecording(BaseModel):
    """A stored recording."""

    model_config = example(
        id="9ab0c41d5e7f42d38a6b1c2d3e4f5a60",
        name="call.mp3",
        size=480_000,
        content_type="audio/mpeg",
        duration=30.0,
        created_at=1_763_712_000.0,
    )

    id: str
    name: str
    size: int
    content_type: str
    duration: float | None
    created_at: float


class OneRecording(BaseModel):
    """What `POST` and `GET` of one recording answer."""

    success: Literal[True] = True
    recording: CallRecording


class ManyRecordings(BaseModel):
    """A page of recordings, newest first."""

    success: Literal[True] = True
    recordings: list[CallRecording]
    total: int = Field(examples=[1])


class Deleted(BaseModel):
    """It is gone, and everything that was made of it."""

    success: Literal[True] = True


_FAILS: Final = errors(Failure)
_FORM: Final = multipart({"file": "binary"}, required=("file",))


@router.post("", summary="Keep a call", status_code=201, openapi_extra=_FORM, responses=_FAILS)
async def upload(request: Request, services: Given, caller: MayBring) -> OneRecording:
    """Keep a recording; the field may also be called audio, audioFile or recording."""
    async with read_form(request, max_bytes=services.limits.max_upload_bytes) as form:
        file = given_file(form.file("file", "audio", "audioFile", "recording"))
        stored = await keep(services, caller, file)
    return OneRecording(recording=shown(stored))


@router.get("", summary="List calls", responses=_FAILS)
def recordings(
    services: Given, caller: MayReadOwn, query: str | None = None, limit: int = 50, offset: int = 0
) -> ManyRecordings:
    """Recordings, newest first. Keys without `read` see theirs."""
    if not 1 <= limit <= 500 or not 0 <= offset < 2**53:
        raise InvalidRequestError(
            "{param}: 1 to 500 are allowed, and no negative offset.", param="limit"
        )
    own = None if caller.holds("read") else caller.key_id
    page = services.library.recordings(query=query, limit=limit, offset=offset, key_id=own)
    return ManyRecordings(recordings=[shown(each) for each in page.items], total=page.total)


@router.get("/{id}", summary="Get a call", responses=_FAILS)
def recording(id: str, services: Given, caller: MayReadOwn) -> OneRecording:
    """One recording."""
    return OneRecording(recording=shown(visible(services, caller, id)))


@router.delete("/{id}", summary="Delete a call", responses=_FAILS)
def delete(id: str, services: Given, caller: MayWrite) -> Deleted:
    """Delete the recording, its transcripts and its jobs."""
    services.library.delete_recording(id)
    return Deleted()


@router.get("/{id}/audio", summary="Hear a call", responses=_FAILS | SOUND, response_class=Response)
def audio(id: str, request: Request, services: Given, caller: MayReadOwn) -> Response:
    """The sound as it was uploaded; a Range header is honoured."""
    stored = visible(services, caller, id)
    return ranged(services.library, stored, request.headers.get("range"))


@router.post(
    "/{id}/transcribe-whisperx",
    summary="Transcribe a call",
    openapi_extra=json_body(CallRequest),
    responses=_FAILS,
)
async def transcribe(
    id: str, request: Request, services: Given, caller: MayTranscribe
) -> CallTranscript:
    """Who said what in a call, and what seller and client said."""
    try:
        asked = CallRequest.model_validate(await read_json(request))
    except ValidationError as error:
        raise broken(error) from None
    stored = await run_in_threadpool(visible, services, caller, id)
    options = checked(asked.options)
    if asked.hf_token is not None:
        token = asked.hf_token.get_secret_value()
        await run_in_threadpool(services.fetch, options, token)
    job = await submit(services, caller, request, id, options, priority=SOMEBODY_WAITS)
    transcript = await finished(services, request, job)
    with_roles = assign_roles(transcript, seller=asked.seller, client=asked.client, by=asked.roles)
    return answer(with_roles, stored)


def answer(transcript: Transcript, stored: StoredRecording) -> CallTranscript:
    """The document as that contract has it."""
    seller, client = with_role(transcript, "seller"), with_role(transcript, "client")
    return CallTranscript(
        transcription=transcript.text,
        seller_text=_said_by(transcript, seller),
        client_text=_said_by(transcript, client),
        speakers=CallSpeakers(
            seller=seller.id if seller else None,
            client=client.id if client else None,
            total_speakers=len(transcript.speakers),
        ),
        metadata=_metadata(transcript, stored),
    )


def shown(stored: StoredRecording) -> CallRecording:
    """A recording as the wire has it."""
    return CallRecording(
        id=stored.id,
        name=stored.name,
        size=stored.size_bytes,
        content_type=stored.content_type,
        duration=stored.duration_s,
        created_at=stored.created_at,
    )


def _said_by(transcript: Transcript, speaker: Speaker | None) -> str:
    if speaker is None:
        return ""
    spoken = utterances(transcript.words)
    return " ".join(part.text for part in spoken if part.speaker == speaker.id)


def _metadata(transcript: Transcript, stored: StoredRecording) -> dict[str, Any]:
    provenance = transcript.provenance
    models = provenance.models if provenance else ()
    seconds = provenance.timings.get(TOTAL) if provenance else None
    factor = transcript.real_time_factor
    recognized = next((use for use in models if use.task == "recognize"), None)
    return {
        "transcription_method": "whisperx",
        "engine": recognized.engine if recognized else None,
        "model": recognized.model if recognized else None,
        "device": _device(transcript),
        "language": transcript.language,
        "language_probability": transcript.language_probability,
        "duration": round(transcript.recording.duration, 3),
        "processing_time": None if seconds is None else round(seconds, 3),
        "real_time_factor": None if factor is None else round(factor, 4),
        "file_size": stored.size_bytes,
        "segments": [_part(part) for part in utterances(transcript.words)],
        "notices": [notice.text for notice in transcript.notices],
    }


def _device(transcript: Transcript) -> str:
    options = transcript.provenance.options if transcript.provenance else {}
    asked = str(options.get("device", "auto"))
    return "cpu" if asked == "auto" else asked


def _part(part: Any) -> dict[str, Any]:
    return {
        "start": round(part.span.start, 3),
        "end": round(part.span.end, 3),
        "text": part.text,
        "speaker": part.speaker,
        "words": [
            {
                "word": word.text,
                "start": round(word.span.start, 3),
                "end": round(word.span.end, 3),
                "score": word.probability,
                "speaker": word.speaker,
            }
            for word in part.words
        ],
    }
