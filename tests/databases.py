"""A migrated database to copy: to migrate anew for each test takes three times as long."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory


def lay_database(path: Path) -> None:
    """Write an empty SQLite database in the newest format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_migrated())


@cache
def _migrated() -> bytes:
    from stenograf.library.database import open_database  # imports numpy: conftest.py comes first

    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        open_database(f"sqlite:///{path}").dispose()
        return path.read_bytes()
