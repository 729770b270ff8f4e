"""Who may come in, and what every answer carries."""

from __future__ import annotations

import pytest
from tests.api.conftest import Server

from stenograf.api.auth import Gate
from stenograf.api.room import Room
from stenograf.api.setup import gate
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
    """Who makes a key wants it asked for, also while the server runs."""
    monkeypatch.setattr("stenograf.api.setup.KEYS_KNOWN_S", 0.0)
    admits = gate(Settings(token=None, _env_file=None), server.library, host="127.0.0.1")
    assert admits.is_open()
    key, _ = server.library.create_key("one", ["read"])
    assert not admits.is_open()
    server.library.revoke_key(key.id)
    assert admits.is_open()


def test_every_token_of_the_settings_is_compared() -> None:
    """Also behind one that fits not."""
    both = Gate(["first-token", "second-token"], lambda _: None, is_open=lambda: False)
    assert both.admit("Bearer second-token").key_id is None
    with pytest.raises(UnauthenticatedError):
        both.admit("Bearer second-toke")


def test_a_request_id_of_the_client_is_kept_if_it_is_sane(server: Server) -> None:
    """Anything else, line breaks above all, is replaced."""
    kept = server.client.get("/health", headers={"x-request-id": "abc-123"})
    assert kept.headers["x-request-id"] == "abc-123"
    made = server.client.get("/health", headers={"x-request-id": "a b;<script>"})
    assert len(made.headers["x-request-id"]) == 32


def test_metrics_count_requests_by_route(server: Server) -> None:
    """The pattern of the route, not the address: labels stay few."""
    server.client.get("/api/v1/recordings/one")
    server.client.get("/api/v1/recordings/two")
    text = server.client.get("/metrics").text
    route = 'route="/api/v1/recordings/{id}",status="404"'
    assert f'stenograf_requests_total{{method="GET",{route}}} 2.0' in text
    assert "stenograf_workers 1.0" in text


def test_a_fault_of_ours_tells_nothing_of_itself(server: Server) -> None:
    """500 with a code and the request id; the reason is in the log."""

    def broken(model: str) -> None:
        raise RuntimeError("secret inside")

    object.__setattr__(server.services, "peaks", broken)
    id = server.bring(b"x")
    answer = server.client.get(f"/api/v1/recordings/{id}/peaks")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert "secret" not in answer.text


def test_more_recordings_than_there_is_room_for_are_refused_politely(
    server: Server, sound: bytes
) -> None:
    """429 with the time after which it is worth trying again; the next one is served."""
    server.app.state.room = Room(0)
    full = server.client.post("/diarize", files={"file": ("a.wav", sound)})
    assert full.status_code == 429
    assert full.headers["retry-after"] == "10"
    server.app.state.room = Room(1)
    for _ in range(3):
        answer = server.client.post("/diarize", files={"file": ("a.wav", sound)})
        assert answer.status_code == 200
