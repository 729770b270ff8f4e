"""Recordings fetched by URL, from a real server on this machine."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.api.conftest import Server

from stenograf.api.setup import opened
from stenograf.library import Scope
from stenograf.network import Reach
from stenograf.settings import Settings
from stenograf.testing.receiver import Receiver

URL = "/api/v1/recordings/import"
HERE = Reach(allow_private=True, silence_s=2.0, total_s=4.0)


@pytest.fixture
def elsewhere(sound: bytes) -> Iterator[Receiver]:
    """A server that has the sound."""
    with Receiver() as running:
        running.body = sound
        running.headers = {"Content-Type": "audio/wav; x=1"}
        yield running


def bring(server: Server, url: str, *, reach: Reach = HERE, **more: Any) -> tuple[int, Any]:
    """Status and body of an import by a server that may reach so far."""
    server.app.state.services = replace(server.services, imports=reach)
    answer = server.client.post(URL, json={"url": url, **more})
    return answer.status_code, answer.json()


def left(server: Server) -> int:
    """What lies in the library or is half received."""
    return server.library.recordings().total + len(list(server.library.incoming.iterdir()))


def test_a_recording_is_fetched_and_kept(server: Server, elsewhere: Receiver, sound: bytes) -> None:
    """Whole, under the name of the file in the URL, with the type it was sent with."""
    where = f"http://127.0.0.1:{elsewhere.port}/calls/%D0%B7%D0%B2%D0%BE%D0%BD%D0%BE%D0%BA.wav?a=b"
    status, kept = bring(server, where)
    assert (status, kept["name"], kept["content_type"]) == (201, "звонок.wav", "audio/wav")
    assert kept["sha256"] == hashlib.sha256(sound).hexdigest()
    heard = server.client.get(f"/api/v1/recordings/{kept['id']}/audio")
    assert heard.content == sound
    assert [(each.method, each.path) for each in elsewhere.requests] == [
        ("GET", where.partition(str(elsewhere.port))[2])
    ]


def test_a_name_may_be_given(server: Server, elsewhere: Receiver) -> None:
    """A base name, whatever it looks like."""
    assert bring(server, elsewhere.url, name="../../Monday.mp3")[1]["name"] == "Monday.mp3"


def test_a_redirect_is_followed(server: Server, elsewhere: Receiver) -> None:
    """Where it leads somewhere allowed."""
    elsewhere.redirect_status = 302
    elsewhere.answers = ["/moved.wav", 200]
    assert bring(server, elsewhere.url)[0] == 201
    assert [each.path for each in elsewhere.requests] == ["/hook", "/moved.wav"]


def test_private_addresses_are_refused(server: Server) -> None:
    """Unless the setting allows them; nothing is connected to."""
    for url in (
        "http://127.0.0.1:1/a.wav",
        "http://localhost:1/a.wav",
        "http://[::ffff:127.0.0.1]/a.wav",
        "http://10.0.0.1/a.wav",
        "http://169.254.169.254/latest/meta-data",
    ):
        status, body = bring(server, url, reach=Reach())
        assert (status, body["error"]["code"]) == (403, "address.forbidden")
    assert left(server) == 0


@pytest.mark.parametrize("allowed", [False, True])
def test_the_setting_decides(server: Server, allowed: bool) -> None:
    """A server as `stenograf serve` makes it reaches private addresses only where told so."""
    settings = Settings(allow_private_networks=allowed, _env_file=None)
    services = opened(settings, server.library, server.services.gate, workers_alive=lambda: 1)
    assert services.imports.allow_private is allowed


def test_credentials_of_clouds_are_never_fetched(server: Server, elsewhere: Receiver) -> None:
    """Neither by their address nor by a redirect to it, whatever the setting says."""
    there = "http://169.254.169.254/latest/meta-data"
    elsewhere.answers = [there]
    for url in (there, elsewhere.url):
        status, body = bring(server, url)
        assert (status, body["error"]["code"]) == (403, "address.forbidden")
    assert left(server) == 0


def test_a_redirect_into_the_own_network_is_refused(
    server: Server, elsewhere: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A public server is asked, but where it leads is checked like the URL itself."""
    connect = socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda to, wait: connect(("127.0.0.1", to[1]), wait)
    )
    public = Reach(resolve=lambda host, _: [{"public.example": "93.184.215.14"}.get(host, host)])
    elsewhere.answers = [elsewhere.url, 200]
    where = f"http://public.example:{elsewhere.port}/a.wav"
    status, body = bring(server, where, reach=public)
    assert (status, body["error"]["code"]) == (403, "address.forbidden")
    assert [each.path for each in elsewhere.requests] == ["/a.wav"]
    assert left(server) == 0


