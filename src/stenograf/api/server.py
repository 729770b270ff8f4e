"""The application: every contract's router over one set of services."""

from __future__ import annotations

from typing import Any, Final

from anyio import CapacityLimiter
from fastapi import APIRouter, FastAPI
from starlette.middleware.cors import CORSMiddleware

from stenograf._version import __version__
from stenograf.api import asr, calls, diarization, docs_page, health, openai_audio, protocol
from stenograf.api.document import TAGS, Documented
from stenograf.api.faults import Unforeseen, install_faults
from stenograf.api.heads import Heads
from stenograf.api.lingering import Lingering
from stenograf.api.metrics import Metrics
from stenograf.api.native import routers as native
from stenograf.api.origin import OwnOrigin
from stenograf.api.proxies import Forwarded
from stenograf.api.request_id import RequestIds
from stenograf.api.room import Room, no_more_minutes, no_more_recordings, no_more_streams
from stenograf.api.services import Services

ROUTERS: Final[tuple[APIRouter, ...]] = (
    *(module.router for module in (health, diarization, protocol, calls, openai_audio, asr)),
    *native,
)
"""Every route that is documented."""

CORS: Final[dict[str, Any]] = {
    "allow_methods": ["*"],
    "allow_headers": ["*"],
    "expose_headers": [
        "Asr-Engine",
        "Content-Disposition",
        "Content-Range",
        "Retry-After",
        "X-Request-Id",
        "X-Transcript-Version",
    ],
    "max_age": 3600,
}
"""What pages of allowed origins may ask and read; they bring a token, not cookies."""

MAX_IMPORTS: Final = 8  # at once: each holds a thread while the other side sends
MAX_EXTRACTIONS: Final = 1  # of minutes, at once: two take turns, and all else waits longer
MAX_WAITING_FOR_MINUTES: Final = 16

DESCRIPTION = """
Who said what, when. Send `Authorization: Bearer TOKEN` with every request but `/health`.

The contracts beside our own (`/api/v1`) are those of other programs, so that their clients work
by changing an address: OpenAI's audio API, whisper-asr-webservice, a diarization service, a
protocol maker, and recordings of calls.
"""


def create_app(services: Services) -> FastAPI:
    """The ASGI application; `services` outlive it."""
    app = Documented(
        title="Stenograf",
        version=__version__,
        description=DESCRIPTION,
        openapi_tags=[{"name": name, "description": said} for name, said in TAGS.items()],
        separate_input_output_schemas=False,
        docs_url=None,  # docs_page has its own
        redoc_url=None,
    )
    app.state.services = services
    app.state.room = Room(services.limits.max_requests, no_more_recordings)
    app.state.imports = Room(MAX_IMPORTS, no_more_recordings)
    app.state.minutes = Room(MAX_WAITING_FOR_MINUTES, no_more_minutes)
    app.state.extracting = CapacityLimiter(MAX_EXTRACTIONS)
    app.state.streams = Room(services.limits.max_streams, no_more_streams)
    app.state.metrics = Metrics(services.queue.counts, services.workers_alive)
    for router in (*ROUTERS, docs_page.router):
        app.include_router(router)
    install_faults(app)
    app.add_middleware(OwnOrigin, allowed=services.origins, is_open=services.gate.is_open)
    app.add_middleware(Unforeseen)
    if services.origins:
        app.add_middleware(CORSMiddleware, allow_origins=services.origins, **CORS)
    app.add_middleware(RequestIds, metrics=app.state.metrics)
    app.add_middleware(Forwarded, trusted=services.proxies)
    app.add_middleware(Heads)
    app.add_middleware(Lingering)  # the last is the outermost
    return app
