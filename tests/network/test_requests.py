"""Requests that cannot be led astray."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

import pytest

from stenograf.core.errors import (
    AddressForbiddenError,
    AddressInvalidError,
    AddressUnreachableError,
)
from stenograf.network import Reach, Stop, request
from stenograf.testing.receiver import Receiver

HERE: Final = Reach(allow_private=True, silence_s=2.0, total_s=4.0)
ELSEWHERE: Final = {"hooks.example": "93.184.215.14"}
ADDRESSES: Final = {"hooks.example": "127.0.0.1", "other.example": "127.0.0.1"}


def named(host: str, port: int) -> list[str]:
    return [ADDRESSES.get(host, host)]


def post(url: str, reach: Reach = HERE) -> int:
    with request("POST", url, reach=reach, headers={"X-Test": "1"}, body=b"told") as answer:
        return answer.status


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


def test_a_request_arrives(receiver: Receiver) -> None:
    """Method, path, headers and body, with the host as it was named."""
    reach = Reach(allow_private=True, resolve=named)
    assert post(f"http://hooks.example:{receiver.port}/a?b=c", reach) == 200
    (heard,) = receiver.requests
    assert (heard.method, heard.path, heard.body) == ("POST", "/a?b=c", b"told")
    assert heard.headers["host"] == f"hooks.example:{receiver.port}"
    assert heard.headers["x-test"] == "1"


def test_this_machine_is_refused_by_default(receiver: Receiver) -> None:
    """Without the setting nothing is even connected to."""
    with pytest.raises(AddressForbiddenError):
        post(receiver.url, Reach())
    assert receiver.requests == []


def test_a_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that changes between check and use is never asked for again."""
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    connected: list[Any] = []

    def connect(address: Any, timeout: float) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr("stenograf.network.requests.socket.create_connection", connect)
    reach = Reach(resolve=lambda *_: next(answers))
    with pytest.raises(AddressUnreachableError):
        post("http://rebinding.example/", reach)
    assert connected == [("93.184.215.14", 80)]
    assert next(answers) == ["127.0.0.1"]


