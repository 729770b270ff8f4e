"""Connections as uvicorn keeps them, without its patience and its own words.

uvicorn waits for ever for the headers of a request, and answers what is no HTTP in text without a
request id. Here silence ends, and such an answer is one of ours.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import Any, Final

import h11
from fastapi import Request
from uvicorn.protocols.http.h11_impl import H11Protocol

from stenograf.api.faults import respond
from stenograf.api.request_id import HEADER
from stenograf.core.errors import InvalidRequestError

REQUEST_S: Final = 30.0
"""How long the headers of a request may take; nginx allows a minute by default."""

_log = logging.getLogger("stenograf.access")


class Connection(H11Protocol):
    """HTTP/1.1 of one client."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.access_log = False  # it would hold addresses whole; RequestIds writes ours
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        super().connection_lost(exc)
        self._stop_waiting()

    def data_received(self, data: bytes) -> None:
        """Take some bytes; a request that has begun shall be complete soon."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._patience is None and self.conn.trailing_data[0]:
            self._wait()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP in the shape of our own contract, and hang up."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:  # else an answer has begun
            self._refuse(secrets.token_hex(16))
        self.transport.close()

    def _refuse(self, request_id: str) -> None:
        scope = {"type": "http", "path": "", "headers": [], "state": {"request_id": request_id}}
        fault = InvalidRequestError("The request is malformed: {reason}.", reason="no HTTP")
        answer = respond(fault, Request(scope))
        headers = [(HEADER, request_id.encode()), (b"connection", b"close")]
        head = h11.Response(
            status_code=400, headers=[*answer.raw_headers, *headers], reason=b"Bad Request"
        )
        for event in (head, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        client = self.client[0] if self.client else "-"
        _log.info("%s %s %d %.3f s %s from %s", "?", "unknown", 400, 0.0, request_id, client)

    def _wait(self) -> None:
        self._patience = self.loop.call_later(REQUEST_S, self._hang_up)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _hang_up(self) -> None:
        self._patience = None
        if not self.transport.is_closing():
            self.transport.close()
