"""Takes deliveries to where they belong, again and again until somebody is there."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPResponse
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final

from stenograf._version import __version__
from stenograf.core.errors import AddressError, AddressForbiddenError, LibraryError, OutputError
from stenograf.library.database import reading, writing
from stenograf.library.shelf import record
from stenograf.library.tables import deliveries, webhooks
from stenograf.network.requests import Reach, request
from stenograf.webhooks.records import Delivery, Webhook
from stenograf.webhooks.signing import signed_headers
from stenograf.webhooks.store import to_webhook

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

WAITS_S: Final = (5.0, 30.0, 120.0, 600.0, 3600.0, 4 * 3600.0, 12 * 3600.0)
"""How long to wait after each failed attempt; after the one behind the last, it has failed."""

JITTER: Final = 0.2
"""The share by which a wait may be longer or shorter, so that not everybody comes back at once."""

LONGEST_WISH_S: Final = 24 * 3600.0  # of a receiver's Retry-After
CLAIM_S: Final = 90.0
"""When a courier counts as dead and its delivery is due again; more than `Reach.total_s`."""

PAUSE_S: Final = 1.0
N_COURIERS: Final = 4
GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Answer:
    """How an attempt went: the status if there was one, why it failed, and what was wished for."""

    status: int | None
    error: str | None = None
    is_final: bool = False
    wish_s: float = 0.0


class Courier:
    """Delivers what is due; any number of them, in any processes, share the work.

    A delivery arrives at least once: when a courier dies between sending and noting it, the
    receiver sees the same `webhook-id` twice.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        reach: Reach | None = None,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.engine = engine
        self.reach = reach or Reach()
        self.clock = clock
        self.chance = chance

    def run(self, stop: Event, *, n_couriers: int = N_COURIERS) -> None:
        """Deliver until `stop` is set; what is under way then is finished first."""
        threads = [
            Thread(target=self._go, args=(stop,), name=f"courier-{n}") for n in range(n_couriers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def deliver_next(self) -> bool:
        """Attempt the delivery that has been due for longest; False where none is due."""
        claimed = self._claim()
        if claimed is None:
            return False
        delivery, hook = claimed
        self._note(delivery, self._attempt(delivery, hook))
        return True

    def _go(self, stop: Event) -> None:
        while not stop.is_set():
            try:
                is_busy = self.deliver_next()
            except (LibraryError, OutputError):  # the database is held or its disk full: later
                is_busy = False
            if not is_busy:
                stop.wait(PAUSE_S)

    def _claim(self) -> tuple[Delivery, Webhook] | None:
        now = self.clock()
        with reading(self.engine) as connection:
            if _due(connection, now) is None:
                return None
        with writing(self.engine) as connection:
            row = _due(connection, now)
            if row is None:
                return None
            change = {"attempt": row["attempt"] + 1, "next_at": now + CLAIM_S}
            this = deliveries.c.id == row["id"]
            connection.execute(deliveries.update().where(this).values(change))
            found = webhooks.select().where(webhooks.c.id == row["webhook_id"])
            hook = to_webhook(connection.execute(found).mappings().one())
        return record(Delivery, {**row, **change}), hook

    def _attempt(self, delivery: Delivery, hook: Webhook) -> Answer:
        body = delivery.body.encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"Stenograf/{__version__}",
            **signed_headers(hook.secret, delivery.id, int(self.clock()), body),
        }
        try:
            with request("POST", hook.url, reach=self.reach, headers=headers, body=body) as answer:
                return _judged(answer)
        except AddressError as error:
            return Answer(None, str(error), is_final=isinstance(error, AddressForbiddenError))

    def _note(self, delivery: Delivery, answer: Answer) -> None:
        """Write down how it went, unless another courier has taken over or somebody replays it."""
        this = (
            deliveries.c.id == delivery.id,
            deliveries.c.attempt == delivery.attempt,
            deliveries.c.status == "waiting",
        )
        values = self._outcome(delivery.attempt, answer)
        with writing(self.engine) as connection:
            connection.execute(deliveries.update().where(*this).values(values))

    def _outcome(self, attempt: int, answer: Answer) -> dict[str, Any]:
        now = self.clock()
        told = {"response_status": answer.status, "error": answer.error}
        if answer.error is None:
            return told | {"status": "delivered", "delivered_at": now}
        if answer.is_final or attempt > len(WAITS_S):
            return told | {"status": "failed"}
        wait_s = WAITS_S[attempt - 1] * (1.0 + JITTER * (2.0 * self.chance() - 1.0))
        return told | {"next_at": now + max(wait_s, answer.wish_s)}


def _due(connection: Connection, now: float) -> Mapping[Any, Any] | None:
    query = (
        deliveries.select()
        .where(deliveries.c.status == "waiting", deliveries.c.next_at <= now)
        .order_by(deliveries.c.next_at, deliveries.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return connection.execute(query).mappings().one_or_none()


def _judged(answer: HTTPResponse) -> Answer:
    """Only 2xx is a delivery; the body is left unread, whatever it holds."""
    if 200 <= answer.status < 300:
        return Answer(answer.status)
    wish = answer.headers.get("Retry-After", "")
    wish_s = float(wish[:6]) if wish.isascii() and wish.isdigit() else 0.0
    return Answer(
        answer.status,
        f"The receiver answered {answer.status}.",
        is_final=answer.status == GONE,
        wish_s=min(wish_s, LONGEST_WISH_S),
    )
