"""A request id on every answer, one line in the log for every request, and their times counted.

The line holds method, route, status, seconds and the client's address: never a query, a header or
a text.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stenograf.api.metrics import Metrics

HEADER: Final = b"x-request-id"
UNANSWERED: Final = 499
"""What nginx writes down for a client that left before there was an answer."""

_SANE: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_log = logging.getLogger("stenograf.access")


class RequestIds:
    """Pure ASGI middleware, so that streams pass through untouched."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request; a sane id of the client's is kept, else one is made."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(HEADER, b"")
        name = given if _SANE.fullmatch(given) else secrets.token_hex(16).encode()
        scope.setdefault("state", {})["request_id"] = name.decode()
        status, started = UNANSWERED, time.perf_counter()

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (HEADER, name)]
            await send(message)

        try:
            await self._app(scope, receive, tell)
        finally:
            seconds = time.perf_counter() - started
            route = route_of(scope)
            self._metrics.count(scope["method"], route, status, seconds)
            said = (scope["method"], route, status, seconds, name.decode(), address_of(scope))
            _log.info("%s %s %d %.3f s %s from %s", *said)


def route_of(scope: Scope) -> str:
    """The route's pattern, `unknown` for addresses that lead nowhere: bounded for metrics."""
    return str(getattr(scope.get("route"), "path", "unknown"))


def address_of(scope: Scope) -> str:
    """The client's address; `-` where the connection has none."""
    client = scope.get("client")
    return str(client[0]) if client else "-"


def request_id_of(scope: Scope) -> str:
    """The id of the request; empty outside of one."""
    state: dict[str, Any] = scope.get("state") or {}
    return str(state.get("request_id", ""))
