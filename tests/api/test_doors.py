"""Who may come in, and what every answer carries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.requests import ClientDisconnect
from tests.api.conftest import Server

from stenograf.api.auth import Gate
from stenograf.api.native.wire import PREFIX as V1
from stenograf.api.origin import origins
from stenograf.api.room import Room, no_more_recordings, no_more_streams
from stenograf.api.server import create_app
from stenograf.api.setup import gate
from stenograf.api.streams import EventStream
from stenograf.core.errors import OptionError, UnauthenticatedError
from stenograf.settings import Settings


def test_an_open_server_listens_to_this_machine_only(open_server: Server) -> None:
    """A foreign host name (DNS rebinding) and a foreign page are refused."""
    client = open_server.client
    assert client.get("/api/v1/recordings").status_code == 200
    assert client.get("/health", headers={"host": "evil.example"}).status_code == 403
    foreign = client.post("/diarize", headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    own = client.get("/health", headers={"origin": "http://localhost"})
    assert own.status_code == 200


def test_an_open_server_ignores_tokens(open_server: Server) -> None:
    """Clients that cannot do without one send any."""
    headers = {"authorization": "Bearer whatever"}
    assert open_server.client.get("/v1/models", headers=headers).status_code == 200


@pytest.mark.parametrize("host", ["10.0.0.1", "::", "192.168.1.5", "example.org"])
def test_a_server_without_token_refuses_to_be_reached_by_others(server: Server, host: str) -> None:
    """Before it listens; a token that can be guessed is refused as well."""
    with pytest.raises(OptionError):
        gate(Settings(token=None, _env_file=None), server.library, host=host)
    with pytest.raises(OptionError):
        gate(Settings(token="short", _env_file=None), server.library, host=host)
    assert not gate(Settings(token="x" * 32, _env_file=None), server.library, host=host).is_open()


def test_keys_close_an_open_server(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who makes a key wants it asked for, also while the server runs; so does who takes it back."""
    monkeypatch.setattr("stenograf.api.setup.KEYS_KNOWN_S", 0.0)
    admits = gate(Settings(token=None, _env_file=None), server.library, host="127.0.0.1")
    assert admits.is_open()
    key, token = server.library.create_key("one", ["read"])
    assert not admits.is_open()
    server.library.revoke_key(key.id)
    for header in (None, f"Bearer {token}"):
        with pytest.raises(UnauthenticatedError):
            admits.admit(header)


def test_every_token_of_the_settings_is_compared() -> None:
    """Also behind one that fits not."""
    both = Gate(["first-token", "second-token"], lambda _: None, is_open=lambda: False)
    assert both.admit("Bearer second-token").key_id is None
    with pytest.raises(UnauthenticatedError):
        both.admit("Bearer second-toke")


