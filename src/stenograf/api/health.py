"""Is the server alive, may it be given work, and what does it count?"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from stenograf.api.auth import MayRead
from stenograf.api.native.wire import Failed
from stenograf.api.openapi import errors, texts
from stenograf.api.services import Given
from stenograf.core.errors import NotReadyError

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The server answers."""

    status: Literal["healthy"] = "healthy"
    model_loaded: bool = Field(
        examples=[True],
        description="A recording could be worked on now: a worker is alive and models are here.",
    )


class Ready(BaseModel):
    """The server may be given work."""

    status: Literal["ready"] = "ready"
    workers: int = Field(examples=[1])


@router.get("/health", summary="Is it alive?", responses=errors(Failed, (403, 500)))
async def health(services: Given) -> Health:
    """Whether the process answers; it never needs a token and waits for nothing."""
    return Health(model_loaded=services.workers_alive() > 0 and services.models_ready())


@router.get("/ready", summary="Is it ready for work?", responses=errors(Failed, (403, 500, 503)))
async def ready(services: Given) -> Ready:
    """Whether work would be done now; 503 while no worker is alive."""
    workers = services.workers_alive()
    if workers == 0:
        raise NotReadyError("No worker is alive.")
    return Ready(workers=workers)


@router.get(
    "/metrics",
    summary="Numbers for Prometheus",
    response_class=Response,
    responses=errors(Failed, (401, 403, 500)) | texts("text/plain"),
)
def metrics(request: Request, caller: MayRead) -> Response:
    """Numbers in Prometheus' text format."""
    text = request.app.state.metrics.text()
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
