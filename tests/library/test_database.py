"""The database's format."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import IntegrityError, OperationalError

from stenograf.core.errors import (
    DatabaseBusyError,
    DatabaseFailedError,
    DatabaseTooNewError,
    DiskFullError,
)
from stenograf.library import database
from stenograf.library.database import connect, migrate, open_database, reading, writing
from stenograf.library.tables import checkpoints, metadata, webhooks

HOOK = {"id": "w", "url": "u", "secret": "s", "events": [], "created_at": 0.0}


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'my library.db'}"


def test_the_migrations_make_the_tables_that_the_code_reads(url: str) -> None:
    """What the migrations leave and what tables.py says are the same."""
    engine = open_database(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(url: str) -> None:
    """A database that is up to date is left alone."""
    engine = open_database(url)
    before = inspect(engine).get_table_names()
    migrate(engine)
    assert inspect(engine).get_table_names() == before


def test_a_reference_to_nothing_is_refused(url: str) -> None:
    """SQLite holds foreign keys, which it does not by itself."""
    engine = open_database(url)
    row = {"job_id": "no such job", "name": "speech", "data": b"", "at": 0.0}
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(checkpoints.insert().values(row))


def test_a_reader_does_not_hold_up_a_writer(url: str) -> None:
    """While a reader looks at one state, another connection may write the next."""
    engine = open_database(url)
    with reading(engine) as reader:
        assert reader.execute(webhooks.select()).all() == []
        with engine.begin() as writer:
            writer.execute(webhooks.insert().values(HOOK))
        assert reader.execute(webhooks.select()).all() == []
    with reading(engine) as reader:
        assert len(reader.execute(webhooks.select()).all()) == 1


def test_a_failed_migration_leaves_the_database_as_it_was(url: str, tmp_path: Path) -> None:
    """Schema changes are part of the transaction, so half a migration is never seen."""
    engine = connect(url)
    with sqlite3.connect(tmp_path / "my library.db") as raw:
        raw.execute("CREATE TABLE checkpoints (strange TEXT)")
    with pytest.raises(OperationalError):
        migrate(engine)
    assert _tables(engine) == {"checkpoints"}


def test_a_database_of_a_newer_version_is_left_alone(url: str) -> None:
    """After a step back to an older version: an error with what to do, and no change."""
    engine = open_database(url)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseTooNewError, match="format 9999") as caught:
        open_database(url)
    assert "backup" in caught.value.advice
    with reading(engine) as connection:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    assert found == "9999"


def _is_ours(name: str | None, kind: str, parents: object) -> bool:
    """The full-text index makes tables of its own."""
    return not (kind == "table" and name and name.startswith("passages_fts"))


def _tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def test_a_full_disk_is_a_typed_error_and_changes_nothing(url: str) -> None:
    """Where no page can be added, the whole transaction is undone."""
    engine = open_database(url)

    def fill() -> None:
        with writing(engine) as connection:
            connection.execute(webhooks.insert().values(HOOK))
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
            long = {**HOOK, "id": "v", "url": "u" * 1_000_000}
            connection.execute(webhooks.insert().values(long))

    with pytest.raises(DiskFullError):
        fill()
    with reading(engine) as connection:
        assert connection.execute(webhooks.select()).all() == []


def test_a_database_that_stays_locked_is_a_typed_error(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waited in vain for another writer is told so."""
    open_database(url).dispose()
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
    with writing(connect(url)), pytest.raises(DatabaseBusyError), writing(connect(url)):
        pass


def test_a_file_that_is_no_database_is_a_typed_error(tmp_path: Path) -> None:
    """The reason is SQLite's own."""
    (tmp_path / "notes.db").write_text("Buy milk. " * 1000)
    engine = connect(f"sqlite:///{tmp_path / 'notes.db'}")
    with pytest.raises(DatabaseFailedError, match="not a database"), reading(engine):
        pass
