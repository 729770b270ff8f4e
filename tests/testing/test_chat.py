"""The fake server of a language model, asked by OpenAI's own client."""

from __future__ import annotations

import json
from collections.abc import Iterator

import openai
import pytest

from stenograf.testing.chat import FakeChatServer, Reply
from stenograf.testing.note_taker import take_notes

TEXT = """Notes please.
BEGIN
1 [Anna] The budget is spent.
2 [Boris] We decided to wait.
3 [Anna] I will write to the bank by Friday.
4 [Boris] Who pays?
END"""


@pytest.fixture
def server() -> Iterator[FakeChatServer]:
    with FakeChatServer() as running:
        yield running


def client(server: FakeChatServer, key: str = "-") -> openai.OpenAI:
    return openai.OpenAI(base_url=server.url, api_key=key, max_retries=0)


def test_openais_client_gets_an_answer(server: FakeChatServer) -> None:
    """An answer in one piece has the shape that OpenAI's client expects."""
    server.script = ["hello"]
    with client(server) as ours:
        answer = ours.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "hi"}]
        )
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("hello", "stop")


def test_openais_client_gets_a_stream(server: FakeChatServer) -> None:
    """Pieces of an answer add up to it, and the last one says why it ended."""
    server.script = [Reply(content="слово " * 50, finish_reason="length")]
    with client(server) as ours:
        events = list(
            ours.chat.completions.create(
                model="m", messages=[{"role": "user", "content": "hi"}], stream=True
            )
        )
    assert "".join(event.choices[0].delta.content or "" for event in events) == "слово " * 50
    assert events[-1].choices[0].finish_reason == "length"


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (openai.AuthenticationError, {"key": "other"}),
        (openai.NotFoundError, {"models": frozenset({"other"})}),
        (openai.BadRequestError, {"refuses": frozenset({"temperature"})}),
        (openai.RateLimitError, {"script": [429]}),
        (openai.InternalServerError, {"script": [503]}),
    ],
)
def test_openais_client_knows_each_refusal(
    server: FakeChatServer, kind: type[Exception], change: dict[str, object]
) -> None:
    """Errors are worded so that OpenAI's client tells them apart."""
    for name, value in change.items():
        setattr(server, name, value)
    with client(server) as ours, pytest.raises(kind):
        ours.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "hi"}], temperature=0
        )


def test_openais_client_lists_the_models(server: FakeChatServer) -> None:
    """A server that knows one model says so."""
    server.models = frozenset({"small"})
    with client(server) as ours:
        assert [model.id for model in ours.models.list()] == ["small"]


def test_the_note_taker_cites_the_lines_it_read() -> None:
    """Each statement goes where it belongs, with its own line."""
    notes = json.loads(take_notes('Answer with "topics".', TEXT))
    (topic,) = notes["topics"]
    assert topic == {
        "title": "The budget is spent",
        "points": [{"text": "The budget is spent.", "lines": [1]}],
    }
    assert [item["lines"] for item in notes["decisions"]] == [[2]]
    (task,) = notes["tasks"]
    assert (task["assignee"], task["due"], task["lines"]) == ("Anna", "Friday", [3])
    assert [item["lines"] for item in notes["questions"]] == [[4]]


def test_the_note_taker_sums_up() -> None:
    """A summary names the topics in order, and a topic that goes on is said to."""
    text = "1 [Budget] It is spent.\n1 [Budget] All of it.\n2 [Bank] They go on with the bank."
    assert json.loads(take_notes('Answer with "summary".', text)) == {
        "summary": "Budget; Bank.",
        "continues": [2],
    }
