"""What every JSON file of ours shares: its layout, how it is read, how numbers look in it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from stenograf.core.errors import DocumentInvalidError, DocumentTooNewError
from stenograf.core.span import Span
from stenograf.export.plain import encoded, to_ms

if TYPE_CHECKING:
    from pydantic import ValidationError

_MAX_DEPTH: Final = 32
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_dumped: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def written(members: Mapping[str, Any]) -> bytes:
    """A JSON object in UTF-8, one line per member or item of a list.

    Easy to compare, and json's fast encoder writes it, which knows no indentation.
    """
    lines = (f" {_dumped(key)}: {_listed(value)}" for key, value in members.items())
    return encoded("{\n" + ",\n".join(lines) + "\n}\n")


def _listed(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return _dumped(value)
    return "[\n  " + ",\n  ".join(map(_dumped, value)) + "\n ]"


def parsed(data: bytes, *, known_version: int, max_bytes: int) -> dict[str, Any]:
    """The JSON object in `data`, of `known_version` at most.

    Raises DocumentInvalidError and DocumentTooNewError.
    """
    from pydantic_core import from_json

    if len(data) > max_bytes:
        raise DocumentInvalidError(
            "The document has {size} bytes; {limit} are allowed.",
            size=len(data),
            limit=max_bytes,
        )
    try:
        document = from_json(data.removeprefix(BYTE_ORDER_MARK), allow_inf_nan=False)
    except ValueError as error:
        raise DocumentInvalidError("This is not JSON: {reason}.", reason=str(error)) from error
    if not isinstance(document, dict):
        raise DocumentInvalidError("The document is not a JSON object.")
    version = document.get("format_version")
    if type(version) is not int or version < 0:
        raise DocumentInvalidError("format_version: a whole number is missing here.")
    if version > known_version:
        raise DocumentTooNewError(
            "The document has format version {found}; this program reads up to {known}.",
            found=version,
            known=known_version,
        )
    return document


def invalid(error: ValidationError) -> DocumentInvalidError:
    """The first complaint about a document, with its place."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in first["loc"])
    return DocumentInvalidError(
        "{place}: {reason}.", place=place.lstrip(".") or "document", reason=first["msg"]
    )


def times(span: Span) -> dict[str, float]:
    """Start and end in seconds to the millisecond."""
    return {"start": seconds(span.start), "end": seconds(span.end)}


def seconds(value: float) -> float:
    """Seconds to the millisecond."""
    return to_ms(value) / 1000


def score(value: float | None) -> float | None:
    """A probability or a share to four decimals."""
    return None if value is None else round(value, 4)


def plain(value: Any, depth: int = 0) -> Any:
    """Anything as JSON can hold it; what JSON does not know becomes its text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth < _MAX_DEPTH:
        if isinstance(value, Mapping):
            return {str(key): plain(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [plain(item, depth + 1) for item in value]
    return str(value)
