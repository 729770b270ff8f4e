"""The OpenAPI document: what the routes say of themselves, with what all of them share."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI, Request

from stenograf.api.examples import answers
from stenograf.api.faults import dialect_of
from stenograf.api.openapi import BYTES
from stenograf.core.errors import (
    AddressUnreachableError,
    BlobMissingError,
    ConflictError,
    DeliveryNotFoundError,
    DiskFullError,
    ForbiddenError,
    InvalidRequestError,
    JobNotFoundError,
    KeyNotFoundError,
    ModelUnknownError,
    NotAudioError,
    NotReadyError,
    OptionError,
    QueueFullError,
    RecordingNotFoundError,
    RequestTooLargeError,
    StenografError,
    UnauthenticatedError,
    UploadNotFoundError,
    WebhookNotFoundError,
)

ID: Final = "9ab0c41d5e7f42d38a6b1c2d3e4f5a60"

TAGS: Final = {
    "health": "Is the server alive, may it be given work, and what does it count?",
    "diarization service": "Who speaks when: one request, one answer.",
    "protocol maker": "Who speaks when, with the fields that makers of minutes expect.",
    "recordings of calls": "Calls kept, listed, and transcribed as seller and client.",
    "OpenAI audio": "OpenAI's audio API: its clients need only another base URL.",
    "whisper-asr-webservice": "The engine of other self-hosted programs; takes HTTP Basic, too.",
    "recordings": "Recordings brought, listed, heard and deleted.",
    "uploads": "Large recordings brought in parts, continued where a connection broke.",
    "transcripts": "Transcripts read in any format, corrected, with their history.",
    "minutes": "Minutes made of a transcript, by its own sentences or by a language model.",
    "speakers": "Speakers of a transcript named, merged, split and told apart again.",
    "voices": "People enrolled, to be known again in other recordings.",
    "jobs": "Work submitted, watched, cancelled and repeated.",
    "search": "Words found in every transcript.",
    "models": "Models brought to the server's machine and removed, and what is wrong there.",
    "keys": "Keys of programs, with what each may do.",
    "webhooks": "Addresses that are told when a job ended.",
}

_PARAMETERS: Final = {
    "id": "The id that an earlier answer gave.",
    "name": "A name of `GET /api/v1/models`.",
    "speaker": "Id of a speaker of the document, for example SPEAKER_00.",
    "source": "Id of one of the sources of a voice.",
    "model": "A name of `GET /v1/models`.",
    "query": "Part of a name.",
    "q": 'Words; `"two words"` is a phrase, `word*` goes on.',
    "limit": "At most so many are answered.",
    "offset": "So many are left out before the first.",
    "n": "How many values to answer.",
    "method": "`extractive` takes sentences of the transcript, `model` asks a language model.",
    "format": "A format of `stenograf export`, for example json, srt or docx.",
    "version": "Number of a version of the transcript.",
    "recording_id": "Only what belongs to this recording.",
    "status": "Only what stands like this.",
    "upload-offset": "The byte at which the body continues.",
    "last-event-id": "Number of the last event that arrived; those after it follow.",
    "encode": "false: the file is bare PCM, 16 bits, mono, 16 kHz.",
    "task": "`translate` gives English.",
    "language": "ISO 639-1 code; found by the model unless given.",
    "initial_prompt": "Text that the recording continues.",
    "vad_filter": "Taken, but without effect: silence is always left out.",
    "word_timestamps": "Whether json holds the time of each word.",
    "diarize": "Whether to tell speakers apart.",
    "enable_diarization": "Another name of `diarize`.",
    "num_speakers": "How many people speak, if it is known.",
    "min_speakers": "At least so many people speak.",
    "max_speakers": "At most so many people speak.",
    "hotwords": "Words that are likely to be said, separated by commas.",
    "return_speaker_embeddings": "Whether json holds a vector of each voice.",
    "output": "The format of the answer.",
}

_FAULTS: Final[dict[int, tuple[str, StenografError]]] = {
    400: (
        "A field is missing or malformed.",
        InvalidRequestError("No file uploaded", hint="", param="file"),
    ),
    401: ("The token is missing or wrong.", UnauthenticatedError("A bearer token is missing.")),
    403: (
        "The key lacks a scope, or the address or the page's origin is refused.",
        ForbiddenError("This needs a key with the scope {scope}.", scope="transcribe"),
    ),
    409: (
        "Somebody else changed it, or it was cancelled.",
        ConflictError(
            "The transcript has version {newest} by now; the change was made to {expected}.",
            newest=3,
            expected=2,
        ),
    ),
    410: ("The sound is gone.", BlobMissingError("The sound {blob} is gone.", blob=ID)),
    413: (
        "The body or the recording is beyond a limit.",
        RequestTooLargeError(
            "The body is larger than the {limit} MB this server takes.", limit=100
        ),
    ),
    415: (
        "The file holds no sound that can be decoded.",
        NotAudioError("{name} holds no sound or video that FFmpeg knows.", name="notes.txt"),
    ),
    422: (
        "A value has the wrong type, or options contradict each other.",
        OptionError("A number of speakers makes no sense without diarization."),
    ),
    429: (
        "The server is busy; try again after `Retry-After`.",
        QueueFullError("{limit} jobs wait already, which is the limit.", limit=100),
    ),
    500: (
        "The server failed; its log tells more.",
        StenografError(
            "The server failed; its log tells more under {request_id}.",
            hint="Please report this with the lines of the log.",
            request_id=ID,
        ),
    ),
    502: (
        "Another server, which this one asked, failed.",
        AddressUnreachableError(
            "The server {host} answered with status {status}.", host="example.org", status=404
        ),
    ),
    503: (
        "A model, an engine or a worker is missing now; try again after `Retry-After`.",
        NotReadyError("No worker is alive."),
    ),
    507: (
        "The server's disk is full.",
        DiskFullError("No room is left on the disk that holds the database."),
    ),
}

_NOT_FOUND: Final[tuple[tuple[str, StenografError], ...]] = (
    ("/recordings", RecordingNotFoundError("There is no recording {id}.", id=ID)),
    ("/jobs", JobNotFoundError("There is no job {id}.", id=ID)),
    ("/uploads", UploadNotFoundError("There is no upload {id}.", id=ID)),
    ("/keys", KeyNotFoundError("There is no key {id}.", id=ID)),
    ("/webhooks", WebhookNotFoundError("There is no webhook {id}.", id=ID)),
    ("/deliveries", DeliveryNotFoundError("There is no delivery {id}.", id=ID)),
    ("/", ModelUnknownError("The model {model} does not exist.", hint="", model="enormous")),
)

_RETRY_AFTER: Final = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
}


class Documented(FastAPI):
    """An application whose document has descriptions and examples of what its routes share."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            _with_nulls(document["components"]["schemas"])
            for path, operations in document["paths"].items():
                for operation in operations.values():
                    _complete(path, operation)
        return self.openapi_schema or {}


