"""Who may do what: bearer tokens of the settings, and named keys of the library."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Protocol

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBase
from fastapi.security.base import SecurityBase
from starlette.concurrency import run_in_threadpool

from stenograf.core.errors import ForbiddenError, UnauthenticatedError
from stenograf.library import SCOPES, Scope

ALL: Final[frozenset[str]] = frozenset(SCOPES)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks; `key_id` is None for a token of the settings and for an open server."""

    key_id: str | None = None
    scopes: frozenset[str] = ALL

    def holds(self, *scopes: Scope) -> bool:
        """Whether one of the scopes, or `admin`, was given to the caller."""
        return not self.scopes.isdisjoint({*scopes, "admin"})

    def sees(self, owner: str | None) -> bool:
        """Whether what that key brought may be shown: its own to everybody, all with `read`."""
        return self.holds("read") or (self.key_id is not None and self.key_id == owner)


class FoundKey(Protocol):
    """What the library tells about a key."""

    @property
    def id(self) -> str:
        """The key's id."""
        ...

    @property
    def scopes(self) -> Sequence[str]:
        """What it allows."""
        ...


class Gate:
    """Admits callers. Without any token or key it is open, which only loopback servers may be."""

    def __init__(
        self,
        tokens: Sequence[str],
        find_key: Callable[[str], FoundKey | None],
        *,
        is_open: Callable[[], bool],
    ) -> None:
        self._digests = [_digest(token) for token in tokens]
        self._find_key = find_key
        self.is_open = is_open

    def admit(self, authorization: str | None) -> Caller:
        """The caller behind an Authorization header. Raises UnauthenticatedError."""
        if authorization is None and self.is_open():
            return Caller()
        scheme, _, token = (authorization or "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise UnauthenticatedError("A bearer token is missing.")
        digest = _digest(token)
        # Every token is compared, whichever fits: the time says nothing.
        if any([hmac.compare_digest(digest, known) for known in self._digests]):  # noqa: C419
            return Caller()
        key = self._find_key(token)
        if key is not None:
            return Caller(key.id, frozenset(key.scopes))
        if self.is_open():
            return Caller()  # clients that must send some token send any
        raise UnauthenticatedError("This token is not valid here.")


def _digest(token: str) -> bytes:
    """All of one length, so that a comparison does not tell how long a token is."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


class Scheme(SecurityBase):
    """Tells the document how to authenticate; it reads nothing, the gate does."""

    def __init__(self, scheme: str, description: str) -> None:
        self.scheme_name = scheme
        self.model = HTTPBase(scheme=scheme, description=description)

    async def __call__(self) -> None:
        """Nothing."""


BEARER: Final = Depends(Scheme("bearer", "A token of the settings, or a key of the server."))
BASIC: Final = Depends(Scheme("basic", "Any user name; the token or key is the password."))


async def _caller(request: Request, bearer: None = BEARER) -> Caller:
    gate: Gate = request.app.state.services.gate
    return await run_in_threadpool(gate.admit, request.headers.get("authorization"))


async def _caller_by_password(
    request: Request, bearer: None = BEARER, basic: None = BASIC
) -> Caller:
    gate: Gate = request.app.state.services.gate
    said = as_bearer(request.headers.get("authorization"))
    return await run_in_threadpool(gate.admit, said)


def as_bearer(authorization: str | None) -> str | None:
    """HTTP Basic as if the password had come as a bearer token; anything else as it is.

    The user name says nothing. Raises UnauthenticatedError for what is no Basic (RFC 7617).

    >>> as_bearer("Basic YmF6YXJyOnNlY3JldA==")
    'Bearer secret'
    """
    scheme, _, rest = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return authorization
    try:
        pair = base64.b64decode(rest.strip(), validate=True).decode("utf-8", "surrogateescape")
    except binascii.Error:
        raise UnauthenticatedError("The user name and the password cannot be read.") from None
    return f"Bearer {pair.partition(':')[2]}"


def _holds(*scopes: Scope, known: Callable[..., Any] = _caller) -> Callable[[Caller], Caller]:
    who = Depends(known)

    def check(caller: Caller = who) -> Caller:
        if not caller.holds(*scopes):
            wanted = " or ".join(scopes)
            raise ForbiddenError("This needs a key with the scope {scope}.", scope=wanted)
        return caller

    return check


MayTranscribe = Annotated[Caller, Depends(_holds("transcribe"))]
MayHear = Annotated[Caller, Depends(_holds("transcribe", known=_caller_by_password))]
"""As MayTranscribe, for clients that know no other way than a user name and a password."""

MayRead = Annotated[Caller, Depends(_holds("read"))]
MayReadOwn = Annotated[Caller, Depends(_holds("read", "transcribe"))]
MayBring = Annotated[Caller, Depends(_holds("write", "transcribe"))]
MayWrite = Annotated[Caller, Depends(_holds("write"))]
MayAdmin = Annotated[Caller, Depends(_holds("admin"))]