@pytest.mark.parametrize(
    "place",
    [
        "http://169.254.169.254/latest/meta-data/", "http://[::ffff:169.254.169.254]/",
        "http://[fe80::1]/", "http://[fd00:ec2::254]/", "//169.254.169.254/x", "http://0.0.0.0/",
    ],
)  # fmt: skip
def test_a_redirect_to_metadata_is_refused(receiver: Receiver, place: str) -> None:
    """Each hop is checked like the first, even where private networks are allowed."""
    receiver.answers = [place]
    with pytest.raises(AddressForbiddenError):
        post(receiver.url)
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    "place", ["http://127.0.0.1:1/", "http://[::ffff:127.0.0.1]/", "http://[::1]/"]
)
def test_a_redirect_to_this_machine_is_refused(
    receiver: Receiver, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A public server cannot send us to ourselves."""
    connect = socket.create_connection

    def connect_here(address: Any, timeout: float) -> socket.socket:
        return connect(("127.0.0.1", receiver.port), timeout)

    monkeypatch.setattr("stenograf.network.requests.socket.create_connection", connect_here)
    receiver.answers = [place]
    public = Reach(resolve=lambda host, _: [ELSEWHERE.get(host, host)])
    with pytest.raises(AddressForbiddenError):
        post("http://hooks.example/", public)
    assert len(receiver.requests) == 1


def test_a_name_that_changes_after_a_redirect_is_checked_again(receiver: Receiver) -> None:
    """The second lookup of the same name is used for the second hop, and refused there."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    reach = Reach(allow_private=True, resolve=lambda *_: next(answers))
    receiver.answers = [f"http://hooks.example:{receiver.port}/again"]
    with pytest.raises(AddressForbiddenError):
        post(f"http://hooks.example:{receiver.port}/", reach)
    assert [heard.path for heard in receiver.requests] == ["/"]


def test_a_redirect_that_keeps_the_request_is_followed(receiver: Receiver) -> None:
    """307 and 308 bring method and body along; a relative place belongs to the same server."""
    receiver.answers = ["/moved", 200]
    assert post(receiver.url) == 200
    assert [(h.method, h.path, h.body) for h in receiver.requests] == [
        ("POST", "/hook", b"told"),
        ("POST", "/moved", b"told"),
    ]


@pytest.mark.parametrize("place", ["http://[::1", "ftp://example.org/", "http://a@b/"])
def test_a_redirect_to_nonsense_is_said_so(receiver: Receiver, place: str) -> None:
    """What the other side sends can break nothing here."""
    receiver.answers = [place]
    with pytest.raises(AddressInvalidError):
        post(receiver.url)


def test_a_redirect_that_drops_the_body_is_the_answer(receiver: Receiver) -> None:
    """301 to 303 would make GET of POST: nobody would be told anything."""
    receiver.answers, receiver.redirect_status = ["/moved"], 302
    assert post(receiver.url) == 302
    assert len(receiver.requests) == 1


def test_redirects_end(receiver: Receiver) -> None:
    """A circle is left after three hops."""
    receiver.answers = ["/again"]
    with pytest.raises(AddressUnreachableError):
        post(receiver.url)
    assert len(receiver.requests) == 4


@pytest.mark.parametrize("drips", ["headers", "body"])
def test_a_server_that_drips_is_left(receiver: Receiver, drips: Literal["headers", "body"]) -> None:
    """The limit is on the whole, not on each byte."""
    receiver.drips = drips
    reach = Reach(allow_private=True, silence_s=600.0, total_s=0.4)
    with (
        pytest.raises(AddressUnreachableError) as failed,
        request("GET", receiver.url, reach=reach, headers={}) as answer,
    ):
        answer.read()
    assert "no answer in time" in str(failed.value)


def test_a_server_that_says_nothing_is_left() -> None:
    """Connected, and then silence."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/"
        with pytest.raises(AddressUnreachableError):
            post(url, Reach(allow_private=True, silence_s=0.2))


def test_what_is_no_http_is_no_answer() -> None:
    """A port that speaks something else, or nothing at all."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(AddressUnreachableError):
        post(f"http://127.0.0.1:{port}/")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for hooks.example that is its own authority, and its key, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", "/CN=hooks.example", "-addext",
            "subjectAltName=DNS:hooks.example", "-keyout", key, "-out", cert,
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    both = folder / "both.pem"
    both.write_bytes(cert.read_bytes() + key.read_bytes())
    return both


@pytest.fixture
def secure(certificate: Path) -> Iterator[Receiver]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with Receiver(tls=tls) as running:
        yield running


def test_a_certificate_must_be_for_the_name(secure: Receiver, certificate: Path) -> None:
    """The connection goes to a checked address, the certificate is held against the name."""
    reach = Reach(allow_private=True, resolve=named, authorities=str(certificate))
    assert post(f"https://hooks.example:{secure.port}/", reach) == 200
    with pytest.raises(AddressUnreachableError) as failed:
        post(f"https://other.example:{secure.port}/", reach)
    assert "certificate" in str(failed.value)
    assert len(secure.requests) == 1


def test_an_unknown_authority_is_refused(secure: Receiver) -> None:
    """A certificate that nobody vouches for is none."""
    with pytest.raises(AddressUnreachableError):
        post(f"https://hooks.example:{secure.port}/", Reach(allow_private=True, resolve=named))
    assert secure.requests == []


def test_encryption_is_not_given_up(secure: Receiver, certificate: Path) -> None:
    """A redirect from https to http is refused."""
    secure.answers = [f"http://hooks.example:{secure.port}/"]
    reach = Reach(allow_private=True, resolve=named, authorities=str(certificate))
    with pytest.raises(AddressForbiddenError):
        post(f"https://hooks.example:{secure.port}/", reach)


def test_a_slow_handshake_is_left() -> None:
    """The total limit also ends a TLS handshake that never ends by itself."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"https://127.0.0.1:{mute.getsockname()[1]}/"
        with pytest.raises(AddressUnreachableError):
            post(url, Reach(allow_private=True, silence_s=600.0, total_s=0.3))


def test_a_name_is_tried_at_each_of_its_addresses(receiver: Receiver) -> None:
    """Where localhost is ::1 first, a server that listens on 127.0.0.1 alone is found."""
    reach = Reach(allow_private=True, resolve=lambda *_: ["127.0.0.9", "127.0.0.1"])
    assert post(f"http://localhost:{receiver.port}/", reach) == 200


def test_who_takes_a_connection_at_once_may_think_longer() -> None:
    """The patience for a connection is not that for an answer."""
    with socket.create_server(("127.0.0.1", 0)) as slow:

        def answer_late() -> None:
            connection, _ = slow.accept()
            with connection:
                connection.recv(1000)
                time.sleep(0.2)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        answering = threading.Thread(target=answer_late)
        answering.start()
        url = f"http://127.0.0.1:{slow.getsockname()[1]}/"
        assert post(url, Reach(allow_private=True, connect_s=0.1, silence_s=60.0)) == 200
        answering.join()


def test_no_redirects_means_that_one_is_the_answer(receiver: Receiver) -> None:
    """Whoever sends a secret along wants to know where it goes."""
    receiver.answers = ["/moved"]
    assert post(receiver.url, Reach(allow_private=True, max_redirects=0)) == 307
    assert len(receiver.requests) == 1


def test_a_request_that_was_stopped_before_it_began_sends_nothing(receiver: Receiver) -> None:
    """Whoever stops need not know how far it has come."""
    stop = Stop()
    stop.set()
    with pytest.raises(AddressUnreachableError):
        post(receiver.url, Reach(allow_private=True, stop=stop))
    assert receiver.requests == []
