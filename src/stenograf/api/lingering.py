"""Whoever is answered before all of the request was read still gets the answer.

A connection that is closed while bytes of the body wait unread is reset, and a reset may take the
answer with it (RFC 9112, 9.6): the other side then reports a broken pipe instead of 401.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LINGER_BYTES: Final = 128 << 20
"""More than the largest recording that `/diarize` takes."""

LINGER_S: Final = 5.0


class Lingering:
    """Pure ASGI middleware: reads on, within limits, after an answer that came early."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; only the end of an early answer is held back."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        body = _Body(receive)

        async def answer(message: Message) -> None:
            if _is_last(message) and not body.ended:
                await send({**message, "more_body": True})
                await body.read_on()
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        await self._app(scope, body.receive, answer)


class _Body:
    """What a request brings, and whether all of it is here."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.ended = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            self.ended = True
        return message

    async def read_on(self) -> None:
        left = LINGER_BYTES
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                while not self.ended and left > 0:
                    left -= len((await self.receive()).get("body", b""))


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _is_last(message: Message) -> bool:
    return message["type"] == "http.response.body" and not message.get("more_body", False)
