"""Webhooks on a real database, with a clock that tests move by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest
from sqlalchemy import Engine

from stenograf.library.database import open_database
from stenograf.network import Reach
from stenograf.testing.receiver import Receiver
from stenograf.webhooks import Courier, Webhooks

HERE: Final = Reach(allow_private=True, silence_s=2.0, total_s=4.0)


@dataclass
class Clock:
    """Seconds since 1970, as a test wants them."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """On each kind of database; PostgreSQL only with the slow tests."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hooks(engine: Engine, clock: Clock) -> Webhooks:
    return Webhooks(engine, reach=HERE, clock=clock)


@pytest.fixture
def courier(engine: Engine, clock: Clock) -> Courier:
    """A courier whose waits are neither longer nor shorter than the table says."""
    return Courier(engine, reach=HERE, clock=clock, chance=lambda: 0.5)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running
