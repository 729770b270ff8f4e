"""What runs beside the requests of a server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from tests.databases import lay_database

from stenograf.api.run import _couriers, _housekeeping
from stenograf.library import Library, open_library
from stenograf.network import Reach
from stenograf.settings import Settings
from stenograf.testing.receiver import Receiver
from stenograf.webhooks import Webhooks

WITHIN_S = 10.0
A_BLINK_IN_DAYS = 1e-9


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """One that holds a recording to keep, and one of somebody who has gone."""
    lay_database(tmp_path / "stenograf.db")
    with open_library(tmp_path) as opened:
        for name, keep_s in (("kept.wav", None), ("passing.wav", 0.0)):
            opened.add_recording(
                BytesIO(b"sound"), name=name, content_type="audio/wav", keep_s=keep_s
            )
        yield opened


@pytest.mark.parametrize(("days", "left"), [(None, ["kept.wav"]), (A_BLINK_IN_DAYS, [])])
def test_what_is_too_old_goes_by_itself(
    library: Library, days: float | None, left: list[str]
) -> None:
    """By the setting's age where there is one; what nobody waits for goes in any case."""
    deadline = time.monotonic() + WITHIN_S
    with _housekeeping(library, days):
        while time.monotonic() < deadline:
            names = [each.name for each in library.recordings().items]
            if names == left and not library.has_traces:
                break
            time.sleep(0.01)
    assert names == left
    assert not library.has_traces


@pytest.mark.parametrize("allowed", [True, False])
def test_webhooks_hear_where_the_settings_let_them(library: Library, allowed: bool) -> None:
    """A server carries what it noted by itself, and never into a network it may not enter."""
    settings = Settings(allow_private_networks=allowed, _env_file=None)
    hooks = Webhooks(library.engine, reach=Reach(allow_private=True))
    deadline = time.monotonic() + WITHIN_S
    with Receiver() as receiver:
        hook = hooks.create(receiver.url, ["job.done"])
        hooks.ping(hook.id)
        with _couriers(library, settings):
            while time.monotonic() < deadline:
                [told] = hooks.deliveries(hook.id).items
                if told.status != "waiting":
                    break
                time.sleep(0.01)
    arrived = ("delivered", 1) if allowed else ("failed", 0)
    assert (told.status, len(receiver.requests)) == arrived
