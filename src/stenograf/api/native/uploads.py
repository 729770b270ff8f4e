"""Large recordings brought in parts: begin, append at an offset, ask how far it is, finish."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from stenograf.api.auth import Caller, MayBring
from stenograf.api.native.wire import FAILS, MAX_NUMBER, PREFIX, RecordingOut
from stenograf.api.openapi import example
from stenograf.api.services import Given, Services
from stenograf.api.uploads import limited, too_large
from stenograf.core.errors import RecordingNotFoundError, UploadNotFoundError
from stenograf.library import Upload

router = APIRouter(prefix=f"{PREFIX}/uploads", tags=["uploads"], responses=FAILS)


class NewUpload(BaseModel):
    """What will be brought."""

    model_config = example(name="meeting.mp3", size_bytes=52_428_800, content_type="audio/mpeg")

    name: str = Field(max_length=1000)
    size_bytes: int = Field(ge=1, le=MAX_NUMBER)
    content_type: str = "application/octet-stream"


class Finish(BaseModel):
    """With a hash, the recording is kept only if it arrived whole."""

    model_config = example(
        sha256="e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442"
    )

    sha256: str | None = Field(None, pattern="^[0-9a-f]{64}$")


class UploadOut(BaseModel):
    """How far it is: the next part begins at `received_bytes`."""

    model_config = example(
        id="4d5e6f708192a3b4c5d6e7f809121b2c",
        name="meeting.mp3",
        size_bytes=52_428_800,
        received_bytes=8_388_608,
    )

    id: str
    name: str
    size_bytes: int
    received_bytes: int

    @classmethod
    def of(cls, upload: Upload) -> UploadOut:
        """From what the library hands out."""
        return cls(**{name: getattr(upload, name) for name in cls.model_fields})


@router.post("", summary="Begin an upload", status_code=201)
def begin(new: NewUpload, services: Given, caller: MayBring) -> UploadOut:
    """Announce a recording; the answer's id is what the next requests name."""
    if new.size_bytes > services.limits.max_upload_bytes:
        raise too_large(services.limits.max_upload_bytes)
    return UploadOut.of(
        services.library.begin_upload(
            new.name, new.size_bytes, content_type=new.content_type, key_id=caller.key_id
        )
    )


@router.get("/{id}", summary="Get an upload")
def state(id: str, services: Given, caller: MayBring) -> UploadOut:
    """How far it is."""
    return UploadOut.of(_own(services, caller, id))


@router.patch(
    "/{id}",
    summary="Continue an upload",
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The bytes from `Upload-Offset` on.",
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
)
async def append(
    id: str,
    request: Request,
    services: Given,
    caller: MayBring,
    upload_offset: Annotated[int, Header(ge=0, le=MAX_NUMBER)],
) -> UploadOut:
    """Add the body at byte `Upload-Offset`; 409 says where it really continues."""
    upload = await run_in_threadpool(_own, services, caller, id)
    writing = services.library.continue_upload(id, upload_offset)
    end = await run_in_threadpool(writing.__enter__)
    try:
        rest = upload.size_bytes - upload_offset
        async for part in limited(request, max_bytes=rest):
            await run_in_threadpool(end.write, part)
    finally:
        await run_in_threadpool(writing.__exit__, None, None, None)
    return UploadOut.of(await run_in_threadpool(services.library.upload, id))


@router.post("/{id}/finish", summary="Finish an upload", status_code=201)
def finish(id: str, asked: Finish, services: Given, caller: MayBring) -> RecordingOut:
    """The recording, complete; finishing twice gives it twice."""
    try:
        _own(services, caller, id)
    except UploadNotFoundError:  # finished before, by the same key
        if not caller.holds("write") and not _brought(services, caller, id):
            raise
    return RecordingOut.of(services.library.finish_upload(id, asked.sha256))


@router.delete("/{id}", summary="Cancel an upload", status_code=204)
def cancel(id: str, services: Given, caller: MayBring) -> None:
    """Forget what has arrived."""
    _own(services, caller, id)
    services.library.cancel_upload(id)


def _brought(services: Services, caller: Caller, id: str) -> bool:
    """Whether there is such a recording, and it came from this caller."""
    try:
        return services.library.recording(id).key_id == caller.key_id
    except RecordingNotFoundError:
        return False


def _own(services: Services, caller: Caller, id: str) -> Upload:
    upload = services.library.upload(id)
    if not caller.holds("write") and upload.key_id != caller.key_id:
        raise UploadNotFoundError("There is no upload {id}.", id=id)
    return upload
