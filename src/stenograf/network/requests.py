"""A request to an address that a user named.

The name is looked up once and the connection goes to the address that was checked, so a name
whose address changes between check and use gains nothing; each redirect is checked anew. Proxies
of the surroundings are not used: behind one, nobody here would know where a request ends.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Lock, Timer
from time import monotonic
from typing import Final
from urllib.parse import urljoin

from stenograf.core.errors import (
    AddressForbiddenError,
    AddressInvalidError,
    AddressUnreachableError,
)
from stenograf.network.addresses import Resolve, Target, checked_addresses, look_up, parse_url

_SAME_REQUEST: Final = frozenset({307, 308})  # RFC 9110, 15.4: method and body stay
_REDIRECTS: Final = _SAME_REQUEST | {301, 302, 303}


class Stop:
    """Ends a request from another thread, whether it has begun or not."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._connection: _Connection | None = None
        self._is_set = False

    def set(self) -> None:
        """End the request that watches for this: it fails as if its time were over."""
        with self._lock:
            self._is_set = True
            if self._connection is not None:
                self._connection.stop()

    def watch(self, connection: _Connection) -> None:
        """Stop this connection instead of the one before."""
        with self._lock:
            self._connection = connection
            if self._is_set:
                connection.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where requests may go, and how long they may take in seconds.

    `silence_s` bounds each wait for the other side, `connect_s` that for one address to take the
    connection, `total_s` everything, redirects included; with `max_redirects` 0 a redirect is the
    answer. `authorities` is a file of certificates to trust instead of the system's. `stop` ends
    them earlier.
    """

    allow_private: bool = False
    silence_s: float = 10.0
    connect_s: float = 10.0
    total_s: float = 20.0
    max_redirects: int = 3
    resolve: Resolve = look_up
    authorities: str | None = None
    stop: Stop | None = None


@contextmanager
def request(
    method: str,
    url: str,
    *,
    reach: Reach,
    headers: Mapping[str, str],
    body: bytes | None = None,
) -> Iterator[HTTPResponse]:
    """The answer, to be read while the block lasts; redirects that keep the request are followed.

    A redirect of anything but GET that would drop the body is the answer itself. An OSError within
    the block counts as one of the connection.
    Raises AddressInvalidError, AddressForbiddenError and AddressUnreachableError.
    """
    until = monotonic() + reach.total_s
    for _ in range(reach.max_redirects + 1):
        connection = _connection(parse_url(url), reach)
        if reach.stop is not None:
            reach.stop.watch(connection)
        with _closing(connection, until):
            answer = connection.exchange(method, headers, body)
            place = answer.headers.get("Location") if answer.status in _REDIRECTS else None
            is_followed = reach.max_redirects and (
                method == "GET" or answer.status in _SAME_REQUEST
            )
            if not (place and is_followed):
                yield answer
                return
        url = _followed(url, place)
    raise AddressUnreachableError(
        "More than {limit} redirects led on and on.", limit=reach.max_redirects
    )


class _Connection(HTTPConnection):
    """HTTP to the addresses given, whatever the name in the URL may mean by now."""

    def __init__(self, target: Target, addresses: list[str], reach: Reach) -> None:
        super().__init__(target.host, target.port, timeout=reach.silence_s)
        self.target = target
        self.addresses = addresses
        self.connect_s = min(reach.connect_s, reach.silence_s)
        self.authorities = reach.authorities
        self.is_stopped = False
        self._wire: socket.socket | None = None  # `sock` is given up once the headers are there
        self._answer: HTTPResponse | None = None
        if target.is_tls:
            self.default_port = 443  # so that the Host header leaves it out

    def connect(self) -> None:
        """Connect to the first address that answers; the certificate must be for the name."""
        self.sock = self._wire = self._reached()
        self.sock.settimeout(self.timeout)
        self.check()
        if self.target.is_tls:
            context = ssl.create_default_context(cafile=self.authorities)
            # The handshake comes after `_wire` is set, so that `stop` can end it.
            self.sock = self._wire = context.wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def _reached(self) -> socket.socket:
        """A server may listen on one of the addresses only, as many do on those of localhost."""
        *others, last = self.addresses
        for address in others:
            self.check()
            with suppress(OSError):  # the next one may answer
                return socket.create_connection((address, self.port), self.connect_s)
        return socket.create_connection((last, self.port), self.connect_s)

    def exchange(self, method: str, headers: Mapping[str, str], body: bytes | None) -> HTTPResponse:
        """The answer with its headers; its body is still to be read."""
        self.request(method, self.target.path, body, dict(headers) | {"Connection": "close"})
        self._answer = self.getresponse()
        self.check()
        return self._answer

    def check(self) -> None:
        """Raise TimeoutError after `stop`: what was read since then may be half of something."""
        if self.is_stopped:
            raise TimeoutError

    def stop(self) -> None:
        """End what is going on in another thread: reads there find the end of the stream."""
        self.is_stopped = True
        if self._wire is not None:
            with suppress(OSError):  # it has ended by itself
                socket.socket.shutdown(self._wire, socket.SHUT_RDWR)

    def finish(self) -> None:
        """Close everything."""
        if self._answer is not None:
            self._answer.close()
        self.close()


def _connection(target: Target, reach: Reach) -> _Connection:
    found = checked_addresses(target, allow_private=reach.allow_private, resolve=reach.resolve)
    return _Connection(target, found, reach)


@contextmanager
def _closing(connection: _Connection, until: float) -> Iterator[None]:
    """Bound what the block does with the connection, and say plainly what failed."""
    timer = Timer(max(0.0, until - monotonic()), connection.stop)
    timer.daemon = True
    timer.start()
    try:
        yield
        connection.check()
    except ssl.SSLCertVerificationError as fault:
        raise _unreachable(connection, f"its certificate: {fault.verify_message}") from fault
    except (OSError, HTTPException) as fault:
        late = connection.is_stopped or isinstance(fault, TimeoutError)
        raise _unreachable(connection, "no answer in time" if late else _said(fault)) from fault
    finally:
        timer.cancel()
        connection.finish()


def _said(fault: OSError | HTTPException) -> str:
    return (fault.strerror if isinstance(fault, OSError) else None) or type(fault).__name__


def _unreachable(connection: _Connection, reason: str) -> AddressUnreachableError:
    return AddressUnreachableError(
        "The request to {host} failed: {reason}.", host=connection.host, reason=reason
    )


def _followed(url: str, place: str) -> str:
    """Where a redirect leads.

    Raises AddressInvalidError, and AddressForbiddenError where it would give up encryption.
    """
    try:
        led = urljoin(url, place)
    except ValueError as error:
        host = parse_url(url).host
        raise AddressInvalidError("{host} redirects to what is no URL.", host=host) from error
    if url.startswith("https:") and not led.startswith("https:"):
        raise AddressForbiddenError(
            "{host} redirects to an address without encryption.", host=parse_url(url).host
        )
    return led
