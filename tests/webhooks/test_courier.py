"""Deliveries: signed, repeated, never twice at once, never to wrong places."""

from __future__ import annotations

import json
import threading
import time
from itertools import pairwise

import pytest
from sqlalchemy import Engine
from tests.webhooks.conftest import HERE, Clock

from stenograf.core.errors import DiskFullError
from stenograf.network import Reach
from stenograf.testing.receiver import Receiver
from stenograf.webhooks import Courier, Webhooks, signature
from stenograf.webhooks.courier import CLAIM_S, WAITS_S


def test_a_delivery_is_signed(
    hooks: Webhooks, courier: Courier, receiver: Receiver, clock: Clock
) -> None:
    """Who has the secret can tell that id, time and body are ours."""
    hook = hooks.create(receiver.url, ["job.done"])
    sent = hooks.ping(hook.id)
    assert courier.deliver_next()
    (heard,) = receiver.requests
    assert heard.headers["webhook-id"] == sent.id
    assert heard.headers["webhook-timestamp"] == str(int(clock.now))
    expected = signature(hook.secret, sent.id, int(clock.now), heard.body)
    assert heard.headers["webhook-signature"] == expected
    assert heard.headers["content-type"] == "application/json"
    assert json.loads(heard.body)["type"] == "ping"
    (delivered,) = hooks.deliveries(hook.id, status="delivered").items
    assert (delivered.attempt, delivered.response_status, delivered.error) == (1, 200, None)
    assert not courier.deliver_next()


def test_a_failed_delivery_is_repeated_until_it_arrives(
    hooks: Webhooks, courier: Courier, receiver: Receiver, clock: Clock
) -> None:
    """Later and later, always under the same id, and not before it is due."""
    receiver.answers = [503, 500, 200]
    hook = hooks.create(receiver.url, ["job.done"])
    hooks.ping(hook.id)
    for wait_s in WAITS_S[:2]:
        assert courier.deliver_next()
        clock.now += wait_s - 0.5
        assert not courier.deliver_next()
        clock.now += 1.0
    assert courier.deliver_next()
    (delivery,) = hooks.deliveries(hook.id).items
    assert (delivery.status, delivery.attempt, delivery.error) == ("delivered", 3, None)
    assert len({heard.headers["webhook-id"] for heard in receiver.requests}) == 1


def test_at_last_a_delivery_has_failed(
    hooks: Webhooks, courier: Courier, receiver: Receiver, clock: Clock
) -> None:
    """Eight attempts over some seventeen hours, each wait longer; a replay begins anew."""
    receiver.answers = [500]
    hook = hooks.create(receiver.url, ["job.done"])
    hooks.ping(hook.id)
    times = []
    while hooks.deliveries(hook.id).items[0].status == "waiting":
        clock.now = hooks.deliveries(hook.id).items[0].next_at
        times.append(clock.now)
        assert courier.deliver_next()
    assert [round(b - a) for a, b in pairwise(times)] == list(WAITS_S)
    (failed,) = hooks.deliveries(hook.id, status="failed").items
    assert (failed.response_status, failed.error) == (500, "The receiver answered 500.")
    receiver.answers = [200]
    hooks.replay(failed.id)
    assert courier.deliver_next()
    assert hooks.deliveries(hook.id).items[0].status == "delivered"
    assert {heard.body for heard in receiver.requests} == {failed.body.encode()}


def test_waits_are_spread(
    engine: Engine, hooks: Webhooks, receiver: Receiver, clock: Clock
) -> None:
    """A fifth earlier or later, so that not all come back to a server at the moment it is up."""
    receiver.answers = [500]
    hook = hooks.create(receiver.url, ["job.done"])
    waits = []
    for chance in (0.0, 1.0):
        hooks.ping(hook.id)
        Courier(engine, reach=HERE, clock=clock, chance=lambda c=chance: c).deliver_next()  # type: ignore[misc]
    waits = [d.next_at - clock.now for d in hooks.deliveries(hook.id).items]
    assert sorted(waits) == pytest.approx([0.8 * WAITS_S[0], 1.2 * WAITS_S[0]])


def test_a_receiver_may_ask_for_patience(
    hooks: Webhooks, courier: Courier, receiver: Receiver, clock: Clock
) -> None:
    """`Retry-After` in seconds is kept, up to a day; nonsense is not."""
    receiver.answers = [429]
    hook = hooks.create(receiver.url, ["job.done"])
    for wish, wait_s in (("100", 100.0), ("999999999", 86_400.0), ("soon", 5.0), ("-5", 5.0)):
        receiver.headers = {"Retry-After": wish}
        sent = hooks.ping(hook.id)
        courier.deliver_next()
        found = next(d for d in hooks.deliveries(hook.id).items if d.id == sent.id)
        assert found.next_at - clock.now == wait_s


