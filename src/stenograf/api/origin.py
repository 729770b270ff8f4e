"""Other people's web pages may not use a server that runs on their visitor's machine.

A browser sends the page's origin with a cross-site request, and the name it looked up as the
host. An open server on loopback listens to neither: OWASP, "Cross-Site Request Forgery
Prevention", and DNS rebinding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from stenograf.api.faults import respond
from stenograf.api.proxies import ASKED_HOST
from stenograf.core.errors import ForbiddenError, OptionError

LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def origins(text: str) -> list[str]:
    """Origins as browsers write them, separated by commas. Raises OptionError.

    >>> origins("https://Talks.example/, http://localhost:3000")
    ['https://talks.example', 'http://localhost:3000']
    """
    return [_origin(each.strip()) for each in text.split(",") if each.strip()]


def _origin(given: str) -> str:
    parts = urlsplit(given)
    more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in {"http", "https"} or not parts.netloc or more:
        raise OptionError(
            "STENOGRAF_ORIGINS takes origins of pages, not {given}.",
            hint="For example https://talks.example,http://localhost:3000.",
            given=given,
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"


class OwnOrigin:
    """Pure ASGI middleware: refuses foreign origins, and foreign host names on an open server."""

    def __init__(
        self, app: ASGIApp, allowed: Sequence[str], *, is_open: Callable[[], bool]
    ) -> None:
        self._app = app
        self._allowed = frozenset(allowed)
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403, or pass the request on."""
        if scope["type"] == "http" and not self._passes(Request(scope)):
            refusal = ForbiddenError("This page may not use this server: its origin is foreign.")
            await respond(refusal, Request(scope))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _passes(self, request: Request) -> bool:
        host = urlsplit(f"//{request.headers.get('host', '')}")
        if self._is_open() and _asked(request) not in LOCAL:
            return False
        origin = request.headers.get("origin")
        return origin is None or origin in self._allowed or urlsplit(origin).netloc == host.netloc


def _asked(request: Request) -> str | None:
    """The host name of the connection: after DNS rebinding a page may forge what proxies say."""
    told = request.headers.get("host", "")
    asked = (request.scope.get("state") or {}).get(ASKED_HOST, told)
    return urlsplit(f"//{asked or ''}").hostname
