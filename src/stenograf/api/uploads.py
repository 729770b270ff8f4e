"""Forms and bodies read with their limits enforced while they arrive; files go to disk."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from anyio import CancelScope
from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from stenograf.api.form_text import as_text, file_name
from stenograf.api.room import Room
from stenograf.core.errors import BusyError, InvalidRequestError, RequestTooLargeError

CHUNK_TIMEOUT_S: Final = 60.0
"""A client that sends nothing for so long has gone, or wants to tie us down."""

MAX_JSON_BYTES: Final = 1 << 20
MAX_FIELD_BYTES: Final = 16 << 20  # a known speaker comes as a data URL of up to ten seconds


_PLAIN: Final = re.compile(rb"filename\s*=", re.IGNORECASE).search


class _Parser(MultiPartParser):
    spool_max_size = 64 * 1024  # a hundred uploads at once shall not sit in memory

    def on_headers_finished(self) -> None:
        """With names of files in all forms that clients send, not in the standard's alone."""
        part = self._current_part
        name = file_name(part.content_disposition or b"")
        if name is not None and part.content_disposition and not _PLAIN(part.content_disposition):
            part.content_disposition += b'; filename="file"'  # else it is taken for a field
        super().on_headers_finished()
        if name is not None and part.file is not None:
            part.file.filename = name

    def on_part_end(self) -> None:
        """With the text of fields in all encodings that clients send."""
        super().on_part_end()
        if self._current_part.file is None:
            name, _ = self.items.pop()
            self.items.append((name, as_text(bytes(self._current_part.data))))


class Form:
    """A multipart form: fields as text, files on disk until the form is closed."""

    def __init__(self, data: FormData) -> None:
        self._data = data

    def file(self, *names: str) -> UploadFile | None:
        """The first file under one of the names."""
        found = (self._data.get(name) for name in names)
        return next((value for value in found if isinstance(value, UploadFile)), None)

    def text(self, *names: str) -> str | None:
        """The first field under one of the names that is not empty."""
        return next(iter(self.texts(*names)), None)

    def texts(self, *names: str) -> list[str]:
        """All fields under the names, also as `name[]`, without blanks around them."""
        wanted = [spelled for name in names for spelled in (name, f"{name}[]")]
        values = [value for name in wanted for value in self._data.getlist(name)]
        return [value.strip() for value in values if isinstance(value, str) and value.strip()]

    def number(self, *names: str) -> int | None:
        """A whole number; raises InvalidRequestError, naming the field."""
        text = self.text(*names)
        if text is None:
            return None
        try:
            return int(text)
        except ValueError:
            raise InvalidRequestError(
                "{param}: a whole number is needed.", param=names[0]
            ) from None

    def flag(self, *names: str) -> bool | None:
        """True or false in any of the usual spellings; raises InvalidRequestError."""
        text = self.text(*names)
        return None if text is None else as_flag(names[0], text)


def as_flag(name: str, text: str) -> bool:
    """True or false in any of the usual spellings; raises InvalidRequestError."""
    if text.strip().lower() in {"1", "true", "yes", "on"}:
        return True
    if text.strip().lower() in {"0", "false", "no", "off"}:
        return False
    raise InvalidRequestError("{param}: true or false is needed.", param=name)


@asynccontextmanager
async def read_form(request: Request, *, max_bytes: int) -> AsyncIterator[Form]:
    """The multipart form of the request; its files are gone when the block is left.

    A body of another type gives an empty form. Raises RequestTooLargeError as soon as more than
    `max_bytes` are announced or have come, InvalidRequestError for a broken form, and BusyError
    when too many others are being served.
    """
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        yield Form(FormData())
        return
    parser = _Parser(
        request.headers,
        limited(request, max_bytes=max_bytes),
        max_files=20,
        max_fields=200,
        max_part_size=MAX_FIELD_BYTES,
    )
    room: Room = request.app.state.room
    with room.taken():
        data = await _parsed(parser)
        try:
            yield Form(data)
        finally:
            with CancelScope(shield=True):  # also when the client has gone
                await data.close()


async def _parsed(parser: MultiPartParser) -> FormData:
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise InvalidRequestError("The form is broken: {reason}.", reason=error.message) from error


async def read_json(request: Request) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty object."""
    body = b"".join([part async for part in limited(request, max_bytes=MAX_JSON_BYTES)])
    try:
        data = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("The body is not JSON.") from error
    if not isinstance(data, dict):
        raise InvalidRequestError("The body is not a JSON object.")
    return data


async def limited(request: Request, *, max_bytes: int) -> AsyncGenerator[bytes, None]:
    """The body in parts. Raises RequestTooLargeError, and BusyError when no more comes."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > max_bytes:
        raise too_large(max_bytes)
    received, stream = 0, request.stream()
    while True:
        try:
            part = await asyncio.wait_for(anext(stream), CHUNK_TIMEOUT_S)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise BusyError("The body stopped arriving.", hint="Send it again.") from None
        received += len(part)
        if received > max_bytes:
            raise too_large(max_bytes)
        yield part


def too_large(max_bytes: int) -> RequestTooLargeError:
    """The error for a body beyond the limit."""
    return RequestTooLargeError(
        "The body is larger than the {limit} MB this server takes.",
        limit=round(max_bytes / 1_000_000),
    )