def test_a_receiver_may_say_that_it_is_gone(
    hooks: Webhooks, courier: Courier, receiver: Receiver
) -> None:
    """410 ends the attempts."""
    receiver.answers = [410]
    hook = hooks.create(receiver.url, ["job.done"])
    hooks.ping(hook.id)
    courier.deliver_next()
    assert hooks.deliveries(hook.id).items[0].status == "failed"


def test_an_address_that_turned_private_is_not_told(engine: Engine, clock: Clock) -> None:
    """The name is checked at each attempt; a name that leads inside now has failed for good."""
    answers = iter([["93.184.215.14"], ["10.0.0.1"]])
    reach = Reach(resolve=lambda *_: next(answers))
    hooks = Webhooks(engine, reach=reach, clock=clock)
    hook = hooks.create("https://hooks.example/", ["job.done"])
    hooks.ping(hook.id)
    assert Courier(engine, reach=reach, clock=clock).deliver_next()
    (delivery,) = hooks.deliveries(hook.id).items
    assert delivery.status == "failed"
    assert delivery.error is not None
    assert "10.0.0.1 is not public" in delivery.error


def test_a_redirect_inside_is_not_followed(
    hooks: Webhooks, courier: Courier, receiver: Receiver
) -> None:
    """What a receiver redirects to is checked like the receiver."""
    receiver.answers = ["http://169.254.169.254/latest/"]
    hook = hooks.create(receiver.url, ["job.done"])
    hooks.ping(hook.id)
    courier.deliver_next()
    assert hooks.deliveries(hook.id).items[0].status == "failed"


def test_a_courier_that_died_is_replaced(
    hooks: Webhooks, courier: Courier, receiver: Receiver, clock: Clock
) -> None:
    """What it had claimed is due again; what it may still note does not count."""
    hook = hooks.create(receiver.url, ["job.done"])
    hooks.ping(hook.id)
    claimed = courier._claim()
    assert claimed is not None
    assert not courier.deliver_next()
    clock.now += CLAIM_S
    receiver.answers = [500]
    assert courier.deliver_next()
    courier._note(claimed[0], courier._attempt(*claimed))
    (delivery,) = hooks.deliveries(hook.id).items
    assert (delivery.status, delivery.attempt) == ("waiting", 2)


def test_many_couriers_deliver_each_once(engine: Engine, receiver: Receiver) -> None:
    """Eight threads share fifty deliveries; stopping ends them all."""
    hooks = Webhooks(engine, reach=HERE)
    hook = hooks.create(receiver.url, ["job.done"])
    sent = {hooks.ping(hook.id).id for _ in range(50)}
    stop = threading.Event()
    running = threading.Thread(
        target=Courier(engine, reach=HERE).run, args=(stop,), kwargs={"n_couriers": 8}
    )
    running.start()
    until = time.monotonic() + 20
    while hooks.deliveries(hook.id, status="delivered").total < 50 and time.monotonic() < until:
        time.sleep(0.05)
    stop.set()
    running.join()
    assert sorted(heard.headers["webhook-id"] for heard in receiver.requests) == sorted(sent)


def test_a_full_disk_stops_no_courier(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be noted now is tried again, by the same courier."""
    tries: list[Courier] = []
    stop = threading.Event()

    def deliver_next(courier: Courier) -> bool:
        tries.append(courier)
        if len(tries) == 2:
            stop.set()
        raise DiskFullError("Full.")

    monkeypatch.setattr(Courier, "deliver_next", deliver_next)
    monkeypatch.setattr("stenograf.webhooks.courier.PAUSE_S", 0.01)
    Courier(engine).run(stop, n_couriers=1)
    assert len(tries) == 2


def test_old_deliveries_are_forgotten(
    hooks: Webhooks, courier: Courier, receiver: Receiver, clock: Clock
) -> None:
    """Those that ended; what still waits stays."""
    hook = hooks.create(receiver.url, ["job.done"])
    hooks.ping(hook.id)
    courier.deliver_next()
    waiting = hooks.ping(hook.id)
    clock.now += 1000
    assert hooks.forget_older_than(500) == 1
    assert [d.id for d in hooks.deliveries(hook.id).items] == [waiting.id]
