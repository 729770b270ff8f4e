"""What a server does beside its requests."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import pytest

from stenograf.core.errors import DatabaseBusyError
from stenograf.library import Library, StoredRecording, keep_house


def test_old_recordings_go_and_the_rest_is_swept(
    library: Library, add: Callable[..., StoredRecording], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One round: retention first, then the sweep that makes it final."""
    old = add()
    monkeypatch.setattr(library, "now", lambda: old.created_at + 1000)
    young, stop = add(), Event()
    keep_house(library, stop, retention_s=500, also=[stop.set])
    assert [kept.id for kept in library.recordings().items] == [young.id]
    assert not library.has_traces


def test_without_a_limit_nothing_is_old(
    library: Library, add: Callable[..., StoredRecording]
) -> None:
    """Recordings are kept for ever unless somebody said otherwise."""
    add()
    stop = Event()
    keep_house(library, stop, also=[stop.set])
    assert library.recordings().total == 1


def test_a_busy_database_leaves_it_to_the_next_round(library: Library) -> None:
    """One chore that fails keeps neither the others nor the next round from happening."""
    done: list[str] = []
    stop = Event()

    def busy() -> None:
        done.append("busy")
        raise DatabaseBusyError("Busy.")

    def other() -> None:
        done.append("other")
        if len(done) >= 4:
            stop.set()

    keep_house(library, stop, also=[busy, other], every_s=0.01)
    assert done == ["busy", "other"] * 2
