"""OpenAI's audio API: `/v1/audio/transcriptions`, `/v1/audio/translations`, `/v1/models`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from stenograf.api.auth import Caller, MayReadOwn, MayTranscribe
from stenograf.api.diarization import bounds
from stenograf.api.faults import openai
from stenograf.api.known_speakers import Clip, clips_in, with_names
from stenograf.api.openai_shapes import (
    ALIASES,
    RESPONSE_FORMATS,
    diarized,
    simple,
    spoken_parts,
    usage,
    verbose,
)
from stenograf.api.openapi import errors, multipart, texts
from stenograf.api.options import checked
from stenograf.api.services import Given, Services
from stenograf.api.streams import EventStream, place_for_stream
from stenograf.api.uploads import Form, read_form
from stenograf.api.work import (
    SOMEBODY_WAITS,
    finished,
    given_file,
    heard,
    passing_recording,
    submit,
)
from stenograf.core.errors import InvalidRequestError, ModelUnknownError, StenografError
from stenograf.core.transcript import Transcript
from stenograf.export import render
from stenograf.jobs import Job

router = APIRouter(prefix="/v1", tags=["OpenAI audio"])

SINCE: Final = 1_700_000_000
"""`created` of every model: nobody reads it, and the client's type demands it."""


class Fault(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class OpenAiError(BaseModel):
    """OpenAI's shape of an error."""

    error: Fault


class ModelInfo(BaseModel):
    """A model that requests may name."""

    id: str = Field(examples=["whisper-1"])
    object: Literal["model"] = "model"
    created: int = SINCE
    owned_by: str = "stenograf"


class ModelList(BaseModel):
    """All of them."""

    object: Literal["list"] = "list"
    data: list[ModelInfo]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, understood."""

    format: str
    task: str
    stream: bool
    temperature: float
    granularities: list[str]
    options: dict[str, Any] = field(default_factory=dict)
    known: list[Clip] = field(default_factory=list)


_FIELDS: Final = {
    "file": "binary",
    "model": "string",
    "prompt": "string",
    "response_format": "string",
    "temperature": "number",
}
_MORE: Final = {
    "language": "string",
    "stream": "boolean",
    "timestamp_granularities[]": "strings",
    "include[]": "strings",
    "chunking_strategy": "string",
    "known_speaker_names[]": "strings",
    "known_speaker_references[]": "strings",
    "diarize": "boolean",
    "num_speakers": "integer",
    "min_speakers": "integer",
    "max_speakers": "integer",
    "hotwords": "string",
}
REQUIRED: Final = ("file", "model")
_ASKED: Final = {"model": "whisper-1", "response_format": "verbose_json"}
TEXTS: Final = texts("text/plain", "text/srt", "text/vtt", "text/event-stream")


@router.post(
    "/audio/transcriptions",
    summary="Transcribe a recording",
    openapi_extra=multipart(_FIELDS | _MORE, required=REQUIRED, **_ASKED),
    responses=errors(OpenAiError) | TEXTS,
    response_model=None,
)
async def transcriptions(request: Request, services: Given, caller: MayTranscribe) -> Response:
    """What was said, in the language it was said in."""
    return await _answer(request, services, caller, task="transcribe")


@router.post(
    "/audio/translations",
    summary="Translate a recording into English",
    openapi_extra=multipart(_FIELDS, required=REQUIRED, **_ASKED),
    responses=errors(OpenAiError) | TEXTS,
    response_model=None,
)
async def translations(request: Request, services: Given, caller: MayTranscribe) -> Response:
    """What was said, in English."""
    return await _answer(request, services, caller, task="translate")


@router.get("/models", summary="List model names", responses=errors(OpenAiError, (401, 403, 500)))
def models(services: Given, caller: MayReadOwn) -> ModelList:
    """Every name that a request may use for `model`."""
    return ModelList(data=[ModelInfo(id=name) for name in (*ALIASES, *services.shelf.names())])


@router.get(
    "/models/{model:path}",
    summary="Get a model name",
    responses=errors(OpenAiError, (401, 403, 404, 500)),
)
def model(model: str, services: Given, caller: MayReadOwn) -> ModelInfo:
    """One of them."""
    _model_option(services, model)
    return ModelInfo(id=model)


async def _answer(request: Request, services: Services, caller: Caller, *, task: str) -> Response:
    async with AsyncExitStack() as stack:
        limit = services.limits.max_upload_bytes
        form = await stack.enter_async_context(read_form(request, max_bytes=limit))
        asked, file = _understood(services, form, task), _file(form)
        if not asked.stream:
            document = await heard(services, caller, request, file, asked.options)
            named = await with_names(services, caller, request, document, asked.known)
            return _written(named, asked)
        await stack.enter_async_context(place_for_stream(request))
        recording = await stack.enter_async_context(passing_recording(services, caller, file))
        job = await submit(
            services, caller, request, recording.id, asked.options, priority=SOMEBODY_WAITS
        )
        return EventStream(_stream(services, caller, request, job, asked), stack.pop_all())


def _file(form: Form) -> UploadFile:
    if form.file("file") is None:
        raise InvalidRequestError("{param}: a recording is needed here.", param="file")
    return given_file(form.file("file"))


def _understood(services: Services, form: Form, task: str) -> Asked:
    model = form.text("model")
    if model is None:
        raise InvalidRequestError("{param}: the name of a model is needed here.", param="model")
    asked_format = form.text("response_format") or "json"
    if asked_format not in RESPONSE_FORMATS:
        formats = ", ".join(RESPONSE_FORMATS)
        raise InvalidRequestError(
            "{param}: one of {expected} is needed.", param="response_format", expected=formats
        )
    known = clips_in(form)
    options = {
        "model": _model_option(services, model),
        "language": form.text("language"),
        "prompt": form.text("prompt"),
        "hotwords": form.text("hotwords"),
        "task": task,
        "diarize": bool(known) or _wants_speakers(form, model, asked_format),
        **bounds(form),
    }
    return Asked(
        format=asked_format,
        task=task,
        stream=bool(form.flag("stream")),
        temperature=_temperature(form),
        granularities=_granularities(form),
        options=checked(options),
        known=known,
    )


def _model_option(services: Services, name: str) -> str | None:
    """The model to run; None, the default, for the names that OpenAI gave its own."""
    if name in ALIASES:
        return None
    if name not in services.shelf.names():
        raise ModelUnknownError("The model {model} does not exist.", hint="", model=name)
    return name


def _wants_speakers(form: Form, model: str, asked_format: str) -> bool:
    asked = form.flag("diarize")
    if asked is not None:
        return asked
    counted = any(value is not None for value in bounds(form).values())
    return asked_format == "diarized_json" or model.endswith("-diarize") or counted


def _temperature(form: Form) -> float:
    text = form.text("temperature") or "0"
    try:
        value = float(text)
    except ValueError:
        raise InvalidRequestError("{param}: a number is needed.", param="temperature") from None
    if not 0 <= value <= 1:
        raise InvalidRequestError("{param}: a number from 0 to 1 is needed.", param="temperature")
    return value


def _granularities(form: Form) -> list[str]:
    asked = form.texts("timestamp_granularities")
    if not set(asked) <= {"word", "segment"}:
        raise InvalidRequestError(
            "{param}: one of {expected} is needed.",
            param="timestamp_granularities",
            expected="word, segment",
        )
    return asked


def _written(transcript: Transcript, asked: Asked) -> Response:
    if asked.format == "text":
        return PlainTextResponse(transcript.text + "\n")
    if asked.format in {"srt", "vtt"}:
        text = render(transcript, asked.format).decode()
        return PlainTextResponse(text, media_type=f"text/{asked.format}; charset=utf-8")
    if asked.format == "verbose_json":
        body = verbose(
            transcript,
            task=asked.task,
            granularities=asked.granularities,
            temperature=asked.temperature,
        )
        return JSONResponse(body)
    if asked.format == "diarized_json":
        return JSONResponse(diarized(transcript, task=asked.task))
    return JSONResponse(simple(transcript))


async def _stream(
    services: Services, caller: Caller, request: Request, job: Job, asked: Asked
) -> AsyncIterator[str]:
    """Server-sent events: words as they come, then the whole."""
    try:
        events = services.watch.events(job.id, after=0, gone=request.is_disconnected)
        said = False
        async for event in events:
            if event.kind == "words":
                delta = _text_of(event.data, first=not said)
                said = True
                yield _event({"type": "transcript.text.delta", "delta": delta})
        plain = await finished(services, request, job)
        voices = await run_in_threadpool(services.library.evidence, job.recording_id or "")
        transcript = await with_names(services, caller, request, (plain, voices), asked.known)
    except StenografError as error:
        yield _event({"type": "error", **openai(error, request)[1]})
        return
    if asked.options.get("diarize", True):
        for part in spoken_parts(transcript):
            yield _event(part)
    done = {"type": "transcript.text.done", "text": transcript.text}
    yield _event(done | {"usage": usage(transcript)})
    yield "data: [DONE]\n\n"


def _text_of(data: Any, *, first: bool) -> str:
    """Words of an event as they continue the text."""
    text = ""
    for word in data.get("words", ()):
        glued = word.get("joined") or (first and not text)
        text += word["text"] if glued else f" {word['text']}"
    return text


def _event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"