def _with_nulls(schemas: dict[str, Any]) -> None:
    """FastAPI drops every null of the document, those of examples, too."""
    for schema in schemas.values():
        for shown in schema.get("examples", ()):
            shown |= {name: None for name in schema.get("required", ()) if name not in shown}


def _complete(path: str, operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in _PARAMETERS:
            parameter.setdefault("description", _PARAMETERS[parameter["name"]])
    responses = operation["responses"]
    for status in [int(each) for each in responses if int(each) >= 400]:
        _explain(path, status, responses)
    if "200" in responses:
        _show(path, responses["200"])


def _explain(path: str, status: int, responses: dict[str, Any]) -> None:
    """Describe a failure in the words of its contract, or drop what that one never answers."""
    answer = responses[str(status)]
    if "content" not in answer:
        return
    said, error = _fault(path, status)
    scope = {"type": "http", "headers": [], "state": {"request_id": ID}}
    answered, body = dialect_of(path)(error, Request(scope))
    if answered != status:
        del responses[str(status)]
        return
    answer["description"] = said
    answer["content"]["application/json"]["example"] = body
    if status in {429, 503}:
        answer["headers"] = _RETRY_AFTER


def _fault(path: str, status: int) -> tuple[str, StenografError]:
    if status == 404:
        return "There is no such thing.", next(e for part, e in _NOT_FOUND if part in path)
    return _FAULTS[status]


def _show(path: str, answer: dict[str, Any]) -> None:
    found = answers(path)
    if found:
        answer["content"] = {media_type: _content(shown) for media_type, shown in found.items()}


def _content(shown: dict[str, Any]) -> dict[str, Any]:
    if not shown:
        return {"schema": BYTES}
    is_text = all(isinstance(value, str) for value in shown.values())
    examples = {name: {"value": value} for name, value in shown.items()}
    return {"schema": {"type": "string" if is_text else "object"}, "examples": examples}
