"""Answers of OpenAI's chat completions API, whole or as server-sent events.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel, JsonValue
from pydantic_core import from_json

from stenograf.export.plain import one_line

DONE: Final = b"\ndata: [DONE]"
"""The line that ends a stream; no text of an answer looks like it: JSON escapes line ends."""

MAX_ANSWER_CHARS: Final = 1_000_000
_THOUGHT: Final = "</think>"
_SAID_CHARS: Final = 2000


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message | None = None  # whole answers
    delta: _Message | None = None  # pieces of one
    finish_reason: str | None = None


class Completion(BaseModel):
    """A whole answer, or a piece of a stream."""

    choices: list[_Choice] = []
    error: JsonValue = None

    @property
    def text(self) -> str:
        """What the model says; not what it thinks before, where a server tells that apart."""
        parts = [part for choice in self.choices[:1] for part in (choice.message, choice.delta)]
        return "".join(part.content for part in parts if part and part.content)

    @property
    def finish_reason(self) -> str | None:
        """Why it ended: "stop" where the model came to an end; None in the midst of a stream."""
        return next((choice.finish_reason for choice in self.choices[:1]), None)


def read_completion(body: bytes) -> Completion:
    """The answer that a body holds; without `finish_reason` its stream broke off.

    Raises ValueError for what is no chat completion.
    """
    is_whole = body.lstrip().startswith(b"{")
    found = Completion.model_validate_json(body) if is_whole else _joined(list(_events(body)))
    if not (found.choices or found.error) or len(found.text) > MAX_ANSWER_CHARS:
        raise ValueError("nothing, or too much")
    return found


def _joined(events: list[Completion]) -> Completion:
    if not events:
        return Completion()
    text = "".join(event.text for event in events)
    reasons = [event.finish_reason for event in events if event.finish_reason]
    error = next((event.error for event in events if event.error), None)
    choice = _Choice(message=_Message(content=text), finish_reason=reasons[-1] if reasons else None)
    return Completion(choices=[choice], error=error)


def _events(body: bytes) -> Iterator[Completion]:
    """The data of each event; comments and other fields are nobody's business here.

    One line of data each, as every server of this API sends them.
    """
    for line in body.split(b"\n"):
        name, _, data = line.strip().partition(b":")
        if name == b"data" and data.strip() not in {b"", b"[DONE]"}:
            yield Completion.model_validate_json(data)


def bare(text: str) -> str:
    """The JSON object of an answer, without what was thought aloud before and fences around it.

    >>> bare('<think>{?}</think> Here: ```json {"a": {}} ```')
    '{"a": {}}'
    """
    before, thought, after = text.partition(_THOUGHT)
    if thought and not before.lstrip().startswith(("{", "```")):
        text = after
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text.strip()


def said(body: bytes | JsonValue) -> str:
    """What a server says about a failure, in one line; empty where it says nothing plain.

    >>> said(b'{"error": {"message": "No such model.", "code": 7}}'), said(b"<html>")
    ('No such model.', '')
    """
    told = _parsed(body) if isinstance(body, bytes) else body
    for name in ("error", "message", "detail"):
        if isinstance(told, dict) and name in told:
            told = told[name]
    return one_line(told)[:_SAID_CHARS] if isinstance(told, str) else ""


def _parsed(body: bytes) -> Any:
    try:
        return from_json(body)
    except ValueError:
        return None
