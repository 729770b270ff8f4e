"""Worker processes as the server starts them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stenograf import workers
from stenograf.library import open_library
from stenograf.settings import Settings
from stenograf.workers import NICENESS, be_worker


def test_work_steps_back_behind_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker and the engines it starts have a lower priority than the server."""
    told: list[object] = []
    monkeypatch.setattr(os, "nice", told.append)
    monkeypatch.setattr(workers, "run_supervised", lambda *_, name: told.append(name))
    with open_library(tmp_path) as library:
        be_worker(library, Settings(), "one")
    assert told == [NICENESS, "one"]
