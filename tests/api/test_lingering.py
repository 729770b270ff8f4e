"""An answer that comes before the end of the request reaches whoever asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stenograf.api import lingering
from stenograf.api.lingering import Lingering

MEGABYTE = bytes(1 << 20)


def told(app: ASGIApp, body: Iterator[Message], **headers: str) -> list[str]:
    """What happened, in order: "read" for a part of the body, "sent" and "ended" for the answer."""
    seen: list[str] = []

    async def receive() -> Message:
        message = next(body, None)
        if message is None:  # the other side is silent
            await asyncio.Event().wait()
        seen.append("read")
        assert message is not None
        return message

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            seen.append("sent" if message.get("more_body") else "ended")

    listed = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": listed}
    asyncio.run(Lingering(app)(scope, receive, send))
    return seen


def parts(n: int) -> Iterator[Message]:
    """A body in so many parts of a megabyte."""
    for index in range(n):
        yield {"type": "http.request", "body": MEGABYTE, "more_body": index < n - 1}


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers without a look at the body."""
    await JSONResponse({"error": "Wrong token."}, 401)(scope, receive, send)


async def listen(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads all, then answers."""
    while (await receive()).get("more_body"):
        pass
    await JSONResponse({})(scope, receive, send)


def test_the_body_is_read_to_its_end_after_an_early_answer() -> None:
    """The whole answer is on its way first; the connection ends when the body has."""
    assert told(refuse, parts(3), content_length="3145728") == ["sent", *["read"] * 3, "ended"]
    assert told(refuse, parts(2), transfer_encoding="chunked") == ["sent", "read", "read", "ended"]


def test_who_was_heard_is_answered_at_once() -> None:
    """Nothing is read twice, and a request without a body is not waited for."""
    assert told(listen, parts(2), content_length="2097152") == ["read", "read", "ended"]
    assert told(refuse, parts(0)) == ["ended"]
    assert told(refuse, parts(0), content_length="0") == ["ended"]


def test_a_body_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many bytes, after so long a silence, or when the other side has gone."""
    monkeypatch.setattr(lingering, "LINGER_BYTES", 2 << 20)
    assert told(refuse, parts(9), content_length="9") == ["sent", "read", "read", "ended"]
    monkeypatch.setattr(lingering, "LINGER_S", 0.01)
    assert told(refuse, parts(0), content_length="9") == ["sent", "ended"]
    gone: Iterator[Message] = iter([{"type": "http.disconnect"}])
    assert told(refuse, gone, content_length="9") == ["sent", "read", "ended"]
