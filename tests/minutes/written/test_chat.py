"""A language model behind a real HTTP server that speaks the chat completions API."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate

import pytest
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming
from pydantic import TypeAdapter

from stenograf.core.errors import (
    AddressInvalidError,
    CancelledError,
    LanguageModelAnswerError,
    LanguageModelRefusedError,
    LanguageModelUnreachableError,
)
from stenograf.minutes import Prompt
from stenograf.minutes.written import chat
from stenograf.minutes.written.chat import ChatModel
from stenograf.testing.chat import FakeChatServer, Reply, failure

SPOKEN = "Наш пароль от сейфа — зелёный слон."
KEY = "sk-very-secret-0123456789"
PROMPT = Prompt(
    "Say yes.",
    SPOKEN,
    {
        "type": "object",
        "properties": {"yes": {"type": "boolean"}},
        "required": ["yes"],
        "additionalProperties": False,
    },
)
YES = '{"yes": true}'


@pytest.fixture
def server() -> Iterator[FakeChatServer]:
    with FakeChatServer() as running:
        yield running


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stenograf.network.attending.LOOK_S", 0.01)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it would have waited."""
    noted: list[float] = []

    def note(seconds: float, *, on_wait: Callable[[], object]) -> None:
        noted.append(seconds)

    monkeypatch.setattr(chat, "pause", note)
    return noted


def ask(server: FakeChatServer, *, key: str | None = None, timeout_s: float = 30.0) -> str:
    model = ChatModel(server.url, "notes", key=key, timeout_s=timeout_s)
    return model.answer(PROMPT, on_wait=lambda: None)


def test_what_is_sent_is_what_openais_own_types_describe(server: FakeChatServer) -> None:
    """The request is one that OpenAI's client could have sent, and each field says what we mean."""
    server.script = [YES]
    assert ask(server) == YES
    (asked,) = server.requests
    body = TypeAdapter(CompletionCreateParamsStreaming).validate_python(asked.body)
    assert body.keys() == {"model", "messages", "temperature", "response_format", "stream"}
    assert asked.body["messages"] == [
        {"role": "system", "content": "Say yes."},
        {"role": "user", "content": SPOKEN},
    ]
    assert asked.body["response_format"]["json_schema"]["schema"] == PROMPT.schema
    assert asked.headers["content-type"] == "application/json"
    assert "authorization" not in asked.headers


@pytest.mark.parametrize("ending", ["", "/", "//"])
def test_a_slash_behind_the_address_is_fine(server: FakeChatServer, ending: str) -> None:
    """People copy addresses as they find them."""
    server.script = [YES]
    ChatModel(server.url + ending, "notes").answer(PROMPT, on_wait=lambda: None)
    assert server.requests[0].path == "/v1/chat/completions"


def test_a_server_may_answer_in_one_piece(server: FakeChatServer) -> None:
    """Not every server knows streams."""
    server.streams = False
    server.script = [YES]
    assert ask(server) == YES


@pytest.mark.parametrize("name", ["response_format", "temperature", "stream"])
def test_a_field_that_is_refused_is_left_out_for_good(server: FakeChatServer, name: str) -> None:
    """The second answer costs one request, because what was learned is remembered."""
    server.refuses = frozenset({name})
    model = ChatModel(server.url, "notes")
    for _ in range(2):
        server.script = [YES]
        assert model.answer(PROMPT, on_wait=lambda: None) == YES
    assert [name in asked.body for asked in server.requests] == [True, False, False]


@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_of_nothing_in_particular_is_asked_again_without_a_schema(
    server: FakeChatServer, status: int
) -> None:
    """Whatever a server that knows no schemas says about it."""
    server.script = [Reply(status=status, raw=b"bad request"), YES]
    assert ask(server) == YES
    assert "response_format" not in server.requests[1].body


