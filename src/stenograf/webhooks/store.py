"""Webhooks and what they were told, in the library's database."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stenograf.core.errors import (
    AddressUnreachableError,
    DeliveryNotFoundError,
    OptionError,
    WebhookNotFoundError,
)
from stenograf.library.database import reading, writing
from stenograf.library.records import Page
from stenograf.library.shelf import new_id, record
from stenograf.library.tables import deliveries, jobs, webhooks
from stenograf.network.addresses import checked_addresses, parse_url
from stenograf.network.requests import Reach
from stenograf.webhooks.records import EVENTS, Delivery, DeliveryStatus, EventName, Webhook
from stenograf.webhooks.signing import new_secret

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


class Webhooks:
    """Makes, lists and deletes webhooks, and shows what they were told."""

    def __init__(
        self, engine: Engine, *, reach: Reach | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.engine = engine
        self.reach = reach or Reach()
        self.clock = clock

    def create(
        self, url: str, events: Iterable[EventName], *, key_id: str | None = None
    ) -> Webhook:
        """A webhook whose secret is to be shown to its owner once, now.

        A host that nobody knows yet is taken: it may come up later.
        Raises AddressInvalidError, AddressForbiddenError and OptionError.
        """
        target = parse_url(url)
        allow, resolve = self.reach.allow_private, self.reach.resolve
        with suppress(AddressUnreachableError):
            checked_addresses(target, allow_private=allow, resolve=resolve)
        hook = Webhook(
            id=new_id(),
            url=url,
            events=_checked(events),
            key_id=key_id,
            created_at=self.clock(),
            secret=new_secret(),
        )
        row = {field: getattr(hook, field) for field in Webhook.__dataclass_fields__}
        with writing(self.engine) as connection:
            connection.execute(webhooks.insert().values(row))
        return hook

    def list(self, *, key_id: str | None = None) -> list[Webhook]:
        """Every webhook, or those of one key, oldest first."""
        query = webhooks.select().order_by(webhooks.c.created_at, webhooks.c.id)
        if key_id is not None:
            query = query.where(webhooks.c.key_id == key_id)
        with reading(self.engine) as connection:
            return [to_webhook(row) for row in connection.execute(query).mappings()]

    def get(self, webhook_id: str) -> Webhook:
        """The webhook with this id; raises WebhookNotFoundError."""
        with reading(self.engine) as connection:
            return _webhook_in(connection, webhook_id)

    def delete(self, webhook_id: str) -> None:
        """Forget a webhook and all its deliveries; raises WebhookNotFoundError."""
        with writing(self.engine) as connection:
            _webhook_in(connection, webhook_id)
            connection.execute(webhooks.delete().where(webhooks.c.id == webhook_id))

    def ping(self, webhook_id: str) -> Delivery:
        """A delivery that says nothing, to try the webhook; raises WebhookNotFoundError."""
        with writing(self.engine) as connection:
            hook = _webhook_in(connection, webhook_id)
            return _enqueue(connection, hook, "ping", {}, self.clock())

    def deliveries(
        self,
        webhook_id: str,
        *,
        status: DeliveryStatus | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> Page[Delivery]:
        """What the webhook was told or will be, newest first; raises WebhookNotFoundError."""
        from sqlalchemy import func, select

        wanted = [deliveries.c.webhook_id == webhook_id]
        if status is not None:
            wanted.append(deliveries.c.status == status)
        order = deliveries.c.created_at.desc(), deliveries.c.id
        chosen = deliveries.select().where(*wanted).order_by(*order).limit(limit).offset(offset)
        counted = select(func.count()).select_from(deliveries).where(*wanted)
        with reading(self.engine) as connection:
            _webhook_in(connection, webhook_id)
            rows = connection.execute(chosen).mappings().all()
            total = connection.execute(counted).scalar_one()
        return Page([record(Delivery, row) for row in rows], total, limit, offset)

    def replay(self, delivery_id: str) -> Delivery:
        """The same event once more, under the same id, with all attempts before it.

        Raises DeliveryNotFoundError.
        """
        this = deliveries.c.id == delivery_id
        again = {"status": "waiting", "attempt": 0, "next_at": self.clock(), "error": None}
        with writing(self.engine) as connection:
            connection.execute(deliveries.update().where(this).values(again))
            row = connection.execute(deliveries.select().where(this)).mappings().one_or_none()
        if row is None:
            raise DeliveryNotFoundError("There is no delivery {id}.", id=delivery_id)
        return record(Delivery, row)

    def forget_older_than(self, seconds: float) -> int:
        """Remove deliveries that ended so long ago; how many."""
        old = deliveries.c.created_at < self.clock() - seconds
        ended = deliveries.c.status != "waiting"
        with writing(self.engine) as connection:
            return connection.execute(deliveries.delete().where(old, ended)).rowcount


def announce_job(connection: Connection, job_id: str, event: EventName, at: float) -> None:
    """Note for every webhook that wants to know what became of a job.

    It is part of the caller's transaction: what happened is told if and only if it is recorded.
    The notes hold ids and no words, of an error its code: its message may name a file, and notes
    outlive recordings. Who is told asks for more with its key.
    """
    hooks = [to_webhook(row) for row in connection.execute(webhooks.select()).mappings()]
    if not hooks:
        return
    row = connection.execute(jobs.select().where(jobs.c.id == job_id)).mappings().one()
    data = {
        "job_id": row["id"],
        "kind": row["kind"],
        "recording_id": row["recording_id"],
        "status": row["status"],
        "result": row["result"],
        "error": row["error"] and {"code": row["error"]["code"]},
        "request_id": row["request_id"],
    }
    for hook in hooks:
        if event in hook.events and hook.key_id in {None, row["key_id"]}:
            _enqueue(connection, hook, event, data, at)


def to_webhook(row: Mapping[Any, Any]) -> Webhook:
    """A row of the table `webhooks` as a value."""
    return record(Webhook, row, events=tuple(row["events"]))


def _enqueue(
    connection: Connection, hook: Webhook, event: EventName, data: Mapping[str, Any], at: float
) -> Delivery:
    told = {"type": event, "timestamp": datetime.fromtimestamp(at, UTC).isoformat(), "data": data}
    delivery = Delivery(
        id=new_id(),
        webhook_id=hook.id,
        event=event,
        body=json.dumps(told, ensure_ascii=False),
        status="waiting",
        attempt=0,
        next_at=at,
        response_status=None,
        error=None,
        created_at=at,
        delivered_at=None,
    )
    row = {field: getattr(delivery, field) for field in Delivery.__dataclass_fields__}
    connection.execute(deliveries.insert().values(row))
    return delivery


def _webhook_in(connection: Connection, webhook_id: str) -> Webhook:
    query = webhooks.select().where(webhooks.c.id == webhook_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise WebhookNotFoundError("There is no webhook {id}.", id=webhook_id)
    return to_webhook(row)


def _checked(events: Iterable[EventName]) -> tuple[EventName, ...]:
    asked = set(events)
    if not asked or asked - EVENTS.keys():
        raise OptionError(
            "A webhook needs events of these: {known}.",
            hint="Name at least one of them.",
            known=", ".join(EVENTS),
        )
    return tuple(event for event in EVENTS if event in asked)
