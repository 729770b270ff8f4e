"""Recordings: brought, listed, heard, seen as peaks, deleted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from stenograf.api.audio import ranged
from stenograf.api.auth import MayBring, MayReadOwn, MayWrite
from stenograf.api.native.wire import FAILS, MAX_NUMBER, PREFIX, RecordingOut, RecordingsOut
from stenograf.api.openapi import SOUND, multipart
from stenograf.api.services import Given
from stenograf.api.uploads import read_form
from stenograf.api.work import given_file, keep, visible

router = APIRouter(prefix=f"{PREFIX}/recordings", tags=["recordings"], responses=FAILS)

Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0, le=MAX_NUMBER)]
Peaks = Annotated[list[float], Field(examples=[[0.0, 0.31, 0.87, 0.42]])]


@router.post(
    "",
    summary="Keep a recording",
    status_code=201,
    openapi_extra=multipart({"file": "binary"}, required=("file",)),
)
async def upload(request: Request, services: Given, caller: MayBring) -> RecordingOut:
    """Keep a recording in one request; for large ones see `/uploads`."""
    async with read_form(request, max_bytes=services.limits.max_upload_bytes) as form:
        return RecordingOut.of(await keep(services, caller, given_file(form.file("file"))))


@router.get("", summary="List recordings")
def listed(
    services: Given,
    caller: MayReadOwn,
    query: str | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> RecordingsOut:
    """Recordings, newest first; `query` is a part of a name. Keys without `read` see theirs."""
    own = None if caller.holds("read") else caller.key_id
    page = services.library.recordings(query=query, limit=limit, offset=offset, key_id=own)
    items = [RecordingOut.of(each) for each in page.items]
    return RecordingsOut(items=items, total=page.total, limit=limit, offset=offset)


@router.get("/{id}", summary="Get a recording")
def one(id: str, services: Given, caller: MayReadOwn) -> RecordingOut:
    """One recording."""
    return RecordingOut.of(visible(services, caller, id))


@router.delete("/{id}", summary="Delete a recording", status_code=204)
def delete(id: str, services: Given, caller: MayWrite) -> None:
    """Delete it, its transcripts, its jobs and its sound."""
    services.library.delete_recording(id)


@router.get("/{id}/audio", summary="Hear a recording", response_class=Response, responses=SOUND)
def audio(id: str, request: Request, services: Given, caller: MayReadOwn) -> Response:
    """The sound as it was brought; a Range header is honoured."""
    stored = visible(services, caller, id)
    return ranged(services.library, stored, request.headers.get("range"))


@router.get("/{id}/peaks", summary="Get the waveform")
async def peaks(
    id: str,
    services: Given,
    caller: MayReadOwn,
    n: Annotated[int, Query(ge=1, le=20_000)] = 1000,
) -> Peaks:
    """The loudest sample in each of `n` equal parts of the recording, in [0, 1]: its waveform."""
    stored = await run_in_threadpool(visible, services, caller, id)
    return await run_in_threadpool(services.peaks, stored.id, n)
