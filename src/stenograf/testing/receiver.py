"""A server that is told things, on this machine: it notes what arrives and answers as asked.

with Receiver() as receiver:
receiver.answers = [503, 200]
...  # a webhook to receiver.url
assert len(receiver.requests) == 2
"""

from __future__ import annotations

import ssl
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Literal, NamedTuple, Self

SLOW_S: Final = 0.05


class Heard(NamedTuple):
    """One request as it arrived; names of headers in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves is none of the test's business."""


class Receiver:
    """Answers `body` with `answers` in turn, the last one for good; a text redirects there.

    `drips` sends headers or the body without end, a few bytes at a time.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.answers: list[int | str] = [200]
        self.headers: dict[str, str] = {}
        self.redirect_status = 307
        self.body = b"ok"
        self.drips: Literal["headers", "body"] | None = None
        self.requests: list[Heard] = []
        self._is_closed = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(SLOW_S,))

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The address of its hook, without TLS."""
        return f"http://127.0.0.1:{self.port}/hook"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._is_closed.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _next(self) -> int | str:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                heard = Heard(self.command, self.path, headers, self.rfile.read(size))
                receiver.requests.append(heard)
                if receiver.drips:
                    self._drip()
                else:
                    self._answer(receiver._next())

            def do_GET(self) -> None:
                self.do_POST()

            def _answer(self, answer: int | str) -> None:
                status = receiver.redirect_status if isinstance(answer, str) else answer
                self.send_response(status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                if isinstance(answer, str):
                    self.send_header("Location", answer)
                self.send_header("Content-Length", str(len(receiver.body)))
                self.end_headers()
                self.wfile.write(receiver.body)

            def _drip(self) -> None:
                end = b"\r\n" if receiver.drips == "body" else b""
                self.wfile.write(b"HTTP/1.1 200 OK\r\n" + end)
                with suppress(OSError):  # the other side had enough
                    while not receiver._is_closed.wait(SLOW_S):
                        self.wfile.write(b"X-1: x\r\n")

            def log_message(self, format: str, *args: object) -> None:
                """Tests read requests, not logs."""

        return Handler
