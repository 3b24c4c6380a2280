"""Where read models live: a file beside the log on SQLite, a schema of their own on PostgreSQL.

Both can be thrown away and rebuilt, which is why SQLite may write with `synchronous=NORMAL`.
"""

import sqlite3
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.urls import Location, PostgresLocation, SqliteLocation
from orderlog_projections import checkpoints, dead_letters
from orderlog_projections.faults import is_of_values
from orderlog_projections.projection import Projection

READERS_MAX: Final = 16
LOCK_TIMEOUT_SECONDS: Final = 10
LOCK_PAUSE_SECONDS: Final = 0.001
CONNECT_TIMEOUT_SECONDS: Final = 10
IDLE_IN_TRANSACTION_SECONDS: Final = 5
WRITER_CACHE_KIBIBYTES: Final = 64 * 1024
READER_CACHE_KIBIBYTES: Final = 8 * 1024
"""Each of the readers has its own; what it lacks is mostly in the cache of the system."""
WAL_PAGES: Final = 10_000
"""How long SQLite's write-ahead log grows (40 MB) before it is folded in, with an fsync."""
PATIENCE_MILLISECONDS: Final = 200
SCHEMA: Final = "read_models"
_CREATION_LOCK: Final = 7_231_001
"""Processes that start together create tables one after the other (PostgreSQL advisory lock)."""

T = TypeVar("T")


class TablesInUse(Exception):
    """Readers hold tables that are to be renamed."""

    def __str__(self) -> str:
        return "The tables are being read all the time; try again in a quiet moment."


class ReadDatabase:
    """Thread-safe: many readers, each on a snapshot of its own, and one writer at a time."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self._readers, self._writers = _engines(location)

    def read(self, ask: Callable[[Connection], T]) -> T:
        """The answer of a query, all of it from one moment. Raises `StoreUnavailable`."""
        with _said_clearly(self.location), self._readers.begin() as connection:
            return ask(connection)

    def read_once(self, ask: Callable[[Connection], T]) -> T:
        """As `read`, for one statement, which is of one moment without a transaction around it."""
        if isinstance(self.location, SqliteLocation):
            return self.read(ask)
        with _said_clearly(self.location), self._readers.connect() as connection:
            return ask(connection.execution_options(isolation_level="AUTOCOMMIT"))

    @contextmanager
    def write(self) -> Generator[Connection]:
        """A transaction that holds the write lock from its start. Raises `StoreUnavailable`."""
        with _said_clearly(self.location), self._writers.begin() as connection:
            yield connection

    def session(self) -> psycopg.Connection[Any]:
        """A connection to PostgreSQL of one's own, to tell others something or to hear it."""
        if not isinstance(self.location, PostgresLocation):
            message = f"nobody hears anything at {self.location!r}"
            raise TypeError(message)
        return _connect(self.location, autocommit=True)

    @contextmanager
    def write_impatiently(self) -> Generator[Connection]:
        """For what must have tables alone. Raises `TablesInUse` rather than to wait for readers.

        On PostgreSQL all new readers would wait behind it; on SQLite readers are in nobody's way.
        """
        with self.write() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {PATIENCE_MILLISECONDS}")
            yield connection

    def beneath(self, held: Connection) -> "ReadDatabase":
        """For writing while a transaction is held open: committed before it, or with it.

        Before it on PostgreSQL, so that readers who find its effects find these rows, too, however
        old their snapshot; with it on SQLite, which has one writer at a time.
        """
        return _WithinTransaction(held) if held.dialect.name == "sqlite" else self

    def create(self, projections: Iterable[Projection]) -> None:
        """Creates what is missing of tables and checkpoints."""
        projections = tuple(projections)
        tables = [table for projection in projections for table in projection.tables]
        with self.write() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CREATION_LOCK)))
                connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            checkpoints.create(connection)
            dead_letters.create(connection)
            for table in tables:
                table.create(connection)
            checkpoints.add_missing(connection, [projection.key for projection in projections])

    def close(self) -> None:
        self._readers.dispose()
        self._writers.dispose()


class _WithinTransaction(ReadDatabase):
    """All that is read and written here belongs to one transaction."""

    def __init__(self, transaction: Connection) -> None:
        self._transaction = transaction

    def read(self, ask: Callable[[Connection], T]) -> T:
        return ask(self._transaction)

    @contextmanager
    def write(self) -> Generator[Connection]:
        with self._transaction.begin_nested():
            yield self._transaction


@contextmanager
def _said_clearly(location: Location) -> Generator[None]:
    """Faults of the database itself become one sentence; all others are faults of ours."""
    try:
        yield
    except OperationalError as error:
        if is_of_values(error):
            raise
        if isinstance(error.orig, LockNotAvailable | DeadlockDetected):
            raise TablesInUse from error
        where = location.read_models_path if isinstance(location, SqliteLocation) else location
        cause = " ".join(str(error.orig).split())
        message = (
            f"The read models in {where} cannot be used ({cause}); check that the database is "
            "there and may be written. They can be rebuilt with `orderlog projections rebuild`."
        )
        raise StoreUnavailable(message) from error


def _engines(location: Location) -> tuple[Engine, Engine]:
    if isinstance(location, SqliteLocation):
        return (
            _sqlite_engine(location, _begin_reading, READER_CACHE_KIBIBYTES),
            _sqlite_engine(location, _begin_writing, WRITER_CACHE_KIBIBYTES),
        )
    return _postgres_engines(location)


def _sqlite_engine(
    location: SqliteLocation, begin: Callable[[Connection], None], cache_kibibytes: int
) -> Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(location.read_models_path)),
        connect_args={"timeout": LOCK_TIMEOUT_SECONDS, "check_same_thread": False},
        pool_size=READERS_MAX,
        max_overflow=0,
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # or the driver would begin transactions by itself
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA cache_size=-{cache_kibibytes}")
        connection.execute(f"PRAGMA wal_autocheckpoint={WAL_PAGES}")

    event.listen(engine, "begin", begin)
    return engine


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN DEFERRED")


def _begin_writing(connection: Connection) -> None:
    """Asks all the time for the write lock.

    SQLite by itself asks ever less often, and would miss the short gaps between another's pages.
    """
    give_up_at = time.monotonic() + LOCK_TIMEOUT_SECONDS
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError as error:
            if not _is_busy(error) or time.monotonic() > give_up_at:
                raise
            time.sleep(LOCK_PAUSE_SECONDS)
        else:
            break


def _is_busy(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _postgres_engines(location: PostgresLocation) -> tuple[Engine, Engine]:
    engine = sa.create_engine(
        "postgresql+psycopg://",
        creator=partial(_connect, location),
        pool_size=READERS_MAX,
        max_overflow=0,
    )
    readers = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return readers, engine


def _connect(location: PostgresLocation, *, autocommit: bool = False) -> psycopg.Connection[Any]:
    """One that stops in the midst of a transaction holds up nobody for long."""
    return psycopg.connect(
        host=location.host,
        port=location.port,
        dbname=location.dbname,
        user=location.user,
        password=location.password,
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        options=(
            f"-c search_path={SCHEMA} "
            f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_SECONDS * 1_000}"
        ),
        autocommit=autocommit,
    )
