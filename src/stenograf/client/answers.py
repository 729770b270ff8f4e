"""What a Stenograf server answers, as values and errors of its Python client."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from stenograf.core.errors import (
    InvalidRequestError,
    ServerUnreachableError,
    StenografError,
    error_from,
)

if TYPE_CHECKING:
    import httpx

FINAL: Final = frozenset({"done", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class JobState:
    """A job on the server; `fraction` is the share of `stage` that is done.

    The `recording_id` of an installation is empty.
    """

    id: str
    recording_id: str
    status: str
    stage: str | None = None
    fraction: float | None = None
    error: Mapping[str, Any] | None = None

    @property
    def is_final(self) -> bool:
        """Nothing will change any more."""
        return self.status in FINAL


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One thing a job told: `number` counts from 1, `kind` says what `data` holds."""

    number: int
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


OnServerEvent: TypeAlias = Callable[[ServerEvent], object]


def parsed(lines: Iterator[str]) -> Iterator[ServerEvent]:
    """Server-sent events; each ends with an empty line."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif "data" in fields:
            yield ServerEvent(
                int(fields.get("id", "0")), fields.get("event", ""), json.loads(fields["data"])
            )
            fields = {}


def job_of(body: Mapping[str, Any]) -> JobState:
    """A job as the server shows it."""
    found = {name: body[name] for name in JobState.__dataclass_fields__}
    return JobState(**found | {"recording_id": body["recording_id"] or ""})


def refusal(answer: httpx.Response) -> StenografError:
    """The error in an answer, with how long to wait where it says that."""
    error = _said(answer)
    wait = answer.headers.get("Retry-After", "")
    if wait.isascii() and wait.isdigit():
        error.details["retry_after_s"] = int(wait)
    return error


def _said(answer: httpx.Response) -> StenografError:
    """What is not ours, for example a proxy's page, keeps its status."""
    try:
        return error_from(answer.json()["error"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return InvalidRequestError(
            "The server answered with status {status}.",
            hint="Is this the address of a Stenograf server? Is a proxy in between?",
            status=answer.status_code,
        )


def unreachable(error: Exception) -> ServerUnreachableError:
    """The error for a connection that did not come about, or broke."""
    return ServerUnreachableError(
        "The server cannot be reached: {reason}.", reason=str(error) or type(error).__name__
    )
