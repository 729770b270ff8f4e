"""A library on a real disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from tests.databases import lay_database

from stenograf.library import Library, StoredRecording, open_library


@pytest.fixture
def library(tmp_path: Path, database_url: str) -> Iterator[Library]:
    """On each kind of database; PostgreSQL only with the slow tests."""
    url = None if database_url.startswith("sqlite") else database_url
    if url is None:
        lay_database(tmp_path / "data/stenograf.db")
    with open_library(tmp_path / "data", database_url=url) as opened:
        yield opened


@pytest.fixture
def add(library: Library) -> Callable[..., StoredRecording]:
    """Keep some bytes as a recording."""

    def added(content: bytes = b"sound" * 100, name: str = "call.mp3") -> StoredRecording:
        return library.add_recording(BytesIO(content), name=name, content_type="audio/mpeg")

    return added
