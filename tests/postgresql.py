"""An empty database of each kind; PostgreSQL's is a server of our own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from tests.databases import lay_database

PROGRAMS = Path("/usr/lib/postgresql")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a server of our own, on a socket in a temporary folder.

    Not in pytest's folder: other runs of pytest shut that for everybody but its owner.
    """
    programs = max(PROGRAMS.glob("*/bin"), default=None) if PROGRAMS.is_dir() else None
    found = shutil.which("initdb") or (programs and shutil.which("initdb", path=str(programs)))
    assert found, "install the Debian package postgresql"
    with TemporaryDirectory(prefix="stenograf-", ignore_cleanup_errors=True) as folder:
        user = _ordinary_user(folder)
        run = partial(subprocess.run, check=True, capture_output=True, user=user)
        data = ["-D", f"{folder}/data"]
        control = [str(Path(found).resolve().parent / "pg_ctl"), *data, "-w"]
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        run([found, *data, "-U", "test", "-A", "trust", "-N", "-E", "UTF8"])
        run([*control, "-o", options, "-l", f"{folder}/log", "start"])
        try:
            yield f"postgresql+psycopg://test@/postgres?host={folder}"
        finally:
            run([*control, "-m", "fast", "stop"])


def _ordinary_user(folder: str) -> str | None:
    """PostgreSQL refuses to run as root; Debian's package brings a user for it."""
    if os.geteuid() != 0:
        return None
    shutil.chown(folder, "postgres")
    return "postgres"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.e2e)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind without a row; PostgreSQL's only with the slow tests."""
    if request.param == "sqlite":
        lay_database(tmp_path / "library.db")
        yield f"sqlite:///{tmp_path / 'library.db'}"
        return
    from sqlalchemy import create_engine, text

    server: str = request.getfixturevalue("postgresql")
    name = f"test_{uuid4().hex}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.replace("/postgres?", f"/{name}?")
    admin.dispose()
