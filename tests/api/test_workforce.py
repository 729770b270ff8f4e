"""Several servers on one library have one set of workers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from stenograf.api import workforce
from stenograf.api.workforce import Workforce
from stenograf.jobs import presence
from stenograf.jobs.presence import Presence, Telling


@pytest.fixture(autouse=True)
def looked_at_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A count is not remembered."""
    monkeypatch.setattr(workforce, "KNOWN_S", 0.0)


@dataclass
class FakeWorkers:
    """Counts how often it was started; two live while it runs."""

    n_starts: int = 0
    runs: bool = False

    @property
    def n_alive(self) -> int:
        """Two, while it runs."""
        return 2 if self.runs else 0

    def start(self) -> None:
        """Run."""
        self.n_starts += 1
        self.runs = True

    def stop(self) -> None:
        """Run no more."""
        self.runs = False


def test_the_first_server_has_the_workers_and_the_next_takes_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both know how many live; when the first ends, the second starts its own."""
    monkeypatch.setattr(workforce, "LOOK_S", 0.02)
    first, second = FakeWorkers(), FakeWorkers()
    with Workforce(first, tmp_path) as one:
        other = Workforce(second, tmp_path)
        with other:
            assert (one.n_alive(), other.n_alive()) == (2, 2)
            assert (first.n_starts, second.n_starts) == (1, 0)
            one.__exit__()
            assert not first.runs
            deadline = time.monotonic() + 10
            while not second.runs and time.monotonic() < deadline:
                time.sleep(0.01)
            assert (second.n_starts, other.n_alive()) == (1, 2)
    assert not second.runs


def test_a_count_that_nobody_renews_means_nobody_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that hangs or was killed does not count for ever; nor does a broken file."""
    with Workforce(FakeWorkers(), tmp_path):
        other = Workforce(FakeWorkers(), tmp_path)
        assert other.n_alive() == 2
        monkeypatch.setattr(presence, "FRESH_S", -1.0)
        assert other.n_alive() == 0
        monkeypatch.undo()
        (told,) = (tmp_path / "workers").glob("*.count")
        told.write_text("many")
        assert other.n_alive() == 0


def test_workers_started_on_their_own_count_for_every_server(tmp_path: Path) -> None:
    """A server that starts none knows of three elsewhere, until they say that they end."""
    server = Workforce(FakeWorkers(), tmp_path)
    assert server.n_alive() == 0
    with Telling(Presence(tmp_path, lambda: 1)), Telling(Presence(tmp_path, lambda: 2)):
        assert server.n_alive() == 3
    assert server.n_alive() == 0


def test_what_the_dead_told_is_cleared_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder does not grow with each process that was killed."""
    Presence(tmp_path, lambda: 1).tell()
    assert len(list((tmp_path / "workers").iterdir())) == 1
    monkeypatch.setattr(presence, "FRESH_S", 0.05)
    time.sleep(0.1)
    Presence(tmp_path, lambda: 1).tell()
    assert len(list((tmp_path / "workers").iterdir())) == 1


def test_the_folder_is_not_read_for_every_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A count is believed for a moment: `/health` may be asked thousands of times a second."""
    monkeypatch.setattr(workforce, "KNOWN_S", 60.0)
    server = Workforce(FakeWorkers(), tmp_path)
    with Telling(Presence(tmp_path, lambda: 2)):
        assert server.n_alive() == 2
    assert server.n_alive() == 2
