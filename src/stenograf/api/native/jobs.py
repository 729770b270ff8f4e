"""Jobs: submitted, watched, cancelled, repeated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from stenograf.api.auth import Caller, MayReadOwn, MayTranscribe
from stenograf.api.native.recordings import Limit, Offset
from stenograf.api.native.wire import FAILS, MAX_NUMBER, PREFIX, JobOut, JobsOut, sse
from stenograf.api.openapi import texts
from stenograf.api.options import Options
from stenograf.api.services import Given, Services
from stenograf.api.streams import EventStream, place_for_stream
from stenograf.api.work import MAX_PRIORITY, submit, visible
from stenograf.core.errors import ForbiddenError, JobNotFoundError
from stenograf.jobs import Job, JobStatus

router = APIRouter(prefix=f"{PREFIX}/jobs", tags=["jobs"], responses=FAILS)


class JobRequest(BaseModel):
    """What is to be done with a recording; `options` are those of `stenograf transcribe`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "recording_id": "9ab0c41d5e7f42d38a6b1c2d3e4f5a60",
                    "options": {"language": "ru", "speakers": 2},
                }
            ]
        },
    )

    recording_id: str
    kind: Literal["transcribe", "diarize"] = "transcribe"
    options: Options = Field(default_factory=Options)
    priority: int = Field(
        0, ge=-MAX_PRIORITY, le=MAX_PRIORITY, description="Higher ones are done first."
    )


@router.post("", summary="Submit a job", status_code=202)
async def new(
    asked: JobRequest, request: Request, services: Given, caller: MayTranscribe
) -> JobOut:
    """Submit a job; it waits until a worker is free."""
    await run_in_threadpool(visible, services, caller, asked.recording_id)
    job = await submit(
        services,
        caller,
        request,
        asked.recording_id,
        asked.options.model_dump(exclude_unset=True),
        kind=asked.kind,
        priority=asked.priority,
    )
    return JobOut.of(job)


@router.get("", summary="List jobs")
def listed(
    services: Given,
    caller: MayReadOwn,
    recording_id: str | None = None,
    status: JobStatus | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> JobsOut:
    """Jobs, newest first."""
    own = None if caller.holds("read") else caller.key_id
    found = services.queue.list(
        recording_id=recording_id, status=status, key_id=own, limit=limit, offset=offset
    )
    return JobsOut(items=[JobOut.of(job) for job in found], limit=limit, offset=offset)


@router.get("/{id}", summary="Get a job")
def one(id: str, services: Given, caller: MayReadOwn) -> JobOut:
    """How far it is."""
    return JobOut.of(_visible(services, caller, id))


@router.post("/{id}/cancel", summary="Cancel a job")
def cancel(id: str, services: Given, caller: MayTranscribe) -> JobOut:
    """Stop it: at once while it waits, within two seconds while it runs."""
    _changeable(services, caller, id)
    return JobOut.of(services.queue.cancel(id))


@router.post("/{id}/retry", summary="Retry a job")
def retry(id: str, services: Given, caller: MayTranscribe) -> JobOut:
    """Try a failed or cancelled job again, from where it got to."""
    _changeable(services, caller, id)
    return JobOut.of(services.queue.retry(id))


@router.get(
    "/{id}/events",
    summary="Follow a job",
    response_class=StreamingResponse,
    responses=texts("text/event-stream"),
)
async def events(
    id: str,
    request: Request,
    services: Given,
    caller: MayReadOwn,
    last_event_id: Annotated[int, Header(ge=0, le=MAX_NUMBER)] = 0,
) -> StreamingResponse:
    """What the job tells, as server-sent events, until it is over; `Last-Event-ID` continues.

    429 with `Retry-After` while too many others watch.
    """
    await run_in_threadpool(_visible, services, caller, id)

    async def lines() -> AsyncIterator[str]:
        told = services.watch.events(id, after=last_event_id, gone=request.is_disconnected)
        with suppress(JobNotFoundError):  # its recording was deleted meanwhile
            async for event in told:
                yield sse(event)

    return EventStream(lines(), place_for_stream(request))


def _visible(services: Services, caller: Caller, id: str) -> Job:
    job = services.queue.get(id)
    if not caller.sees(job.key_id):
        raise JobNotFoundError("There is no job {id}.", id=id)
    return job


def _changeable(services: Services, caller: Caller, id: str) -> None:
    """Raises ForbiddenError where only an administrator may begin such a job."""
    if _visible(services, caller, id).kind == "install" and not caller.holds("admin"):
        raise ForbiddenError("This needs a key with the scope {scope}.", scope="admin")