def test_a_refusal_that_stays_is_told_and_nothing_learned_from_it(server: FakeChatServer) -> None:
    """A text that is too long has nothing to do with the schema, which is sent the next time."""
    too_long = failure(400, "maximum context length is 4096 tokens")
    server.script = [too_long, too_long, YES]
    model = ChatModel(server.url, "notes")
    with pytest.raises(LanguageModelRefusedError) as failed:
        model.answer(PROMPT, on_wait=lambda: None)
    assert "maximum context length is 4096 tokens" in str(failed.value)
    assert model.answer(PROMPT, on_wait=lambda: None) == YES
    assert "response_format" in server.requests[2].body


def test_a_busy_server_is_asked_again(server: FakeChatServer, waits: list[float]) -> None:
    """A moment later, or when it wishes."""
    server.script = [503, Reply(status=429, raw=b"{}", headers={"Retry-After": "7"}), YES]
    assert ask(server) == YES
    assert waits == [chat.WAITS_S[0], 7.0]


def test_a_server_may_name_a_date(server: FakeChatServer, waits: list[float]) -> None:
    """Retry-After is seconds or a date; nonsense is neither."""
    date = formatdate(time.time() + 30, usegmt=True)
    for wish in (date, "soon"):
        server.script.append(Reply(status=429, raw=b"{}", headers={"Retry-After": wish}))
    server.script.append(YES)
    assert ask(server) == YES
    assert 20 < waits[0] <= 30
    assert waits[1] == chat.WAITS_S[1]


def test_a_server_that_stays_busy_is_unreachable(
    server: FakeChatServer, waits: list[float]
) -> None:
    """After a few tries; what it says about it is passed on."""
    server.script = [failure(429, "You exceeded your quota.")] * 9
    with pytest.raises(LanguageModelUnreachableError) as failed:
        ask(server)
    assert "You exceeded your quota." in str(failed.value)
    assert len(server.requests) == 1 + len(chat.WAITS_S)


def test_a_long_wish_is_left_to_the_queue(server: FakeChatServer, waits: list[float]) -> None:
    """Nobody sits here for an hour."""
    server.script = [Reply(status=503, raw=b"", headers={"Retry-After": "3600"})]
    with pytest.raises(LanguageModelUnreachableError):
        ask(server)
    assert waits == []


def test_a_wait_for_a_busy_server_can_be_cancelled(server: FakeChatServer) -> None:
    """The wish of a server is no reason to hold a worker."""
    server.script = [Reply(status=503, raw=b"", headers={"Retry-After": "50"})]

    def cancel() -> None:
        raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        ChatModel(server.url, "notes").answer(PROMPT, on_wait=cancel)


def test_a_wrong_key_is_refused(server: FakeChatServer) -> None:
    """With the host and what it says."""
    server.key = "another"
    with pytest.raises(LanguageModelRefusedError) as failed:
        ask(server, key=KEY)
    assert failed.value.details["host"] == "127.0.0.1"
    assert "Incorrect API key" in str(failed.value)


def test_an_unknown_model_is_refused(server: FakeChatServer) -> None:
    """As Ollama does for a model that was never pulled."""
    server.models = frozenset({"other"})
    with pytest.raises(LanguageModelRefusedError, match='model "notes" not found'):
        ask(server)


def test_a_wrong_address_is_told(server: FakeChatServer) -> None:
    """A page that is not there says nothing plain, so we say what is usual."""
    server.script = [Reply(status=404, raw=b"404 page not found")]
    with pytest.raises(LanguageModelRefusedError, match="/v1"):
        ask(server)


