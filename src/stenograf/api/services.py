"""What routes work with: built once by the door, never read from settings inside a route."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request

from stenograf.api.auth import Gate
from stenograf.api.proxies import Network
from stenograf.api.shelf import ModelShelf
from stenograf.api.watching import JobWatch
from stenograf.jobs import Queue
from stenograf.library import Library
from stenograf.network import Reach
from stenograf.webhooks import Webhooks

MB = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one server takes on; each is a setting of the same name.

    `max_diarize_bytes` is the limit of `POST /diarize`, as that contract has it.
    """

    max_upload_bytes: int = 4000 * MB
    max_diarize_bytes: int = 100 * MB
    max_requests: int = 64  # with a recording in the body, at once
    max_streams: int = 100  # of events, at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The parts behind the routes.

    `workers_alive` counts them; `models_ready` says whether a recording could be diarized now
    without fetching anything. `fetch(options, token)` brings what these options need with
    somebody's own hub token, which it forgets. `peaks(recording_id, n)` are n loudnesses in
    [0, 1]. `has_language_model` says that one may write minutes. `imports` is how far URLs of
    callers may lead. `origins` are web pages elsewhere that may use the server, `proxies` those
    in front whose word counts.
    """

    library: Library
    queue: Queue
    gate: Gate
    watch: JobWatch
    shelf: ModelShelf
    webhooks: Webhooks
    workers_alive: Callable[[], int]
    models_ready: Callable[[], bool]
    fetch: Callable[[Mapping[str, Any], str], None]
    peaks: Callable[[str, int], list[float]]
    has_language_model: bool = False
    limits: Limits = field(default_factory=Limits)
    imports: Reach = field(default_factory=Reach)
    origins: Sequence[str] = ()
    proxies: Sequence[Network] = ()


def services_of(request: Request) -> Services:
    """The services of the server that this request came to."""
    services: Services = request.app.state.services
    return services


Given = Annotated[Services, Depends(services_of)]
