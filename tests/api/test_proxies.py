"""What a proxy says about a request, in front of a real uvicorn configured as `serve` does it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from tests.api.conftest import TOKEN, Server, _running

from stenograf.api.proxies import networks
from stenograf.api.run import uvicorn_config
from stenograf.api.server import create_app
from stenograf.core.errors import OptionError

PROXY, STRANGER = "127.0.0.1", "127.0.0.2"  # both lead to this machine
SPOOF = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
ELSEWHERE = {"X-Forwarded-Host": "talks.example", "X-Forwarded-Prefix": "/words"}

Ask = Callable[..., tuple[HTTPResponse, str]]


def _asking(folder: Path, token: str | None) -> Iterator[Ask]:
    for server in _running(folder, token=token):
        yield from _answering(server)


def _answering(server: Server) -> Iterator[Ask]:
    object.__setattr__(server.services, "proxies", networks(f"{PROXY}, 10.0.0.0/8"))
    app = create_app(server.services)
    program = uvicorn.Server(uvicorn_config(app, host="127.0.0.1", port=0))
    thread = threading.Thread(target=program.run, daemon=True)
    thread.start()
    while not program.started:
        time.sleep(0.01)
    port = program.servers[0].sockets[0].getsockname()[1]

    def ask(path: str, peer: str = PROXY, **headers: str) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection("127.0.0.1", port, timeout=10, source_address=(peer, 0))
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer, body

    yield ask
    program.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks a server with a token, from an address of one's choice."""
    yield from _asking(tmp_path_factory.mktemp("closed"), TOKEN)


@pytest.fixture(scope="module")
def ask_open(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks a server without any token."""
    yield from _asking(tmp_path_factory.mktemp("open"), None)


def _redirect(ask: Ask, peer: str, **headers: str) -> str:
    """Where a needless slash leads: the link that a server makes from what it believes."""
    answer, _ = ask("/api/v1/recordings/", peer, Host="inside:8000", **headers)
    assert answer.status == 307
    return str(answer.headers["Location"])


def test_links_follow_a_trusted_proxy_and_nobody_else(ask: Ask) -> None:
    """Scheme, host and prefix of the address that the client used."""
    told = SPOOF | ELSEWHERE
    assert _redirect(ask, PROXY, **told) == "https://talks.example/words/api/v1/recordings"
    assert _redirect(ask, STRANGER, **told) == "http://inside:8000/api/v1/recordings"


@pytest.mark.parametrize(
    ("peer", "chain", "logged"),
    [
        (PROXY, "203.0.113.9", "203.0.113.9"),
        (PROXY, "198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
        (PROXY, "not an address", PROXY),
        (PROXY, "2001:db8::7", "2001:db8::7"),
        (STRANGER, "203.0.113.9", STRANGER),
    ],
)
def test_the_log_names_the_client_as_far_as_it_can_be_believed(
    ask: Ask, caplog: pytest.LogCaptureFixture, peer: str, chain: str, logged: str
) -> None:
    """The last address that is no proxy of ours: those before it anybody may have written."""
    with caplog.at_level(logging.INFO, "stenograf.access"):
        ask("/health", peer, **{"X-Forwarded-For": chain})
        while not (lines := [line for line in _access(caplog) if "/health" in line]):
            time.sleep(0.01)  # the line is written when the answer is gone
    assert lines[0].endswith(f" from {logged}")


def _access(caplog: pytest.LogCaptureFixture) -> list[str]:
    """One line for each answer; that of an earlier test may come late."""
    return [each.getMessage() for each in caplog.records if each.name == "stenograf.access"]


def test_the_documentation_works_below_a_prefix(ask: Ask) -> None:
    """The page finds its document, and failures keep the shape of their contract."""
    _, page = ask("/docs", **ELSEWHERE)
    assert "/words/openapi.json" in page
    _, page = ask("/docs", STRANGER, **ELSEWHERE)
    assert "/words" not in page
    answer, body = ask("/v1/nothing", **ELSEWHERE, Authorization=f"Bearer {TOKEN}")
    assert (answer.status, '"type":"invalid_request_error"' in body) == (404, True)
    assert "/words" not in body


@pytest.mark.parametrize(
    "told",
    [
        {"X-Forwarded-Host": "talks.example/evil"},
        {"X-Forwarded-Host": "one.example, two.example"},
        {"X-Forwarded-Proto": "javascript"},
        {"X-Forwarded-Prefix": "//evil.example"},
        {"X-Forwarded-Prefix": "/a/../b?c"},
        {"X-Forwarded-For": ""},
    ],
    ids=str,
)
def test_what_has_a_wrong_form_says_nothing(ask: Ask, told: dict[str, Any]) -> None:
    """Also from a trusted proxy, which may pass on what a client wrote."""
    assert _redirect(ask, PROXY, **told) == "http://inside:8000/api/v1/recordings"


def test_a_page_cannot_pretend_to_be_a_proxy_of_an_open_server(ask_open: Ask) -> None:
    """After DNS rebinding it may send any header, from an address that is trusted."""
    forged = {"X-Forwarded-Host": "localhost", "Host": "evil.example"}
    assert ask_open("/api/v1/recordings", **forged)[0].status == 403
    assert ask_open("/api/v1/recordings", Host="localhost")[0].status == 200


@pytest.mark.parametrize("text", ["everybody", "10.0.0.0/40", "127.0.0.1 10.0.0.1"])
def test_trusted_proxies_are_addresses(text: str) -> None:
    """Anything else is refused when the server starts, not ignored."""
    with pytest.raises(OptionError, match="takes addresses"):
        networks(text)
    assert networks("") == ()