def test_the_key_goes_to_the_server_and_nowhere_else(
    server: FakeChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Not into logs, not into errors even when the server repeats it, not into what is printed."""
    caplog.set_level(logging.DEBUG)
    server.script = [failure(403, f"The key {KEY} may not use this model.")]
    model = ChatModel(server.url, "notes", key=f" {KEY}\n")
    with pytest.raises(LanguageModelRefusedError) as failed:
        model.answer(PROMPT, on_wait=lambda: None)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert "The key *** may not" in str(failed.value)
    for told in (repr(model), str(failed.value), repr(failed.value.details), caplog.text):
        assert KEY not in told


@pytest.mark.parametrize("key", ["a\nHost: other", "ключ", "a\x00b"])
def test_a_key_that_no_header_holds_is_refused(key: str) -> None:
    """Before anything is sent, and without a word of it."""
    with pytest.raises(LanguageModelRefusedError) as failed:
        ChatModel("http://127.0.0.1:1/v1", "notes", key=key)
    assert key not in str(failed.value)


@pytest.mark.parametrize("echo", [SPOKEN, json.dumps(SPOKEN), f"invalid: {SPOKEN[:20]}"])
def test_what_people_said_is_in_no_error(server: FakeChatServer, echo: str) -> None:
    """Servers that validate requests repeat them in what they answer."""
    server.script = [failure(404, f"input: {echo}")]
    with pytest.raises(LanguageModelRefusedError) as failed:
        ask(server)
    assert "сейф" not in str(failed.value)
    assert "\\u043" not in str(failed.value)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"[]", b"<html>", b'{"choices": []}', b'{"choices": 7}', b"\xff\xfe",
        b'{"choices": [{"message": {"content": 5}, "finish_reason": "stop"}]}',
        b'{"choices": [{"message": {"content": " "}, "finish_reason": "stop"}]}',
        b'{"choices": [{"message": {"content": null}, "finish_reason": "stop"}]}',
        b'{"choices": ' + b"[" * 100_000, b"data: {\n\n",
        b'{"choices": [{"message": {"content": "'
        + b"x" * 1_000_001 + b'"}, "finish_reason": "stop"}]}',
    ],
)  # fmt: skip
def test_what_is_no_answer_is_said_so(server: FakeChatServer, body: bytes) -> None:
    """Anything may listen at an address, and say anything."""
    server.script = [Reply(raw=body)]
    with pytest.raises(LanguageModelAnswerError) as failed:
        ask(server)
    fault = failed.value
    assert fault.__suppress_context__ or fault.__context__ is None  # else a traceback quotes it


@pytest.mark.parametrize("streams", [True, False])
def test_an_answer_that_is_cut_off_is_none(server: FakeChatServer, streams: bool) -> None:
    """Half of an answer is not passed off as all of it."""
    server.streams = streams
    server.script = [Reply(content=YES, finish_reason="length")]
    with pytest.raises(LanguageModelAnswerError, match="cut off"):
        ask(server)


def test_a_stream_that_breaks_off_may_be_tried_again(server: FakeChatServer) -> None:
    """The server or the line failed, not the model."""
    server.script = [Reply(content=YES, cut_after=5)]
    with pytest.raises(LanguageModelUnreachableError):
        ask(server)


def test_a_stream_that_never_says_why_it_ended_broke_off(server: FakeChatServer) -> None:
    """However politely the line was closed."""
    server.script = [Reply(raw=b'data: {"choices": [{"delta": {"content": "{}"}}]}\n\n')]
    with pytest.raises(LanguageModelUnreachableError, match="broke off"):
        ask(server)


def test_a_whole_answer_that_breaks_off_may_be_tried_again(server: FakeChatServer) -> None:
    """Fewer bytes than were promised."""
    server.script = [Reply(raw=b'{"choices"', headers={"Content-Length": "99"})]
    with pytest.raises(LanguageModelUnreachableError):
        ask(server)


@pytest.mark.parametrize("error", [b'{"message": "Out of memory."}', b'"Out of memory."'])
def test_a_failure_in_the_midst_of_a_stream_is_told(server: FakeChatServer, error: bytes) -> None:
    """The status was sent long before."""
    server.script = [
        Reply(
            raw=b'data: {"choices": [{"delta": {"content": "{"}}]}\n\ndata: {"error": %s}' % error
        )
    ]
    with pytest.raises(LanguageModelUnreachableError, match="Out of memory"):
        ask(server)


def test_comments_and_other_fields_of_a_stream_are_passed_over(server: FakeChatServer) -> None:
    """Routers send comments so that nobody hangs up; some servers end lines with CRLF."""
    piece = b'data:{"choices": [{"delta": {"content": "{}"}, "finish_reason": "stop"}]}\r\n\r\n'
    usage = b'data: {"choices": [], "usage": {}}\r\n\r\n'
    server.script = [
        Reply(raw=b": WAIT\r\n\r\nid: 1\r\n" + piece + usage + b"data: [DONE]\r\n\r\n")
    ]
    assert ask(server) == "{}"


def test_a_stream_ends_where_it_says(server: FakeChatServer) -> None:
    """A server that keeps the line open afterwards keeps nobody; a text may name that line."""
    server.script = [r'{"a": "\ndata: [DONE]\n"}']
    assert ask(server) == r'{"a": "\ndata: [DONE]\n"}'


def test_too_much_is_not_read(server: FakeChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that never ends fills no memory."""
    monkeypatch.setattr(chat, "MAX_BYTES", 10_000)
    server.script = ["x" * 20_000]
    with pytest.raises(LanguageModelUnreachableError):
        ask(server)


@pytest.mark.parametrize("reply", [Reply(silent=True), Reply(content="{", hangs=True)])
def test_an_answer_under_way_can_be_cancelled(server: FakeChatServer, reply: Reply) -> None:
    """Before its first word or after: the line is closed, and the server sees that nobody waits."""
    server.script = [reply]

    def cancel() -> None:
        if server.requests:
            raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        ChatModel(server.url, "notes").answer(PROMPT, on_wait=cancel)
    until = time.monotonic() + 60.0
    while server.n_left == 0 and time.monotonic() < until:
        time.sleep(0.01)
    assert server.n_left == 1


@pytest.mark.parametrize("reply", [Reply(silent=True), Reply(content="{", hangs=True)])
def test_an_answer_has_its_time(server: FakeChatServer, reply: Reply) -> None:
    """What lasts longer is a server that does not answer."""
    server.script = [reply]
    with pytest.raises(LanguageModelUnreachableError, match="in time"):
        ask(server, timeout_s=0.1)


def test_nobody_there_is_unreachable() -> None:
    """The server was not started; the error names its host."""
    with FakeChatServer() as gone:
        url = gone.url
    with pytest.raises(LanguageModelUnreachableError, match=r"127\.0\.0\.1"):
        ChatModel(url, "notes").answer(PROMPT, on_wait=lambda: None)


def test_addresses_of_clouds_credentials_are_refused() -> None:
    """Whatever the setting says."""
    model = ChatModel("http://169.254.169.254/v1", "notes")
    with pytest.raises(LanguageModelUnreachableError, match="never allowed"):
        model.answer(PROMPT, on_wait=lambda: None)


def test_text_and_key_follow_no_redirect(server: FakeChatServer) -> None:
    """Only the server that was named gets them."""
    server.script = [Reply(status=307, raw=b"", headers={"Location": f"{server.url}/else"})]
    with pytest.raises(LanguageModelRefusedError, match="307"):
        ask(server, key=KEY)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url", ["127.0.0.1:11434", "ftp://a/v1", "http://user:key@a/v1", "http://["]
)
def test_what_is_no_url_is_said_at_once(url: str) -> None:
    """Before there is any text to send."""
    with pytest.raises(AddressInvalidError):
        ChatModel(url, "notes")


@pytest.mark.parametrize(
    "told",
    [
        YES, f" {YES}\n", f"```json\n{YES}\n```", f"Here it is: {YES} Anything else?",
        f"<think>Is {{it}}?</think>\n{YES}", f"I wonder.</think>```{YES}```",
    ],
)  # fmt: skip
def test_thoughts_and_fences_are_taken_off(server: FakeChatServer, told: str) -> None:
    """Models that think aloud and models that write Markdown mean the same."""
    server.script = [told]
    assert ask(server) == YES


def test_what_looks_like_thoughts_in_an_answer_stays(server: FakeChatServer) -> None:
    """Somebody may have said so."""
    server.script = ['{"text": "</think> {}"}']
    assert ask(server) == '{"text": "</think> {}"}'
