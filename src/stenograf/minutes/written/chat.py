"""A language model behind any server that speaks OpenAI's chat completions API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from http.client import HTTPResponse, IncompleteRead
from time import time
from typing import Any, Final
from urllib.parse import urlsplit

from stenograf._version import __version__
from stenograf.core.errors import (
    AddressError,
    LanguageModelAnswerError,
    LanguageModelRefusedError,
    LanguageModelUnreachableError,
)
from stenograf.export.plain import one_line
from stenograf.minutes.port import Prompt
from stenograf.minutes.written.completions import DONE, Completion, bare, read_completion, said
from stenograf.network import Reach, Stop, attended, pause, request
from stenograf.network.addresses import parse_url

MAX_BYTES: Final = 1 << 24
"""Of one answer as it is sent: a stream wraps each token of four letters into 300 bytes of JSON."""

PIECE_BYTES: Final = 1 << 14
WAITS_S: Final = (1.0, 4.0)
"""How long to wait before asking a busy server again; after the last it counts as unreachable."""

LONGEST_WISH_S: Final = 60.0
"""Of a server's Retry-After; whoever wishes for more is asked again by the queue, or by hand."""

OPTIONAL: Final = ("response_format", "temperature", "stream")
"""Fields that some server or model refuses; the answer is checked all the same."""

_WRONG: Final = frozenset({400, 422})
_LATER: Final = frozenset({408, 425, 429})
_UNTOLD: Final = {
    401: "it asks for a key",
    403: "it does not let us in",
    404: "its address is another one; most end in /v1",
}
_TOLD_CHARS: Final = 200
_ECHO_CHARS: Final = 12


@dataclass(frozen=True, slots=True)
class _Heard:
    """An answer as it arrived."""

    status: int
    wish_s: float
    body: bytes


class ChatModel:
    """A model by its name on the server at `url`, as OpenAI's clients take both.

    `http://127.0.0.1:11434/v1` is a URL of Ollama's. `timeout_s` bounds each answer, to its last
    word, in seconds. Answers are not bounded by tokens: the field is named differently by server
    and model, and a model that thinks would spend them before it answers.
    Raises AddressInvalidError for what is no URL, and LanguageModelRefusedError for a key that
    cannot be sent.
    """

    def __init__(
        self, url: str, model: str, *, key: str | None = None, timeout_s: float = 600.0
    ) -> None:
        self.name = model
        self._host = parse_url(url).host
        self._url = _completions_at(url)
        self._key = _sendable(key)
        self._reach = Reach(
            allow_private=True, silence_s=timeout_s, total_s=timeout_s, max_redirects=0
        )
        self._left_out: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"ChatModel({self.name!r} at {self._host!r})"

    def answer(self, prompt: Prompt, *, on_wait: Callable[[], object]) -> str:
        """The JSON that the model answers with; see `LanguageModel`."""
        left_out, waits = self._left_out, iter(WAITS_S)
        while True:
            body = _body(self.name, prompt, left_out)
            heard = self._exchange(json.dumps(body).encode(), on_wait)
            if heard.status in _LATER or heard.status >= 500:
                pause(self._wait_s(heard, next(waits, None), prompt), on_wait=on_wait)
            elif heard.status in _WRONG and (less := _refused_fields(heard, body)):
                left_out |= less
            elif heard.status != 200:
                raise self._refused(heard, prompt)
            else:
                self._left_out = left_out
                return self._content(heard, prompt)

    def _exchange(self, body: bytes, on_wait: Callable[[], object]) -> _Heard:
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            "User-Agent": f"Stenograf/{__version__}",
        }
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"

        def ask(stop: Stop) -> _Heard:
            reach = replace(self._reach, stop=stop)
            with request("POST", self._url, reach=reach, headers=headers, body=body) as answer:
                return _Heard(answer.status, _wish_s(answer), _read(answer))

        try:
            return attended(ask, on_wait=on_wait)
        except AddressError as error:
            raise self._unreachable(str(error)) from error

    def _wait_s(self, heard: _Heard, wait_s: float | None, prompt: Prompt) -> float:
        if wait_s is None or heard.wish_s > LONGEST_WISH_S:
            raise self._unreachable(self._told(heard.body, prompt) or f"status {heard.status}")
        return max(wait_s, heard.wish_s)

    def _content(self, heard: _Heard, prompt: Prompt) -> str:
        try:
            completion = read_completion(heard.body)
        except ValueError:
            # Not `from` it: pydantic quotes what it read, and a traceback would tell it to a log.
            raise self._useless("it is no chat completion") from None
        if completion.error is not None:
            raise self._unreachable(self._told(completion.error, prompt) or "it failed midway")
        if completion.finish_reason is None:
            raise self._unreachable("its answer broke off")
        return bare(self._whole(completion))

    def _whole(self, completion: Completion) -> str:
        if completion.finish_reason == "length":
            raise self._useless("it was cut off where the server ends answers")
        if not completion.text.strip():
            raise self._useless("it is empty")
        return completion.text

    def _refused(self, heard: _Heard, prompt: Prompt) -> LanguageModelRefusedError:
        return LanguageModelRefusedError(
            "The language model {model} at {host} cannot be used: {reason}",
            model=self.name,
            host=self._host,
            reason=self._told(heard.body, prompt) or _UNTOLD.get(heard.status, heard.status),
        )

    def _unreachable(self, reason: str) -> LanguageModelUnreachableError:
        return LanguageModelUnreachableError(
            "The language model at {host} does not answer: {reason}", host=self._host, reason=reason
        )

    def _useless(self, reason: str) -> LanguageModelAnswerError:
        return LanguageModelAnswerError(
            "The answer of the language model {model} cannot be used: {reason}.",
            model=self.name,
            reason=reason,
        )

    def _told(self, body: Any, prompt: Prompt) -> str:
        """What the server says, unless it repeats what people said; never the key."""
        told = said(body)
        if self._key:
            told = told.replace(self._key, "***")
        spoken = (prompt.text, one_line(prompt.text), json.dumps(prompt.text))
        pieces = (told[at : at + _ECHO_CHARS] for at in range(len(told) - _ECHO_CHARS + 1))
        is_echo = any(piece in text for piece in pieces for text in spoken)
        return "" if is_echo else told[:_TOLD_CHARS]


