"""Where requests of users may go."""

from __future__ import annotations

import threading

import pytest

from stenograf.core.errors import (
    AddressForbiddenError,
    AddressInvalidError,
    AddressUnreachableError,
)
from stenograf.network import addresses, is_allowed
from stenograf.network.addresses import checked_addresses, look_up, parse_url

PUBLIC = ("93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8")
PRIVATE = (
    "127.0.0.1", "127.8.8.8", "::1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1",
    "fd12:3456::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:7f00:1",
    "2002:7f00:1::", "64:ff9b::10.0.0.1", "64:ff9b:1::192.168.0.1", "::127.0.0.1", "0.1.2.3",
    "192.0.2.1", "198.18.0.1",
)  # fmt: skip
NEVER = (
    "169.254.169.254", "169.254.0.1", "::ffff:169.254.169.254", "fe80::1", "fe80::1%1",
    "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "64:ff9b::169.254.169.254",
    "2002:a9fe:a9fe::1", "::169.254.169.254", "0.0.0.0", "::", "224.0.0.1", "ff02::1",  # noqa: S104
    "255.255.255.255", "240.0.0.1", "no address", "",
)  # fmt: skip


def test_public_addresses_are_allowed() -> None:
    """Whatever is routed on the internet."""
    assert [address for address in PUBLIC if not is_allowed(address)] == []


def test_private_addresses_need_the_setting() -> None:
    """Networks of one's own and this machine, also written as IPv6."""
    assert [address for address in PRIVATE if is_allowed(address)] == []
    assert [a for a in PRIVATE if not is_allowed(a, allow_private=True)] == []


def test_some_addresses_are_never_allowed() -> None:
    """Metadata of clouds, link-local, multicast and nonsense: no setting opens them."""
    assert [address for address in NEVER if is_allowed(address, allow_private=True)] == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/", "file:///etc/passwd", "example.org", "http://", "https:///x",
        "http://user@example.org/", "http://user:secret@example.org/", "http://example.org:0/",
        "http://example.org:99999/", "http://example.org:x/", "http://exam ple.org/",
        "http://example.org/\r\nX-Evil: 1", "http://example.org/\x00", "http://пример.рф/",
        "http://[::1", "gopher://127.0.0.1/", "http://example.org/" + "a" * 2000, "",
    ],
)  # fmt: skip
def test_what_is_no_url_is_refused(url: str) -> None:
    """Other schemes, passwords, and what would break out of a request line."""
    with pytest.raises(AddressInvalidError):
        parse_url(url)


def test_a_url_keeps_its_query_and_port() -> None:
    """The parts that a request needs."""
    assert parse_url("https://Example.org/a?b=c#d") == (True, "example.org", 443, "/a?b=c")
    assert parse_url("http://[2001:db8::1]:8080") == (False, "2001:db8::1", 8080, "/")


@pytest.mark.parametrize(
    "url", ["http://2130706433/", "http://0x7f000001/", "http://127.1/", "http://0177.0.0.1/",
            "http://localhost/", "http://[::ffff:7f00:1]/"]
)  # fmt: skip
def test_other_spellings_of_this_machine_are_refused(url: str) -> None:
    """What counts is the address that the system makes of the name."""
    with pytest.raises((AddressForbiddenError, AddressUnreachableError)):
        checked_addresses(parse_url(url), allow_private=False, resolve=look_up)


def test_one_bad_address_spoils_a_name() -> None:
    """A name with a public and a private address is refused, whichever comes first."""
    target = parse_url("http://both.example/")
    found = ["8.8.8.8", "10.0.0.1"]
    for _ in range(2):
        with pytest.raises(AddressForbiddenError):
            checked_addresses(target, allow_private=False, resolve=lambda *_: found)
        found.reverse()


@pytest.mark.parametrize(("address", "may"), [("10.0.0.1", True), ("169.254.169.254", False)])
def test_a_setting_is_named_only_where_it_helps(address: str, may: bool) -> None:
    """Private networks can be allowed; where clouds hand out credentials, nothing is."""
    with pytest.raises(AddressForbiddenError) as caught:
        checked_addresses(
            parse_url("http://a.example/"), allow_private=False, resolve=lambda *_: [address]
        )
    assert ("STENOGRAF_ALLOW_PRIVATE_NETWORKS" in caught.value.advice) == may


def test_a_name_server_that_never_answers_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lookup has its own time limit."""

    was_left = threading.Event()

    def slow(*_: object, **__: object) -> list[object]:
        assert was_left.wait(60.0)
        return []

    monkeypatch.setattr(addresses, "RESOLVE_PATIENCE_S", 0.05)
    monkeypatch.setattr("socket.getaddrinfo", slow)
    with pytest.raises(AddressUnreachableError):
        checked_addresses(parse_url("http://slow.example/"), allow_private=False, resolve=look_up)
    was_left.set()
