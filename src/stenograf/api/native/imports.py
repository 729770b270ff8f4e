"""Recordings fetched from where a caller says they lie."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from http.client import HTTPResponse
from typing import Final
from urllib.parse import unquote

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from stenograf._version import __version__
from stenograf.api.auth import MayBring
from stenograf.api.native.wire import FAILS, PREFIX, RecordingOut
from stenograf.api.openapi import example
from stenograf.api.room import Room
from stenograf.api.services import Given, Services
from stenograf.api.uploads import too_large
from stenograf.core.errors import AddressUnreachableError, EmptyAudioError
from stenograf.library import Reception, StoredRecording
from stenograf.network import request as fetch
from stenograf.network.addresses import parse_url

router = APIRouter(prefix=f"{PREFIX}/recordings", tags=["recordings"], responses=FAILS)

CHUNK_BYTES: Final = 1 << 16


class Import(BaseModel):
    """Where a recording lies; without `name` it is called like the file in the URL."""

    model_config = example(
        extra="forbid", url="https://example.org/calls/monday.mp3", name="Monday.mp3"
    )

    url: str = Field(max_length=2000)
    name: str | None = Field(None, max_length=255)


@router.post("/import", summary="Import a recording by URL", status_code=201)
async def bring(asked: Import, request: Request, services: Given, caller: MayBring) -> RecordingOut:
    """Fetch a recording by http or https and keep it; private addresses are refused."""
    work = partial(fetched, services, asked.url, name=asked.name, key_id=caller.key_id)
    room: Room = request.app.state.imports
    with room.taken():
        # A limiter of its own: somebody's slow server shall not hold the threads of other routes.
        return RecordingOut.of(await to_thread.run_sync(work, limiter=CapacityLimiter(1)))


def fetched(
    services: Services, url: str, *, name: str | None, key_id: str | None
) -> StoredRecording:
    """The recording at the URL, kept once all of it has arrived.

    Raises AddressInvalidError, AddressForbiddenError and AddressUnreachableError (any status but
    200, too), RequestTooLargeError, EmptyAudioError, and what the library fails with.
    """
    headers = {"User-Agent": f"stenograf/{__version__}", "Accept": "audio/*, video/*, */*;q=0.1"}
    target = parse_url(url)
    with ExitStack() as receiving:
        with fetch("GET", url, reach=services.imports, headers=headers) as answer:
            reception = receiving.enter_context(
                services.library.receive(
                    name=name or unquote(target.path.partition("?")[0]),
                    content_type=answer.headers.get("Content-Type", ""),
                    key_id=key_id,
                )
            )
            _copy(answer, reception, host=target.host, max_bytes=services.limits.max_upload_bytes)
        return reception.keep()  # only here is it known that nothing was cut off


def _copy(answer: HTTPResponse, reception: Reception, *, host: str, max_bytes: int) -> None:
    if answer.status != 200:
        raise AddressUnreachableError(
            "The server {host} answered with status {status}.", host=host, status=answer.status
        )
    left = answer.length  # None where the other side did not say
    if (left or 0) > max_bytes:
        raise too_large(max_bytes)
    while left != 0 and (chunk := answer.read1(min(left or CHUNK_BYTES, CHUNK_BYTES))):
        reception.write(chunk)
        left = left and left - len(chunk)
        if reception.size_bytes > max_bytes:
            raise too_large(max_bytes)
    if left:
        raise AddressUnreachableError("The recording from {host} ends early.", host=host)
    if not reception.size_bytes:
        raise EmptyAudioError("The uploaded file {name} is empty.", name=host)
