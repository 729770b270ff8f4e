"""Server-sent events: each takes one of a limited number of places, and gives it back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import Final

from anyio import CancelScope
from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from stenograf.api.room import Room

BEAT_S: Final = 15.0
"""A proxy cuts what says nothing for a minute (nginx), and a client that is gone shows by this."""

BEAT: Final = ": still at it\n\n"  # a comment, which clients leave out (HTML standard, 9.2.6)


class EventStream(StreamingResponse):
    """Events as they come; what is `held` is let go when the last is sent or the client is gone."""

    def __init__(self, lines: AsyncIterator[str], held: AsyncExitStack) -> None:
        # X-Accel-Buffering: nginx would keep events until it has 8 kB of them.
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        super().__init__(with_beats(lines), media_type="text/event-stream", headers=headers)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send them; not in a generator, which nobody may ever begin."""
        async with self._held:
            await super().__call__(scope, receive, send)


def place_for_stream(request: Request) -> AsyncExitStack:
    """A place that an EventStream is to hold. Raises BusyError when there is none."""
    room: Room = request.app.state.streams
    held = AsyncExitStack()
    held.enter_context(room.taken())
    return held


async def with_beats(lines: AsyncIterator[str]) -> AsyncGenerator[str, None]:
    """The lines as they come, and a comment whenever none came for a while."""
    coming = asyncio.ensure_future(_next(lines))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=BEAT_S)
            if not done:
                yield BEAT
                continue
            line = coming.result()
            if line is None:
                return
            yield line
            coming = asyncio.ensure_future(_next(lines))
    finally:
        coming.cancel()
        with CancelScope(shield=True), suppress(asyncio.CancelledError):
            await coming  # what makes the lines shall have ended when this has


async def _next(lines: AsyncIterator[str]) -> str | None:
    """The next line; None after the last."""
    return await anext(lines, None)
