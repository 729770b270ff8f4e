"""Minutes: made by a job, or of the transcript's own sentences at once; read in any format."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, NamedTuple
from urllib.parse import quote

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from stenograf.api.auth import MayReadOwn, MayTranscribe
from stenograf.api.native.wire import FAILS, PREFIX, JobOut
from stenograf.api.openapi import example
from stenograf.api.request_id import request_id_of
from stenograf.api.services import Given
from stenograf.api.work import accepted, visible
from stenograf.core.errors import LanguageModelMissingError, MinutesNotFoundError
from stenograf.jobs import NewJob
from stenograf.library import Library
from stenograf.minutes import Minutes, MinutesBy
from stenograf.minutes.extractive.extract import extract
from stenograf.minutes.formats import format_named
from stenograf.minutes.json import read_minutes
from stenograf.minutes.notices import stale

router = APIRouter(prefix=f"{PREFIX}/recordings/{{id}}/minutes", tags=["minutes"], responses=FAILS)


class MinutesRequest(BaseModel):
    """How minutes are to be made; `title` is the name of the recording unless given."""

    model_config = example(
        extra="forbid", method="auto", title="Weekly meeting", date="21 November", max_points=5
    )

    method: MinutesBy = Field(
        "auto", description="`auto` is `model` where the server has a language model."
    )
    title: str | None = Field(None, max_length=300)
    date: str | None = Field(None, max_length=100, description="Printed as it is given.")
    max_points: int = Field(5, ge=1, le=100, description="At most so many points of each topic.")


class Found(NamedTuple):
    """Minutes, and the version of the transcript that they are of."""

    minutes: Minutes
    version: int


@router.post("", summary="Make minutes", status_code=202)
def make(
    id: str, asked: MinutesRequest, request: Request, services: Given, caller: MayTranscribe
) -> JobOut:
    """Submit a job that makes minutes of the newest transcript and keeps them."""
    visible(services, caller, id)
    if asked.method == "model" and not services.has_language_model:
        raise LanguageModelMissingError("This server has no language model.")
    services.library.transcript(id)
    new = NewJob(
        kind="minutes",
        recording_id=id,
        options=asked.model_dump(exclude_none=True),
        key_id=caller.key_id,
        request_id=request_id_of(request.scope),
    )
    return JobOut.of(accepted(services, new))


@router.get("", summary="Get or export minutes", response_class=Response)
async def minutes(
    id: str,
    request: Request,
    services: Given,
    caller: MayReadOwn,
    format: Annotated[str, Query(description="json, md, txt or docx.")] = "json",
    method: MinutesBy = "auto",
) -> Response:
    """The minutes as a file; `json` is the whole document.

    `auto` are the newest that a job made. Without any, and with `extractive`, they are made at
    once of the newest transcript, and not kept. `model` are the newest by a language model.
    Where the transcript has a newer version than theirs, the notice `minutes.stale` says so.
    """
    wanted = format_named(format)
    recording = await run_in_threadpool(visible, services, caller, id)
    found = await run_in_threadpool(kept, services.library, id, method)
    if found is None:
        state = request.app.state
        with state.minutes.taken():
            found = await to_thread.run_sync(
                extracted, services.library, id, limiter=state.extracting
            )
    content = await run_in_threadpool(wanted.render, found.minutes)
    headers = {"X-Transcript-Version": str(found.version)}
    if format != "json":
        name = recording.name.rsplit(".", 1)[0] + wanted.suffix
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=wanted.media_type, headers=headers)


def kept(library: Library, recording_id: str, by: MinutesBy) -> Found | None:
    """The newest minutes that a job made; None where they are to be extracted now.

    Raises MinutesNotFoundError.
    """
    method = None if by == "auto" else by
    found = [] if by == "extractive" else library.minutes(recording_id, method=method, limit=1)
    if not found:
        if by == "model":
            raise MinutesNotFoundError(
                "No language model wrote minutes of the recording {id}.", id=recording_id
            )
        return None
    made, version = read_minutes(found[0].document), found[0].version
    newest = library.history(recording_id)[0].version
    if newest > version:
        made = replace(made, notices=(*made.notices, stale(version, newest)))
    return Found(made, version)


def extracted(library: Library, recording_id: str) -> Found:
    """Minutes of the newest transcript's own sentences; raises TranscriptNotFoundError."""
    newest = library.transcript(recording_id)
    return Found(extract(newest.transcript), newest.version)
