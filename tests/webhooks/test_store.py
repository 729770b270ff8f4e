"""Webhooks made, listed, told and deleted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Engine

from stenograf.core.errors import (
    AddressForbiddenError,
    AddressInvalidError,
    DeliveryNotFoundError,
    NotAudioError,
    OptionError,
    StenografError,
    WebhookNotFoundError,
)
from stenograf.jobs import EmbeddedQueue, EmbeddedWorker, NewJob
from stenograf.library.tables import recordings
from stenograf.network import Reach
from stenograf.webhooks import Webhooks, announce_job

URL = "http://127.0.0.1:9/hook"
RECORDING = {
    "id": "r" * 32, "name": "звонок.mp3", "content_type": "audio/mpeg", "size_bytes": 1,
    "sha256": "", "blob": "", "created_at": 0.0,
}  # fmt: skip


def finish(
    engine: Engine, *, key_id: str | None = None, error: StenografError | None = None
) -> str:
    """A job that a worker takes and completes, or fails with the error; its id."""
    job = EmbeddedQueue(engine).submit(
        NewJob(kind="transcribe", recording_id=RECORDING["id"], key_id=key_id)  # type: ignore[arg-type]
    )
    worker = EmbeddedWorker(engine)
    lease = worker.claim("w", lease_s=60)
    assert lease is not None
    if error is not None:
        worker.fail(lease, error, retry=False)
    else:
        worker.complete(lease, {"transcript_id": "t", "version": 1})
    return job.id


@pytest.fixture(autouse=True)
def recording(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(recordings.insert().values(RECORDING))


def test_a_webhook_is_kept_until_it_is_deleted(hooks: Webhooks) -> None:
    """Made, listed, deleted; its secret is as long as the hash that it signs with."""
    hook = hooks.create(URL, ["job.failed", "job.done"])
    assert hooks.list() == [hooks.get(hook.id)] == [hook]
    assert hook.events == ("job.done", "job.failed")
    assert len(hook.secret) == len("whsec_") + 44
    assert hook.secret not in repr(hook)
    hooks.delete(hook.id)
    assert hooks.list() == []
    for ask in (hooks.get, hooks.delete, hooks.ping, hooks.deliveries):
        with pytest.raises(WebhookNotFoundError):
            ask(hook.id)


def test_wrong_addresses_are_refused_at_once(engine: Engine) -> None:
    """Who gives one learns it when giving it, not from a delivery that failed."""
    public = Webhooks(engine, reach=Reach(resolve=lambda *_: ["10.0.0.1"]))
    with pytest.raises(AddressForbiddenError):
        public.create("https://intranet.example/", ["job.done"])
    with pytest.raises(AddressInvalidError):
        public.create("javascript:alert(1)", ["job.done"])
    assert public.list() == []


def test_a_host_that_is_not_up_yet_is_taken(engine: Engine) -> None:
    """Names may come into being after the webhook."""

    def unknown(host: str, port: int) -> list[str]:
        raise OSError("unknown")

    later = Webhooks(engine, reach=Reach(resolve=unknown))
    assert later.create("https://later.example/", ["job.done"]).url == "https://later.example/"


@pytest.mark.parametrize("events", [[], ["job.started"]])
def test_unknown_events_are_refused(hooks: Webhooks, events: Any) -> None:
    """A webhook that would never be told anything is a mistake."""
    with pytest.raises(OptionError):
        hooks.create(URL, events)


def test_what_became_of_a_job_is_told(hooks: Webhooks, engine: Engine) -> None:
    """One delivery for each webhook that wants to know, with ids and without words."""
    done, failed = hooks.create(URL, ["job.done"]), hooks.create(URL, ["job.failed"])
    job = finish(engine)
    (delivery,) = hooks.deliveries(done.id).items
    told = json.loads(delivery.body)
    assert told["type"] == delivery.event == "job.done"
    assert told["data"]["job_id"] == job
    assert told["data"]["result"] == {"transcript_id": "t", "version": 1}
    assert "звонок" not in delivery.body
    assert hooks.deliveries(failed.id).total == 0


def test_a_failure_is_told_by_its_code(hooks: Webhooks, engine: Engine) -> None:
    """A message names the file, and what was told is kept when the recording is deleted."""
    hook = hooks.create(URL, ["job.failed"])
    finish(engine, error=NotAudioError("{name} holds no sound.", name=RECORDING["name"]))
    (delivery,) = hooks.deliveries(hook.id).items
    assert json.loads(delivery.body)["data"]["error"] == {"code": "audio.not_audio"}
    assert "звонок" not in delivery.body


def test_a_cancelled_job_is_told(hooks: Webhooks, engine: Engine) -> None:
    """Cancelling before any worker saw the job counts as well."""
    hook = hooks.create(URL, ["job.cancelled"])
    queue = EmbeddedQueue(engine)
    job = queue.submit(NewJob(kind="transcribe", recording_id=str(RECORDING["id"])))
    queue.cancel(job.id)
    queue.cancel(job.id)
    assert [d.event for d in hooks.deliveries(hook.id).items] == ["job.cancelled"]


def test_a_key_hears_of_its_own_jobs_only(hooks: Webhooks, engine: Engine) -> None:
    """A webhook without a key hears of all."""
    mine, everybody = hooks.create(URL, ["job.done"], key_id="a"), hooks.create(URL, ["job.done"])
    finish(engine, key_id="a")
    finish(engine, key_id="b")
    assert hooks.deliveries(mine.id).total == 1
    assert hooks.deliveries(everybody.id).total == 2
    assert hooks.list(key_id="a") == [mine]


def test_a_transaction_that_fails_tells_nobody(hooks: Webhooks, engine: Engine) -> None:
    """What is not recorded did not happen."""
    hook = hooks.create(URL, ["job.done"])
    job = EmbeddedQueue(engine).submit(NewJob(kind="transcribe", recording_id=str(RECORDING["id"])))
    with engine.connect() as connection, connection.begin() as change:
        announce_job(connection, job.id, "job.done", 0.0)
        change.rollback()
    assert hooks.deliveries(hook.id).total == 0


def test_only_known_deliveries_are_replayed(hooks: Webhooks) -> None:
    """An unknown id is said so."""
    with pytest.raises(DeliveryNotFoundError):
        hooks.replay("0" * 32)
