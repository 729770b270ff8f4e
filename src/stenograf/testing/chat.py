"""A server of a language model on this machine: real HTTP, OpenAI's chat completions API.

    with FakeChatServer() as server:
        model = ChatModel(server.url, "notes")
        write(transcript, model, on_progress=seen.append)
        assert len(server.requests) == 2

Left alone it answers with `note_taker`, which cites the lines of the prompt correctly, so whatever
makes minutes has something real to talk to: set STENOGRAF_LLM_URL to `server.url` and
STENOGRAF_LLM_MODEL to any name. A test scripts what goes wrong, one entry for each request, after
which the note taker answers again:

    server.script = [429, "{}", Reply(content="{", finish_reason="length"), Reply(hangs=True)]

`key`, `models`, `refuses` and `streams` make it one of the many servers there are. What is sent is
what servers send: chunks of server-sent events where `stream` was asked for, else one JSON.
"""

from __future__ import annotations

import json
import select
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, NamedTuple, Self

from stenograf.testing.note_taker import take_notes

SLOW_S: Final = 0.02
CHUNK_CHARS: Final = 60


class Asked(NamedTuple):
    """One request as it arrived; names of headers in small letters."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """How one request is answered.

    `content` is what the model says, the note taker's answer where it is None. `raw` stands for
    the whole body of the answer. `cut_after` breaks the connection after that many characters of
    the content; `hangs` sends nothing more after them, `silent` not even headers.
    """

    status: int = 200
    content: str | None = None
    finish_reason: str = "stop"
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    cut_after: int | None = None
    hangs: bool = False
    silent: bool = False


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves is none of the test's business."""


class FakeChatServer:
    """Answers as `script` says, then as the note taker does; a number there is a status.

    With `key` it answers 401 to anybody else, with `models` 404 for others, and 400 for a request
    that holds a field of `refuses`. `n_left` counts clients that left while it was silent.
    """

    def __init__(self) -> None:
        self.script: list[str | int | Reply] = []
        self.requests: list[Asked] = []
        self.key: str | None = None
        self.models: frozenset[str] = frozenset()
        self.refuses: frozenset[str] = frozenset()
        self.streams = True
        self.n_left = 0
        self.is_closed = threading.Event()
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(SLOW_S,))

    @property
    def url(self) -> str:
        """The base address, as OpenAI's clients take it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_closed.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def reply(self, asked: Asked) -> Reply:
        """What this request is answered with; an entry of the script is used up."""
        refusal = self._refusal(asked)
        if refusal is not None:
            return refusal
        told = self.script.pop(0) if self.script else Reply()
        if isinstance(told, int):
            return failure(told, f"status {told}")
        return Reply(content=told) if isinstance(told, str) else told

    def _refusal(self, asked: Asked) -> Reply | None:
        body = asked.body
        if self.key and asked.headers.get("authorization") != f"Bearer {self.key}":
            return failure(401, "Incorrect API key provided.", code="invalid_api_key")
        if self.models and body.get("model") not in self.models:
            return failure(404, f'model "{body.get("model")}" not found', code="model_not_found")
        for name in sorted(self.refuses & body.keys()):
            return failure(400, f"Unsupported parameter: '{name}'.", param=name)
        return None


def failure(
    status: int, message: str, *, code: str | None = None, param: str | None = None
) -> Reply:
    """An error as OpenAI words it."""
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return Reply(status=status, raw=json.dumps({"error": error}).encode())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each small answer waits 40 ms for an acknowledgement
    fake: FakeChatServer

    def log_message(self, format: str, *args: Any) -> None:
        """Tests read `FakeChatServer.requests` instead."""

    def do_GET(self) -> None:
        names = sorted(self.fake.models) or ["notes"]
        data = [{"id": n, "object": "model", "created": 0, "owned_by": "stenograf"} for n in names]
        self._send(Reply(), json.dumps({"object": "list", "data": data}).encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.path, headers, body)
        self.fake.requests.append(asked)
        if self.path != "/v1/chat/completions":
            self._answer(asked, failure(404, "Not Found"))
        else:
            self._answer(asked, self.fake.reply(asked))

    def _answer(self, asked: Asked, reply: Reply) -> None:
        if reply.silent:
            self._hang()
        elif reply.raw is not None:
            self._send(reply, reply.raw)
        elif asked.body.get("stream") and self.fake.streams:
            self._stream(asked, reply)
        else:
            message = {"role": "assistant", "content": _said(asked, reply)}
            choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason}
            whole = _head(asked, "chat.completion") | {"choices": [choice], "usage": _USAGE}
            self._send(reply, json.dumps(whole).encode())

    def _send(self, reply: Reply, body: bytes) -> None:
        self.send_response(reply.status)
        for name, value in ({"Content-Type": "application/json"} | dict(reply.headers)).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, asked: Asked, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in _events(asked, reply):
            self._chunk(f"data: {json.dumps(event)}\n\n".encode())
        if reply.hangs:
            self._hang()
        elif reply.cut_after is None:
            self._chunk(b"data: [DONE]\n\n")
            self._chunk(b"")
        else:
            self.close_connection = True

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _hang(self) -> None:
        """Say nothing until the client leaves or the test is over."""
        self.close_connection = True
        while not self.fake.is_closed.is_set():
            readable, _, _ = select.select([self.connection], [], [], SLOW_S)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                self.fake.n_left += 1
                return


_USAGE: Final = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


def _said(asked: Asked, reply: Reply) -> str:
    if reply.content is not None:
        return reply.content
    messages = {message["role"]: message["content"] for message in asked.body["messages"]}
    return take_notes(messages.get("system", ""), messages.get("user", ""))


def _head(asked: Asked, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": asked.body["model"]}


def _events(asked: Asked, reply: Reply) -> Iterator[dict[str, Any]]:
    """The content in pieces, then why it ended unless it never does."""
    head = _head(asked, "chat.completion.chunk")
    said = _said(asked, reply)[: reply.cut_after]
    pieces = [said[at : at + CHUNK_CHARS] for at in range(0, len(said), CHUNK_CHARS)]
    for delta in ({"role": "assistant", "content": ""}, *({"content": piece} for piece in pieces)):
        yield head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    if not reply.hangs and reply.cut_after is None:
        end = {"index": 0, "delta": {}, "finish_reason": reply.finish_reason}
        yield head | {"choices": [end]}
