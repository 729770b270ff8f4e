"""What FastAPI cannot know: forms that are read as a stream, and the answers of failures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import BaseModel

_TYPES: Final[dict[str, dict[str, Any]]] = {
    "binary": {"type": "string", "format": "binary"},
    "string": {"type": "string"},
    "integer": {"type": "integer", "minimum": 1},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "strings": {"type": "array", "items": {"type": "string"}},
}

STATUSES: Final = (400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 500, 502, 503, 507)
"""What any route that takes a recording may answer instead of success."""


def multipart(fields: Mapping[str, str], *, required: Iterable[str] = ()) -> dict[str, Any]:
    """The request body of a form; field names with the kinds that `_TYPES` names."""
    schema = {
        "type": "object",
        "properties": {name: _TYPES[kind] for name, kind in fields.items()},
        "required": list(required),
    }
    body = {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    return {"requestBody": body}


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """The request body of JSON that a route reads itself."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def texts(*media_types: str) -> dict[int | str, Any]:
    """The answer of a route that may also be text of these types."""
    return {200: {"content": {name: {"schema": {"type": "string"}} for name in media_types}}}


def errors(model: type[BaseModel], statuses: Iterable[int] = STATUSES) -> dict[int | str, Any]:
    """The answers of a route that fails, all of one shape."""
    return {status: {"model": model} for status in statuses}
