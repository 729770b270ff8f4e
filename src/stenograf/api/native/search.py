"""Words searched in every transcript."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from stenograf.api.auth import MayReadOwn
from stenograf.api.native.recordings import Limit, Offset
from stenograf.api.native.wire import FAILS, PREFIX
from stenograf.api.openapi import example
from stenograf.api.services import Given

router = APIRouter(prefix=f"{PREFIX}/search", tags=["search"], responses=FAILS)


class HitOut(BaseModel):
    """A passage; `marks` are the places of the words in `snippet`, in characters."""

    model_config = example(
        recording_id="9ab0c41d5e7f42d38a6b1c2d3e4f5a60",
        recording_name="call.mp3",
        version=1,
        start=2.1,
        end=4.0,
        speaker="SPEAKER_01",
        speaker_label="Anna",
        snippet="what does delivery cost",
        marks=[(10, 18)],
    )

    recording_id: str
    recording_name: str
    version: int
    start: float
    end: float
    speaker: str | None
    speaker_label: str | None
    snippet: str
    marks: list[tuple[int, int]]


class HitsOut(BaseModel):
    """A page of passages, the best first."""

    items: list[HitOut]
    total: int = Field(examples=[1])
    limit: int = Field(examples=[50])
    offset: int = Field(examples=[0])


@router.get("", summary="Search transcripts")
def search(
    q: Annotated[str, Query(min_length=1, max_length=1000)],
    services: Given,
    caller: MayReadOwn,
    recording_id: str | None = None,
    speaker: str | None = None,
    limit: Limit = 20,
    offset: Offset = 0,
) -> HitsOut:
    """Passages that hold every word in any form; `"two words"` is a phrase, `word*` goes on."""
    own = None if caller.holds("read") else caller.key_id
    page = services.library.search(
        q, limit=limit, offset=offset, recording_id=recording_id, speaker=speaker, key_id=own
    )
    items = [
        HitOut(
            **{name: getattr(hit, name) for name in ("recording_id", "recording_name", "version")},
            start=hit.span.start,
            end=hit.span.end,
            speaker=hit.speaker,
            speaker_label=hit.speaker_label,
            snippet=hit.snippet,
            marks=list(hit.marks),
        )
        for hit in page.items
    ]
    return HitsOut(items=items, total=page.total, limit=limit, offset=offset)
