"""What proxies in front say about a request, believed only of those that the settings name.

A client may send the same headers, so they count only where the connection itself comes from a
trusted address. `X-Forwarded-For` is read from the right: what stands left of the first address
that is no proxy of ours, anybody may have written (MDN, "X-Forwarded-For", selecting an address).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

from stenograf.core.errors import OptionError

Network: TypeAlias = IPv4Network | IPv6Network

ASKED_HOST: Final = "asked_host"
"""Where the state of a request keeps the host that the connection itself asked for."""

_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
_PREFIX: Final = re.compile(r"(/[A-Za-z0-9._~-]{1,100}){1,10}")


def networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks, separated by commas. Raises OptionError.

    >>> [str(each) for each in networks("127.0.0.1, 10.0.0.0/8")]
    ['127.0.0.1/32', '10.0.0.0/8']
    """
    names = [each.strip() for each in text.split(",") if each.strip()]
    try:
        return tuple(ip_network(name, strict=False) for name in names)
    except ValueError:
        raise OptionError(
            "STENOGRAF_TRUSTED_PROXIES takes addresses and networks, not {given}.",
            hint="For example 127.0.0.1,10.0.0.0/8.",
            given=text,
        ) from None


@dataclass(frozen=True, slots=True)
class Forwarded:
    """Pure ASGI middleware: the client's address, scheme, host and prefix as proxies tell them."""

    app: ASGIApp
    trusted: Sequence[Network]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, as the proxy describes it where that is believed."""
        if scope["type"] == "http" and self._is_trusted(_peer(scope)):
            scope = self._told(scope)
        await self.app(scope, receive, send)

    def _told(self, scope: Scope) -> Scope:
        """A copy; headers of a wrong form, or more than one of a kind, say nothing."""
        told = {**scope, "state": {**(scope.get("state") or {}), ASKED_HOST: _one(scope, b"host")}}
        client = self._client(scope)
        if client is not None:
            told["client"] = (client, 0)
        scheme, host, prefix = (
            _one(scope, b"x-forwarded-" + name) for name in (b"proto", b"host", b"prefix")
        )
        if scheme in {"http", "https"}:
            told["scheme"] = scheme
        if host is not None and _HOST.fullmatch(host):
            others = [each for each in scope["headers"] if each[0] != b"host"]
            told["headers"] = [(b"host", host.encode()), *others]
        if prefix is not None and _PREFIX.fullmatch(prefix):
            told["root_path"] = prefix
            told["path"] = prefix + scope["path"]
        return told

    def _client(self, scope: Scope) -> str | None:
        """The last address that is no proxy of ours; None where that is no address."""
        lines = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        chain = [each.strip() for line in lines for each in line.decode("latin-1").split(",")]
        found = next((each for each in reversed(chain) if not self._is_trusted(each)), None)
        return found if found is not None and _is_address(found) else None

    def _is_trusted(self, name: str) -> bool:
        if not _is_address(name):
            return False
        address = ip_address(name)
        return any(address in network for network in self.trusted)


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _one(scope: Scope, name: bytes) -> str | None:
    values = [value for each, value in scope["headers"] if each == name]
    return values[0].decode("latin-1").strip() if len(values) == 1 else None


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
