"""Which addresses a request may go to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from stenograf.core.errors import (
    AddressForbiddenError,
    AddressInvalidError,
    AddressUnreachableError,
)

Address: TypeAlias = IPv4Address | IPv6Address
Resolve: TypeAlias = Callable[[str, int], list[str]]
"""From a host's name and port to its IP addresses, the preferred one first; raises OSError."""

RESOLVE_PATIENCE_S: Final = 5.0
MAX_URL_CHARS: Final = 2000

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_NAT64: Final = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))  # RFC 6052, RFC 8215
_COMPATIBLE: Final = IPv6Network("::/96")  # RFC 4291, 2.5.5.1: an IPv4 address in the last bits
_METADATA: Final = frozenset(
    map(ip_address, ("100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254"))
)
"""Where clouds hand out credentials, besides the link-local 169.254.169.254."""


class Target(NamedTuple):
    """The parts of a URL that a request needs; `path` has the query with it."""

    is_tls: bool
    host: str
    port: int
    path: str


def parse_url(url: str) -> Target:
    """An http or https URL in plain ASCII, without user and password.

    Raises AddressInvalidError.
    """
    if len(url) > MAX_URL_CHARS or not (url.isascii() and url.isprintable()) or " " in url:
        raise AddressInvalidError(
            "This URL cannot be used: it is too long or holds characters that must be escaped."
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressInvalidError("This URL cannot be used: its host or port is none.") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise AddressInvalidError(
            "This URL cannot be used: it must begin with http:// or https://."
        )
    if "@" in parts.netloc or not host or port == 0:
        raise AddressInvalidError(
            "This URL cannot be used: it needs a host, and no user or password."
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    is_tls = parts.scheme == "https"
    return Target(is_tls, host, port or _DEFAULT_PORTS[parts.scheme], path)


def checked_addresses(target: Target, *, allow_private: bool, resolve: Resolve) -> list[str]:
    """Where to connect to, looked up once, the preferred one first; every one must be allowed.

    Raises AddressForbiddenError and AddressUnreachableError.
    """
    try:
        found = resolve(target.host, target.port)
    except (OSError, UnicodeError) as error:
        raise AddressUnreachableError("Nobody knows the host {host}.", host=target.host) from error
    for address in found:
        if not is_allowed(address, allow_private=allow_private):
            raise _forbidden(target.host, address)
    if not found:
        raise AddressUnreachableError("Nobody knows the host {host}.", host=target.host)
    return found


def _forbidden(host: str, address: str) -> AddressForbiddenError:
    if is_allowed(address, allow_private=True):
        return AddressForbiddenError(
            "Requests to {host} are not allowed: its address {address} is not public.",
            host=host,
            address=address,
        )
    return AddressForbiddenError(
        "Requests to {host} are never allowed: its address {address} is no place of services.",
        hint="No setting changes that; give the name or the address of a server.",
        host=host,
        address=address,
    )


def is_allowed(address: str, *, allow_private: bool = False) -> bool:
    """Whether a request may go to this IP address.

    Link-local and multicast addresses and those of cloud metadata are never allowed; private ones
    and this machine itself only with `allow_private`. An IPv4 address inside an IPv6 one counts
    as itself.

    >>> is_allowed("93.184.215.14"), is_allowed("::ffff:127.0.0.1"), is_allowed("10.0.0.1")
    (True, False, False)
    >>> is_allowed("10.0.0.1", allow_private=True), is_allowed("169.254.1.1", allow_private=True)
    (True, False)
    """
    try:
        outer = ip_address(address)
    except ValueError:
        return False
    inner = _inner(outer)
    return all(_may_be_reached(each, allow_private) for each in inner or (outer,))


def is_this_machine(host: str) -> bool:
    """Whether a host of a URL is this machine whatever a name server would say.

    >>> is_this_machine("localhost"), is_this_machine("::1"), is_this_machine("example.org")
    (True, True, False)
    """
    try:
        outer = ip_address(host)
    except ValueError:
        return host == "localhost"
    return all(address.is_loopback for address in _inner(outer) or (outer,))


def _may_be_reached(address: Address, allow_private: bool) -> bool:
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if address in _METADATA or (address.is_reserved and not address.is_loopback):
        return False
    is_site_local = isinstance(address, IPv6Address) and address.is_site_local
    return allow_private or (address.is_global and not is_site_local)


def _inner(address: Address) -> tuple[Address, ...]:
    """The IPv4 addresses that an IPv6 one leads to, by whatever way of passing on."""
    if isinstance(address, IPv4Address) or address == IPv6Address("::1"):
        return ()
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    if any(address in network for network in (*_NAT64, _COMPATIBLE)):
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    return ()


def look_up(host: str, port: int) -> list[str]:
    """The addresses that the system knows for a name, within a bounded time; raises OSError."""
    outcome: list[list[str] | OSError] = []

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as fault:
            outcome.append(fault)
        except UnicodeError as fault:
            outcome.append(OSError(str(fault)))
        else:
            outcome.append([str(entry[4][0]) for entry in found])

    # In a thread, because nothing else can bound a name server that never answers.
    attempt = threading.Thread(target=ask, daemon=True)
    attempt.start()
    attempt.join(RESOLVE_PATIENCE_S)
    if not outcome:
        raise TimeoutError(f"no answer within {RESOLVE_PATIENCE_S:g} s")
    if isinstance(outcome[0], OSError):
        raise outcome[0]
    return outcome[0]
