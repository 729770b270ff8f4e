"""Connections to a real uvicorn, configured as `serve` does it."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path

import pytest
import uvicorn
from tests.api.conftest import TOKEN, _running

from stenograf.api import connections
from stenograf.api.run import uvicorn_config

ASK = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
WITHIN_S = 10.0


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where a server listens that waits a second for a request."""
    folder: Path = tmp_path_factory.mktemp("connections")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connections, "REQUEST_S", 1.0)
        for server in _running(folder, token=TOKEN):
            program = uvicorn.Server(uvicorn_config(server.app, host="127.0.0.1", port=0))
            thread = threading.Thread(target=program.run, daemon=True)
            thread.start()
            while not program.started:
                time.sleep(0.01)
            yield int(program.servers[0].sockets[0].getsockname()[1])
            program.should_exit = True
            thread.join()


def _wait_for(line: str, caplog: pytest.LogCaptureFixture) -> None:
    """Until the log holds it: a request is written down after it was answered."""
    deadline = time.monotonic() + WITHIN_S
    while line not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    assert line in caplog.text


def _all_of(connection: socket.socket) -> bytes:
    """What comes until the other side hangs up."""
    found = b""
    while part := connection.recv(65_536):
        found += part
    return found


@pytest.mark.parametrize(
    "nonsense",
    [
        b"nonsense\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nBad Header: b\r\n\r\n",
        b"POST /diarize HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 70_000,
    ],
)
def test_what_is_no_http_is_answered_in_our_own_words(port: int, nonsense: bytes) -> None:
    """400 as JSON, with a request id that the header repeats, and the connection ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as connection:
        connection.sendall(nonsense)
        head, _, body = _all_of(connection).partition(b"\r\n\r\n")
    error = json.loads(body)["error"]
    assert head.startswith(b"HTTP/1.1 400 Bad Request")
    assert error["code"] == "request.invalid"
    assert f"x-request-id: {error['request_id']}".encode() in head.lower()


@pytest.mark.parametrize("sent", [[], [ASK[:20]], [ASK, ASK[:20]]], ids=len)
def test_who_never_ends_a_request_is_not_waited_for(port: int, sent: list[bytes]) -> None:
    """The server hangs up, after whole ones, too: connections are few, and would be used up."""
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as connection:
        for part in sent:
            connection.sendall(part)
            if part == ASK:
                answer = HTTPResponse(connection)
                answer.begin()
                assert (answer.status, bool(answer.read())) == (200, True)
        assert _all_of(connection) == b""


def test_who_leaves_before_the_answer_is_no_fault_of_ours(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a 500 in the numbers nor a traceback in the log."""
    caplog.set_level(logging.INFO)
    head = (
        f"POST /diarize HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 5000\r\n\r\n--x\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as connection:
        connection.sendall(head.encode())
    _wait_for("POST /diarize", caplog)
    assert "POST /diarize 499" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_websocket_is_told_that_there_is_none(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    """As any address that leads nowhere; a token in it does not come into the log."""
    caplog.set_level(logging.DEBUG)
    upgrade = (
        b"GET /v1/realtime?token=secret-in-address HTTP/1.1\r\nHost: localhost\r\n"
        b"Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as connection:
        connection.sendall(upgrade)
        assert _all_of(connection).startswith(b"HTTP/1.1 404 ")
    _wait_for("GET unknown 404", caplog)
    assert "secret-in-address" not in caplog.text
