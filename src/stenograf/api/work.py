"""A recording in a request, worked on by the queue while the client waits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from anyio import CancelScope
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from stenograf.api.auth import Caller
from stenograf.api.options import checked
from stenograf.api.request_id import request_id_of
from stenograf.api.services import Services
from stenograf.core.errors import (
    CancelledError,
    EmptyAudioError,
    InvalidRequestError,
    NotReadyError,
    RecordingNotFoundError,
    error_from,
)
from stenograf.core.evidence import SpeakerEvidence
from stenograf.core.transcript import Transcript
from stenograf.export import read_json
from stenograf.jobs import Job, JobKind, NewJob
from stenograf.library import StoredRecording

MAX_PRIORITY: Final = 100
"""That a caller may ask for."""

SOMEBODY_WAITS: Final = MAX_PRIORITY + 1
"""The priority of what a request waits for: jobs can wait by their nature."""

PASSING_S: Final = 24 * 3600.0
"""What a server that was killed leaves behind is gone after that time."""


def given_file(file: UploadFile | None) -> UploadFile:
    """The file of a form; raises InvalidRequestError without one and EmptyAudioError for nothing.

    The sentence is the one of the brief's diarization service.
    """
    if file is None or not file.filename:
        raise InvalidRequestError("No file uploaded", hint="", param="file")
    if file.size == 0:
        raise EmptyAudioError("The uploaded file {name} is empty.", name=file.filename)
    return file


@asynccontextmanager
async def passing_recording(
    services: Services, caller: Caller, file: UploadFile
) -> AsyncIterator[StoredRecording]:
    """The upload as a recording of the library for as long as the block runs, then deleted."""
    recording = await keep(services, caller, file, keep_s=PASSING_S)
    try:
        yield recording
    finally:
        with CancelScope(shield=True):  # also when the client has gone
            await run_in_threadpool(services.library.delete_recording, recording.id)


async def keep(
    services: Services, caller: Caller, file: UploadFile, *, keep_s: float | None = None
) -> StoredRecording:
    """The upload as a recording of the library; with `keep_s` seconds it goes by itself."""
    return await run_in_threadpool(
        services.library.add_recording,
        file.file,
        name=file.filename or "recording",
        content_type=file.content_type or "application/octet-stream",
        key_id=caller.key_id,
        keep_s=keep_s,
    )


def visible(services: Services, caller: Caller, id: str) -> StoredRecording:
    """The recording, if the caller may see it; else it is as if it were not there."""
    stored = services.library.recording(id)
    if not caller.sees(stored.key_id):
        raise RecordingNotFoundError("There is no recording {id}.", id=id)
    return stored


async def submit(
    services: Services,
    caller: Caller,
    request: Request,
    recording_id: str,
    options: Mapping[str, Any],
    *,
    kind: JobKind = "transcribe",
    priority: int = 0,
) -> Job:
    """A job for the recording. Raises OptionError, QueueFullError and NotReadyError."""
    new = NewJob(
        kind=kind,
        recording_id=recording_id,
        options=checked(options),
        priority=priority,
        key_id=caller.key_id,
        request_id=request_id_of(request.scope),
    )
    return await run_in_threadpool(accepted, services, new)


def accepted(services: Services, new: NewJob) -> Job:
    """The job, queued. Raises QueueFullError, and NotReadyError where nobody would do it."""
    if services.workers_alive() == 0:
        raise NotReadyError("No worker is alive to do the work.")
    return services.queue.submit(new)


async def finished(services: Services, request: Request, job: Job) -> Transcript:
    """The document of the job, waited for; the job stops when the client goes away.

    Raises what the job failed with.
    """
    last = await services.watch.finished(job.id, gone=request.is_disconnected)
    if last.status == "cancelled":
        raise CancelledError("The job was cancelled.")
    if last.error is not None:
        raise error_from(last.error)
    stored = await run_in_threadpool(services.library.transcript, last.recording_id or "")
    return await run_in_threadpool(read_json, stored.document)


async def heard(
    services: Services,
    caller: Caller,
    request: Request,
    file: UploadFile,
    options: Mapping[str, Any],
    *,
    kind: JobKind = "transcribe",
) -> tuple[Transcript, SpeakerEvidence | None]:
    """The document of an uploaded recording and its voices; nothing of either stays behind.

    Requests somebody waits for go before jobs that nobody watches.
    """
    checked(options)
    async with passing_recording(services, caller, file) as recording:
        job = await submit(
            services, caller, request, recording.id, options, kind=kind, priority=SOMEBODY_WAITS
        )
        transcript = await finished(services, request, job)
        return transcript, await run_in_threadpool(services.library.evidence, recording.id)


async def transcript_of(
    services: Services,
    caller: Caller,
    request: Request,
    file: UploadFile,
    options: Mapping[str, Any],
    *,
    kind: JobKind = "transcribe",
) -> Transcript:
    """The document of an uploaded recording; nothing of it stays behind."""
    return (await heard(services, caller, request, file, options, kind=kind))[0]