def test_only_plain_web_addresses_are_taken(server: Server) -> None:
    """Nothing of this machine's disk, no other protocol, no password in the URL."""
    for url in ("file:///etc/passwd", "ftp://example.org/a", "/a", "http://a@b/", "http://["):
        status, body = bring(server, url)
        assert (status, body["error"]["code"]) == (400, "address.invalid")


def test_what_is_too_large_is_refused(server: Server, elsewhere: Receiver) -> None:
    """By its announced length, and while reading what announces none."""
    elsewhere.body = bytes(server.services.limits.max_upload_bytes + 1)
    assert bring(server, elsewhere.url)[0] == 413
    elsewhere.drips = "body"
    small = replace(server.services.limits, max_upload_bytes=20)
    server.app.state.services = replace(server.services, imports=HERE, limits=small)
    assert server.client.post(URL, json={"url": elsewhere.url}).status_code == 413
    assert left(server) == 0


def test_only_a_whole_recording_counts(server: Server, elsewhere: Receiver) -> None:
    """Any other status of the other server is told, and nothing kept."""
    for status in (204, 206, 404, 500):
        elsewhere.answers = [status]
        answer, body = bring(server, elsewhere.url)
        assert (answer, body["error"]["code"]) == (502, "address.unreachable")
        assert str(status) in body["error"]["message"]
    assert left(server) == 0


def test_a_connection_that_breaks_leaves_nothing(server: Server, elsewhere: Receiver) -> None:
    """Fewer bytes than were announced are no recording."""
    elsewhere.headers = {"Content-Length": str(len(elsewhere.body) + 1)}
    assert bring(server, elsewhere.url)[0] == 502
    assert left(server) == 0


def test_a_slow_server_is_given_up(server: Server, elsewhere: Receiver) -> None:
    """Bytes that trickle in do not hold the server longer than allowed, and are not kept."""
    elsewhere.drips = "body"
    status, body = bring(server, elsewhere.url, reach=replace(HERE, total_s=0.3))
    assert (status, body["error"]["code"]) == (502, "address.unreachable")
    assert left(server) == 0


def test_an_empty_file_is_no_recording(server: Server, elsewhere: Receiver) -> None:
    """As with uploads."""
    elsewhere.body = b""
    assert bring(server, elsewhere.url)[0] == 400
    assert left(server) == 0


def test_a_key_without_the_scope_is_refused(server: Server, elsewhere: Receiver) -> None:
    """The scopes are those of an upload; what is brought belongs to the key."""
    cases: dict[Scope, int] = {"read": 403, "transcribe": 201}
    for scope, wanted in cases.items():
        key, token = server.library.create_key("a", [scope])
        server.client.headers["authorization"] = f"Bearer {token}"
        status, body = bring(server, elsewhere.url)
        assert status == wanted
    assert server.library.recording(body["id"]).key_id == key.id


def test_imports_have_their_places(server: Server, elsewhere: Receiver) -> None:
    """When all are taken the next one is told to come again."""
    room = server.app.state.imports
    places = [room.taken() for _ in range(8)]
    for place in places:
        place.__enter__()
    answer = server.client.post(URL, json={"url": elsewhere.url})
    assert (answer.status_code, "retry-after" in answer.headers) == (429, True)
    for place in places:
        place.__exit__(None, None, None)
    assert bring(server, elsewhere.url)[0] == 201
