"""Server-sent events: each takes one of a limited number of places, and gives it back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from stenograf.api.room import Room


class EventStream(StreamingResponse):
    """Events as they come; what is `held` is let go when the last is sent or the client is gone."""

    def __init__(self, lines: AsyncIterator[str], held: AsyncExitStack) -> None:
        # X-Accel-Buffering: nginx would keep events until it has 8 kB of them.
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        super().__init__(lines, media_type="text/event-stream", headers=headers)
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
