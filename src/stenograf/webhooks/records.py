"""What webhooks are made of; times are seconds since 1970 UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

EventName: TypeAlias = Literal["job.done", "job.failed", "job.cancelled", "ping"]
DeliveryStatus: TypeAlias = Literal["waiting", "delivered", "failed"]

EVENTS: Final[dict[EventName, str]] = {
    "job.done": "A job is done, and what it found is in the library.",
    "job.failed": "A job failed, and will not be tried again.",
    "job.cancelled": "Somebody cancelled a job.",
    "ping": "Somebody wants to see whether the webhook works; sent whatever was asked for.",
}
"""What there is to be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where to tell what; one that belongs to a key hears of the jobs of that key only."""

    id: str
    url: str
    events: tuple[EventName, ...]
    key_id: str | None
    created_at: float
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event for one webhook; `error` says in English why the last attempt failed.

    `next_at` is when the next attempt is due while the delivery waits.
    """

    id: str
    webhook_id: str
    event: EventName
    body: str
    status: DeliveryStatus
    attempt: int
    next_at: float
    response_status: int | None
    error: str | None
    created_at: float
    delivered_at: float | None