def _sendable(key: str | None) -> str | None:
    """The key without the line end that a file has; what an HTTP header cannot hold is refused."""
    key = (key or "").strip()
    if not (key.isascii() and key.isprintable()):
        raise LanguageModelRefusedError(
            "The key of the language model holds characters that no key holds."
        )
    return key or None


def _completions_at(url: str) -> str:
    base = urlsplit(url)
    path = f"{base.path.rstrip('/')}/chat/completions"
    return base._replace(path=path, fragment="").geturl()


def _body(model: str, prompt: Prompt, left_out: frozenset[str]) -> dict[str, Any]:
    schema = {"name": "minutes", "strict": True, "schema": dict(prompt.schema)}
    body = {
        "model": model,
        "messages": [
            {"role": "system", "content": prompt.instructions},
            {"role": "user", "content": prompt.text},
        ],
        "temperature": 0,
        "response_format": {"type": "json_schema", "json_schema": schema},
        "stream": True,  # else a proxy on the way takes a long answer for a dead server
    }
    return {name: value for name, value in body.items() if name not in left_out}


def _refused_fields(heard: _Heard, body: Mapping[str, Any]) -> frozenset[str]:
    """The fields that a refusal names; where it names none, the one that is refused most."""
    text = heard.body.decode("utf-8", "replace")
    sent = [name for name in OPTIONAL if name in body]
    named = frozenset(name for name in sent if name in text)
    return named or frozenset(sent) & {"response_format"}


def _wish_s(answer: HTTPResponse) -> float:
    """Seconds that Retry-After asks for, also where it names a date (RFC 9110, 10.2.3)."""
    wish = answer.headers.get("Retry-After") or ""
    if wish.isascii() and wish.isdigit():
        return float(wish[:9])
    try:
        return max(0.0, parsedate_to_datetime(wish).timestamp() - time())
    except ValueError:
        return 0.0


def _read(answer: HTTPResponse) -> bytes:
    """The body to its end, or to the end of its stream where the server keeps the line open.

    What is more than `MAX_BYTES` counts as broken off.
    """
    data = bytearray()
    while piece := answer.read1(PIECE_BYTES):
        data += piece
        if len(data) > MAX_BYTES:
            raise IncompleteRead(b"")
        if DONE in data[-len(piece) - len(DONE) :]:
            return bytes(data)
    if answer.length:
        raise IncompleteRead(b"")
    return bytes(data)
