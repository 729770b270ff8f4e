"""Shapes that several routes of `/api/v1` share."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, Field

from stenograf.api.openapi import errors, example
from stenograf.jobs import Job, JobEvent
from stenograf.library import Revision, StoredRecording

PREFIX: Final = "/api/v1"
MAX_NUMBER: Final = 2**53 - 1  # what JSON, JavaScript and every database agree on


class Problem(BaseModel):
    """What went wrong; `code` is stable and listed in docs/errors.md."""

    code: str = Field(examples=["audio.not_audio"])
    message: str
    hint: str
    request_id: str


class Failed(BaseModel):
    """The body of every answer that is no success."""

    error: Problem


FAILS: Final = errors(Failed)


class RecordingOut(BaseModel):
    """A recording in the library; times are seconds since 1970 UTC."""

    model_config = example(
        id="9ab0c41d5e7f42d38a6b1c2d3e4f5a60",
        name="call.mp3",
        content_type="audio/mpeg",
        size_bytes=480_000,
        sha256="e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442e3b0c442",
        duration_s=30.0,
        created_at=1_763_712_000.0,
    )

    id: str
    name: str
    content_type: str
    size_bytes: int
    sha256: str
    duration_s: float | None
    created_at: float

    @classmethod
    def of(cls, stored: StoredRecording) -> RecordingOut:
        """From what the library hands out."""
        return cls(**{name: getattr(stored, name) for name in cls.model_fields})


class RecordingsOut(BaseModel):
    """A page of recordings, newest first; `total` counts all of them."""

    items: list[RecordingOut]
    total: int = Field(examples=[1])
    limit: int = Field(examples=[50])
    offset: int = Field(examples=[0])


class JobOut(BaseModel):
    """A job; `fraction` is the share of `stage` that is done."""

    model_config = example(
        id="5c1f03b2a49e4d6c8f70b1a2c3d4e5f6",
        kind="transcribe",
        recording_id="9ab0c41d5e7f42d38a6b1c2d3e4f5a60",
        options={"language": "ru", "speakers": 2},
        status="running",
        stage="recognize",
        fraction=0.4,
        attempt=1,
        max_attempts=3,
        priority=0,
        cancel_requested=False,
        error=None,
        result=None,
        created_at=1_763_712_000.0,
        started_at=1_763_712_001.5,
        finished_at=None,
    )

    id: str
    kind: str
    recording_id: str | None
    options: dict[str, Any]
    status: str
    stage: str | None
    fraction: float | None
    attempt: int
    max_attempts: int
    priority: int
    cancel_requested: bool
    error: dict[str, Any] | None
    result: dict[str, Any] | None
    created_at: float
    started_at: float | None
    finished_at: float | None

    @classmethod
    def of(cls, job: Job) -> JobOut:
        """From what the queue hands out."""
        return cls(**{name: getattr(job, name) for name in cls.model_fields})


class JobsOut(BaseModel):
    """Jobs, newest first."""

    items: list[JobOut]
    limit: int = Field(examples=[50])
    offset: int = Field(examples=[0])


class RevisionOut(BaseModel):
    """One version of a transcript, without its text."""

    model_config = example(
        version=2, made_by="edit", job_id=None, note="names corrected", created_at=1_763_712_000.0
    )

    version: int
    made_by: str = Field(description="`job`, `edit` or `recluster`.")
    job_id: str | None
    note: str | None
    created_at: float

    @classmethod
    def of(cls, revision: Revision) -> RevisionOut:
        """From what the library hands out."""
        return cls(**{name: getattr(revision, name) for name in cls.model_fields})


def sse(event: JobEvent) -> str:
    """A job's event as a server-sent event; its number is what `Last-Event-ID` repeats."""
    from pydantic_core import to_json

    data = to_json({"kind": event.kind, "at": event.at, **event.data}).decode()
    return f"id: {event.seq}\nevent: {event.kind}\ndata: {data}\n\n"
