"""HEAD wherever there is GET (RFC 9110, 9.3.2): monitors and players ask so."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _EnoughError(OSError):
    """The headers are sent; whoever makes the body may stop."""


@dataclass(frozen=True, slots=True)
class Heads:
    """Pure ASGI middleware: answers HEAD as GET would be answered, without the body."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything else on as it is."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        ended = False

        async def without_body(message: Message) -> None:
            nonlocal ended
            if message["type"] != "http.response.body":
                await send(message)
                return
            if not ended:
                ended = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            if message.get("more_body", False):
                raise _EnoughError

        with suppress(ClientDisconnect, _EnoughError):
            await self.app({**scope, "method": "GET"}, receive, without_body)
