"""What FastAPI cannot know: forms that are read as a stream, and the answers of failures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

BYTES: Final[dict[str, Any]] = {"type": "string", "format": "binary"}
_TYPES: Final[dict[str, dict[str, Any]]] = {
    "binary": BYTES,
    "string": {"type": "string"},
    "integer": {"type": "integer", "minimum": 1},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "strings": {"type": "array", "items": {"type": "string"}},
}

_FILE: Final = "The recording: sound or video in any common format."
_N: Final = "How many people speak, if it is known."
_LEAST: Final = "At least so many people speak."
_MOST: Final = "At most so many people speak."
_MEANINGS: Final = {
    "file": _FILE,
    "audio_file": _FILE,
    "audioFile": _FILE,
    "num_speakers": _N,
    "min_speakers": _LEAST,
    "minSpeakers": _LEAST,
    "max_speakers": _MOST,
    "maxSpeakers": _MOST,
    "model": "A name of `GET /v1/models`; OpenAI's own names mean the server's default model.",
    "prompt": "Text that the recording continues: names and terms are then spelled alike.",
    "response_format": "json, text, srt, verbose_json, vtt or diarized_json; json unless given.",
    "temperature": "From 0 to 1; checked, but without effect.",
    "language": "ISO 639-1 code; found by the model unless given.",
    "stream": "Answer with server-sent events while the recording is worked on.",
    "timestamp_granularities[]": "word, segment or both: the times that verbose_json holds.",
    "include[]": "Taken, but without effect.",
    "chunking_strategy": "Taken, but without effect.",
    "known_speaker_names[]": "Names of people who may speak, in the order of their references.",
    "known_speaker_references[]": "A clip of each of them, 2 to 10 seconds, as a data URL.",
    "diarize": "Whether to tell speakers apart; diarized_json does it anyway.",
    "name": "What to call it.",
    "hotwords": "Words that are likely to be said, separated by commas.",
}

_SOUND: Final = {
    name: {"schema": BYTES} for name in ("audio/*", "video/*", "application/octet-stream")
}
SOUND: Final[dict[int | str, Any]] = {
    200: {"description": "The whole recording.", "content": _SOUND},
    206: {"description": "The part that Range asked for.", "content": _SOUND},
    416: {"description": "The range lies outside of the recording."},
}
"""The answers of a route that gives the bytes of a recording."""

STATUSES: Final = (400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 500, 502, 503, 507)
"""What any route that takes a recording may answer instead of success."""


def example(*, extra: Literal["forbid", "ignore"] = "ignore", **fields: Any) -> ConfigDict:
    """The configuration of a model that the document shows with these values."""
    return ConfigDict(extra=extra, json_schema_extra={"examples": [fields]})


def multipart(
    fields: Mapping[str, str], *, required: Iterable[str] = (), **shown: Any
) -> dict[str, Any]:
    """The request body of a form; field names with the kinds that `_TYPES` names.

    The example has the file, and the values `shown`.
    """
    schema = {
        "type": "object",
        "properties": {
            name: _TYPES[kind] | {"description": _MEANINGS[name]} for name, kind in fields.items()
        },
        "required": list(required),
    }
    files = {name: "(the bytes of call.mp3)" for name, kind in fields.items() if kind == "binary"}
    content = {"multipart/form-data": {"schema": schema, "example": files | shown}}
    return {"requestBody": {"required": True, "content": content}}


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """The request body of JSON that a route reads itself."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def texts(*media_types: str) -> dict[int | str, Any]:
    """The answer of a route that may also be text of these types."""
    return {200: {"content": {name: {"schema": {"type": "string"}} for name in media_types}}}


def errors(model: type[BaseModel], statuses: Iterable[int] = STATUSES) -> dict[int | str, Any]:
    """The answers of a route that fails, all of one shape; `document` describes each status."""
    return {status: {"model": model} for status in statuses}
