"""The database: opened, brought to the newest format, and closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from stenograf.core.errors import (
    DatabaseBusyError,
    DatabaseFailedError,
    DatabaseTooNewError,
    DiskFullError,
    InvalidRequestError,
    StenografError,
)

if TYPE_CHECKING:
    from alembic.config import Config

BUSY_TIMEOUT_S: Final = 30.0
"""How long a writer waits for another one before "database is locked" is true."""

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def open_database(url: str) -> Engine:
    """A connection pool on an up-to-date database; `sqlite:///path` is created where missing."""
    engine = connect(url)
    migrate(engine)
    return engine


def connect(url: str) -> Engine:
    """A connection pool on a database as it is."""
    sqlite = make_url(url).get_backend_name() == "sqlite"
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S} if sqlite else {})
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_for_writing)
    return engine


def migrate(engine: Engine) -> None:
    """Apply the migrations that are missing, one process at a time, in one transaction.

    Raises DatabaseTooNewError, and changes nothing then.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        _refuse_newer(connection, config)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _refuse_newer(connection: Connection, config: Config) -> None:
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    known = {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}
    found = set(MigrationContext.configure(connection).get_current_heads())
    if found - known:
        raise DatabaseTooNewError(
            "The database has format {found}, and this version knows formats up to {known}.",
            found=max(found),
            known=max(known),
        )


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database and holds up no writer.

    Raises as `writing` does.
    """
    with (
        database_faults(),
        engine.connect().execution_options(sqlite_begin="DEFERRED") as connection,
    ):
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection whose changes are kept together, or not at all when the block raises.

    Raises DatabaseBusyError, DiskFullError and DatabaseFailedError; an IntegrityError passes, for
    only the caller knows what it means.
    """
    with database_faults(), engine.begin() as connection:
        yield connection


@contextmanager
def database_faults() -> Iterator[None]:
    """Run the block; raises as `writing` does."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise _translated(error) from error


def _translated(error: DBAPIError) -> StenografError:
    """By the names of https://www.sqlite.org/rescode.html and PostgreSQL's SQLSTATE 53100."""
    code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    if code in {"SQLITE_FULL", "SQLITE_IOERR_WRITE", "53100"}:
        return DiskFullError("No room is left on the disk that holds the database.")
    if code is not None and code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return DatabaseBusyError(
            "The database was busy for {waited_s:.0f} s.", waited_s=BUSY_TIMEOUT_S
        )
    if isinstance(error, DataError) and "NUL" in str(error.orig):  # PostgreSQL, before it is asked
        return InvalidRequestError("A text holds a character that no database keeps (NUL).")
    return DatabaseFailedError("The database failed: {reason}", reason=str(error.orig).strip())


def _prepare_sqlite(connection: Any, record: object) -> None:
    """Readers beside one writer, references that hold, and no commit behind our back."""
    connection.isolation_level = None  # SQLAlchemy's own begin, see _begin_for_writing
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # deletion that really deletes
    cursor.close()


def _begin_for_writing(connection: Any) -> None:
    """Take the write lock at once: a reader that turns writer later cannot be made to wait."""
    mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {mode}")