@pytest.mark.parametrize("token", ["first-token", "second-token", "x", "y" * 5000, "токен"])
def test_the_time_of_a_comparison_says_nothing_of_a_token(
    monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    """Whatever is sent, as many values of one length are compared, in constant time."""
    compared: list[tuple[int, int]] = []

    def compare(a: bytes, b: bytes) -> bool:
        compared.append((len(a), len(b)))
        return a == b

    monkeypatch.setattr("stenograf.api.auth.hmac.compare_digest", compare)
    both = Gate(["first-token", "second-token"], lambda _: None, is_open=lambda: False)
    with suppress(UnauthenticatedError):
        both.admit(f"Bearer {token}")
    assert compared == [(32, 32), (32, 32)]


def test_a_request_id_of_the_client_is_kept_if_it_is_sane(server: Server) -> None:
    """Anything else, line breaks above all, is replaced."""
    kept = server.client.get("/health", headers={"x-request-id": "abc-123"})
    assert kept.headers["x-request-id"] == "abc-123"
    made = server.client.get("/health", headers={"x-request-id": "a b;<script>"})
    assert len(made.headers["x-request-id"]) == 32


@pytest.mark.parametrize(
    "path", ["/health", "/openapi.json", f"{V1}/recordings", f"{V1}/nothing", "/v1/models"]
)
def test_head_is_get_without_the_body(server: Server, path: str) -> None:
    """The same status and headers: monitors ask so."""
    whole, head = server.client.get(path), server.client.head(path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    for name in ("content-type", "content-length"):
        assert head.headers[name] == whole.headers[name]
    assert head.headers["x-request-id"]


def test_head_sends_no_sound_and_ends_a_stream(server: Server, sound: bytes) -> None:
    """What would be sent in parts is not even made; players learn the length."""
    id = server.bring(sound)
    audio = server.client.head(f"{V1}/recordings/{id}/audio", headers={"range": "bytes=0-9"})
    assert (audio.status_code, audio.headers["content-length"], audio.content) == (206, "10", b"")
    server.work.hold.set()
    job = server.client.post(f"{V1}/jobs", json={"recording_id": id}).json()["id"]
    events = server.client.head(f"{V1}/jobs/{job}/events")
    server.work.hold.clear()
    assert (events.status_code, events.content) == (200, b"")


def test_a_page_of_an_allowed_origin_may_ask_and_read(server: Server) -> None:
    """Its browser asks first, without a token, and shows no answer that does not allow it."""
    object.__setattr__(server.services, "origins", ["https://talks.example"])
    client = TestClient(create_app(server.services), base_url="http://localhost")
    page = {"origin": "https://talks.example"}
    asked = {"access-control-request-method": "PATCH", "access-control-request-headers": "a,b"}
    first = client.options(f"{V1}/uploads/x", headers=page | asked)
    assert (first.status_code, first.headers["access-control-allow-headers"]) == (200, "a,b")
    assert "PATCH" in first.headers["access-control-allow-methods"]
    refused = client.get(f"{V1}/recordings", headers=page)
    assert refused.status_code == 401
    for answer in (first, refused):
        assert answer.headers["access-control-allow-origin"] == "https://talks.example"
    assert "X-Request-Id" in refused.headers["access-control-expose-headers"]
    foreign = client.get("/health", headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert "access-control-allow-origin" not in foreign.headers


@pytest.mark.parametrize(
    "text", ["*", "talks.example", "https://a.example/page", "ftp://a", "https://"]
)
def test_an_origin_that_no_page_can_have_is_refused(text: str) -> None:
    """When the server starts: it would never be met, and nobody would know why."""
    with pytest.raises(OptionError, match="STENOGRAF_ORIGINS"):
        origins(f"http://localhost:3000, {text}")


def test_metrics_count_requests_by_route(server: Server) -> None:
    """The pattern of the route, not the address, and methods that exist: labels stay few."""
    for made_up in ("BREW", "WHEN"):
        server.client.request(made_up, "/health")
    server.client.get("/api/v1/recordings/one")
    server.client.get("/api/v1/recordings/two")
    text = server.client.get("/metrics").text
    route = 'route="/api/v1/recordings/{id}",status="404"'
    assert f'stenograf_requests_total{{method="GET",{route}}} 2.0' in text
    assert "stenograf_workers 1.0" in text
    assert 'stenograf_requests_total{method="?",route="/health",status="405"} 2.0' in text


def test_a_fault_of_ours_tells_nothing_of_itself(server: Server) -> None:
    """500 with a code and the request id; the reason is in the log."""

    def broken(model: str) -> None:
        raise RuntimeError("secret inside")

    object.__setattr__(server.services, "peaks", broken)
    id = server.bring(b"x")
    answer = server.client.get(f"/api/v1/recordings/{id}/peaks")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert answer.json()["error"]["request_id"] == answer.headers["x-request-id"]
    assert "secret" not in answer.text


def test_more_recordings_than_there_is_room_for_are_refused_politely(
    server: Server, sound: bytes
) -> None:
    """429 with the time after which it is worth trying again; the next one is served."""
    server.app.state.room = Room(0, no_more_recordings)
    full = server.client.post("/diarize", files={"file": ("a.wav", sound)})
    assert full.status_code == 429
    assert full.headers["retry-after"] == "10"
    server.app.state.room = Room(1, no_more_recordings)
    for _ in range(3):
        answer = server.client.post("/diarize", files={"file": ("a.wav", sound)})
        assert answer.status_code == 200


def test_more_streams_than_there_is_room_for_are_refused_politely(
    server: Server, sound: bytes
) -> None:
    """Both kinds of streams count; each gives its place back, and waiting for a job needs none."""
    job = server.client.post("/api/v1/jobs", json={"recording_id": server.bring(sound)}).json()
    events = f"/api/v1/jobs/{job['id']}/events"
    asked: dict[str, Any] = {
        "data": {"model": "whisper-1", "stream": "true"},
        "files": {"file": ("a.wav", sound)},
    }
    server.app.state.streams = Room(0, no_more_streams)
    full = server.client.get(events)
    assert (full.status_code, full.json()["error"]["code"]) == (429, "request.busy")
    assert full.headers["retry-after"] == "10"
    assert server.client.post("/v1/audio/transcriptions", **asked).status_code == 429
    assert server.client.get(f"/api/v1/jobs/{job['id']}").status_code == 200
    server.app.state.streams = Room(1, no_more_streams)
    for _ in range(2):
        assert "event: done" in server.client.get(events).text
        assert "[DONE]" in server.client.post("/v1/audio/transcriptions", **asked).text


def test_a_stream_that_nobody_begins_to_read_gives_its_place_back() -> None:
    """The client may be gone before the first event is made."""

    async def lines() -> AsyncIterator[str]:
        yield ""

    async def gone(message: object) -> None:
        raise OSError

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def run() -> None:
        held = AsyncExitStack()
        held.enter_context(room.taken())
        stream = EventStream(lines(), held)
        with suppress(OSError, ClientDisconnect):
            await stream({"type": "http", "asgi": {"spec_version": "2.4"}}, receive, gone)

    room = Room(1, no_more_streams)
    for _ in range(2):
        asyncio.run(run())
