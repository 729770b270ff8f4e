"""whisper-asr-webservice: `/asr` and `/detect-language`, an engine for other programs."""

from __future__ import annotations

import json
import wave
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import PurePath
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, Final, Literal, TypeAlias
from urllib.parse import quote

from anyio import CancelScope
from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel, Field, model_validator
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, UploadFile

from stenograf.api.auth import MayHear
from stenograf.api.openai_shapes import language_name
from stenograf.api.openapi import errors, multipart, texts
from stenograf.api.services import Given
from stenograf.api.uploads import Form, read_form
from stenograf.api.work import given_file, heard, transcript_of
from stenograf.attribution import utterances
from stenograf.core.transcript import Transcript, Word
from stenograf.core.waveform import SAMPLE_RATE_HZ
from stenograf.export import render
from stenograf.speakers import mean_voices

router = APIRouter(tags=["whisper-asr-webservice"])

Output: TypeAlias = Literal["txt", "vtt", "srt", "tsv", "json"]
FORM: Final = multipart({"audio_file": "binary"}, required=("audio_file",))


class Detail(BaseModel):
    """What went wrong."""

    detail: str


class Detected(BaseModel):
    """The language of a recording."""

    detected_language: str = Field(examples=["russian"])
    language_code: str = Field(examples=["ru"])
    confidence: float = Field(examples=[0.98])


class AsrQuery(BaseModel):
    """The query of `/asr`; `encode=false` says that the body is bare PCM, 16 bits, mono, 16 kHz."""

    encode: bool = True
    task: Literal["transcribe", "translate"] = "transcribe"
    language: str | None = None
    initial_prompt: str | None = None
    vad_filter: bool = True
    word_timestamps: bool = False
    diarize: bool = False
    enable_diarization: bool = False
    num_speakers: int | None = Field(None, ge=1)
    min_speakers: int | None = Field(None, ge=1)
    max_speakers: int | None = Field(None, ge=1)
    hotwords: str | None = None
    model: str | None = None
    return_speaker_embeddings: bool = False
    output: Output = "txt"

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, given: Any) -> Any:
        """Clients write `language=` where they leave it open."""
        if not isinstance(given, Mapping):
            return given
        return {name: value for name, value in given.items() if value != ""}

    @property
    def options(self) -> dict[str, Any]:
        """The fields of TranscribeOptions; bounds ask for speakers, too."""
        bounds = {
            "speakers": self.num_speakers,
            "min_speakers": self.min_speakers,
            "max_speakers": self.max_speakers,
        }
        counted = any(value is not None for value in bounds.values())
        return {
            "task": self.task,
            "language": self.language or None,
            "prompt": self.initial_prompt or None,
            "hotwords": self.hotwords or None,
            "model": self.model or None,
            "diarize": self.diarize or self.enable_diarization or counted,
            **bounds,
        }


@router.post(
    "/asr",
    summary="Transcribe a recording",
    openapi_extra=FORM,
    responses=errors(Detail) | texts("text/plain"),
    response_model=None,
)
async def asr(
    request: Request, services: Given, caller: MayHear, query: Annotated[AsrQuery, Query()]
) -> Response:
    """What was said, as text or in one of the formats."""
    async with (
        read_form(request, max_bytes=services.limits.max_upload_bytes) as form,
        playable(form, encode=query.encode) as file,
    ):
        transcript, evidence = await heard(services, caller, request, file, query.options)
    voices = None
    if query.return_speaker_embeddings and evidence is not None:
        voices = await run_in_threadpool(mean_voices, transcript, evidence)
    name = PurePath(file.filename or "audio").stem
    headers = {
        "Asr-Engine": engine_of(transcript),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.{query.output}",
    }
    text = written(transcript, query, voices)
    return PlainTextResponse(text, headers=headers)  # JSON too, as that service does


@router.post(
    "/detect-language", summary="Detect the language", openapi_extra=FORM, responses=errors(Detail)
)
async def detect_language(
    request: Request, services: Given, caller: MayHear, encode: bool = True
) -> Detected:
    """The language of a recording, and how sure the engine is."""
    async with (
        read_form(request, max_bytes=services.limits.max_upload_bytes) as form,
        playable(form, encode=encode) as file,
    ):
        transcript = await transcript_of(services, caller, request, file, {}, kind="language")
    return Detected(
        detected_language=language_name(transcript.language),
        language_code=transcript.language or "",
        confidence=round(transcript.language_probability or 0.0, 4),
    )


@asynccontextmanager
async def playable(form: Form, *, encode: bool) -> AsyncIterator[UploadFile]:
    """The file of the form, with a header where it comes without one."""
    file = given_file(form.file("audio_file", "file"))
    if not encode:
        file = await run_in_threadpool(with_header, file)
    try:
        yield file
    finally:
        with CancelScope(shield=True):
            await file.close()


def with_header(file: UploadFile) -> UploadFile:
    """Bare samples (s16le, mono, 16 kHz) as a WAV file; one that has a header stays as it is."""
    if file.file.read(4) == b"RIFF":
        file.file.seek(0)
        return file
    file.file.seek(0)
    target = SpooledTemporaryFile(max_size=1 << 16)  # noqa: SIM115  closed by `playable`
    with wave.open(target, "wb") as header:
        header.setnchannels(1)
        header.setsampwidth(2)
        header.setframerate(SAMPLE_RATE_HZ)
        while part := file.file.read(1 << 20):
            header.writeframesraw(part)
    target.seek(0)
    headers = Headers({"content-type": "audio/wav"})
    return UploadFile(target, filename=file.filename, size=file.size, headers=headers)  # type: ignore[arg-type]


def engine_of(transcript: Transcript) -> str:
    """The engine that found the words."""
    models = transcript.provenance.models if transcript.provenance else ()
    return next((use.engine for use in models if use.task == "recognize"), "none")


def written(
    transcript: Transcript, query: AsrQuery, voices: Mapping[str, list[float]] | None
) -> str:
    """The transcript as that service writes it; JSON has the voices where there are some."""
    if query.output == "json":
        body = _as_whisper(transcript, query)
        return _json(body if voices is None else body | {"speaker_embeddings": voices})
    if query.output == "txt":
        return "\n".join(part.text for part in utterances(transcript.words)) + "\n"
    if query.output == "tsv":
        return _tsv(transcript)
    return render(transcript, query.output).decode()


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _tsv(transcript: Transcript) -> str:
    """Whisper's own table: milliseconds, and text without tabs."""
    rows = ["start\tend\ttext"]
    for part in utterances(transcript.words):
        start, end = round(part.span.start * 1000), round(part.span.end * 1000)
        rows.append(f"{start}\t{end}\t{part.text}")
    return "\n".join(rows) + "\n"


def _as_whisper(transcript: Transcript, query: AsrQuery) -> dict[str, Any]:
    with_speakers = query.options["diarize"]
    parts = []
    for number, part in enumerate(utterances(transcript.words)):
        body: dict[str, Any] = {
            "id": number,
            "start": round(part.span.start, 3),
            "end": round(part.span.end, 3),
            "text": part.text,
        }
        if query.word_timestamps or with_speakers:
            body["words"] = [_word(word, with_speaker=with_speakers) for word in part.words]
        if with_speakers:
            body["speaker"] = part.speaker
        parts.append(body)
    return {"text": transcript.text, "segments": parts, "language": transcript.language}


def _word(word: Word, *, with_speaker: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "word": word.text,
        "start": round(word.span.start, 3),
        "end": round(word.span.end, 3),
        "probability": word.probability,
    }
    return body | {"speaker": word.speaker} if with_speaker else body
