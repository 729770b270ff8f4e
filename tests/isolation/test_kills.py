"""Children killed at random moments: `benchmarks/kills.py` does a thousand, this a few."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from benchmarks.kills import ENGINES

from stenograf.isolation import Isolated
from stenograf.testing.kills import COMPLETE, Traces, kill_at_random

pytestmark = pytest.mark.e2e

N_KILLS = 10
ALLOWED = {COMPLETE, "engine.crashed", "engine.out_of_memory"}
DIED = {"decoding": {"audio.decoder_died"}}
"""What a child that is no engine says of its end, by its name."""


@pytest.mark.parametrize("name", ENGINES)
def test_the_parent_survives_and_keeps_nothing(
    name: str, assets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each job is complete or fails typed; no process, descriptor, thread or file is left."""
    engine, job = prepared(name, assets, tmp_path / "weights")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = Traces.now()
    kills = kill_at_random(engine, job, N_KILLS)
    engine.close()
    assert kills.n_hit == N_KILLS
    assert set(kills.outcomes) <= ALLOWED | DIED.get(name, set())
    assert not Traces.settled(before).exceeds(before)


def prepared(name: str, assets: Path, folder: Path) -> tuple[Isolated, Callable[[], Any]]:
    """An engine that has worked once, so that this process has imported what it needs."""
    engine, job = ENGINES[name](assets, folder)
    job()
    engine.close()
    return engine, job
