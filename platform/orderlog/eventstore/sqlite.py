"""The log in one SQLite file. One process writes it; never delete from it, never VACUUM it."""

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import msgspec
from eventsourcing.persistence import Notification, StoredEvent
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
)

from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.outage import said_clearly
from orderlog.eventstore.recorder import EVENTS_TABLE, SIDE_TABLES, CommandAnswer, Cursor

LOCK_TIMEOUT_SECONDS = 10
CACHE_KIBIBYTES = 64 * 1024
CHECKPOINT_PAGES = 8_000  # 32 MB: copied into the file less often, and each page once


class DurableConnectionPool(SQLiteConnectionPool):
    """Write-ahead log, and an fsync at every commit: an acknowledged command is on disk."""

    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA cache_size=-{CACHE_KIBIBYTES}")
        cursor.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        return connection


class ClearSQLiteDatastore(SQLiteDatastore):
    """Says in one sentence that the file cannot be read or written."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            str(path), lock_timeout=LOCK_TIMEOUT_SECONDS, pool_size=8, originator_id_type="text"
        )
        self.pool.close()
        self.pool = DurableConnectionPool(
            db_name=str(path), lock_timeout=LOCK_TIMEOUT_SECONDS, pool_size=8
        )
        self._path = path

    @contextmanager
    def transaction(self, *, commit: bool) -> Generator[SQLiteCursor]:
        with said_clearly(self._sentence), super().transaction(commit=commit) as cursor:
            yield cursor

    def _sentence(self, error: BaseException) -> str:
        return (
            f"The database file {self._path} cannot be used ({_cause(error)}); check that it is "
            "there, may be written and has room on its disk."
        )


class GroupSQLiteRecorder(SQLiteApplicationRecorder):
    """The library's recorder, with appends that commit many commands and their answers at once."""

    def __init__(self, datastore: SQLiteDatastore) -> None:
        super().__init__(datastore, EVENTS_TABLE)

    def create_tables(self) -> None:
        self.create_table()
        with self.datastore.transaction(commit=True) as cursor:
            for statement in SIDE_TABLES:
                cursor.execute(statement)

    def append(
        self, events: Sequence[StoredEvent], answers: Sequence[CommandAnswer]
    ) -> Sequence[int]:
        with self.datastore.transaction(commit=True) as cursor:
            cursor.executemany(
                self.insert_events_statement,
                [(e.originator_id, e.originator_version, e.topic, e.state) for e in events],
            )
            cursor.executemany(
                "INSERT INTO command_answers VALUES (?, ?, ?, ?)",
                [
                    (a.scope, a.key, a.fingerprint, msgspec.json.encode(a.spans).decode())
                    for a in answers
                ],
            )
            return self._positions(cursor, len(events))

    def _positions(self, cursor: SQLiteCursor, count: int) -> Sequence[int]:
        """Row ids are handed out in sequence while we hold the write lock."""
        if not count:
            return ()
        last = self._max_notification_id(cursor)
        return range(last - count + 1, last + 1)

    def select_stream(self, stream_id: str, after: int, limit: int) -> Sequence[Notification]:
        query = (
            f"SELECT rowid, * FROM {EVENTS_TABLE} "  # noqa: S608 - a constant
            "WHERE originator_id = ? AND originator_version > ? ORDER BY originator_version LIMIT ?"
        )
        with self.datastore.transaction(commit=False) as cursor:
            cursor.execute(query, (stream_id, after, limit))
            return [
                Notification(
                    id=row["rowid"],
                    originator_id=row["originator_id"],
                    originator_version=row["originator_version"],
                    topic=row["topic"],
                    state=row["state"],
                )
                for row in cursor.fetchall()
            ]

    @contextmanager
    def cursor(self, *, commit: bool) -> Generator[Cursor]:
        with self.datastore.transaction(commit=commit) as cursor:
            yield cast("Cursor", cursor)

    def close(self) -> None:
        self.datastore.close()


def open_sqlite(path: Path) -> GroupSQLiteRecorder:
    """Raises `StoreUnavailable` where the file or its folder cannot be written."""
    recorder = GroupSQLiteRecorder(ClearSQLiteDatastore(path))
    try:
        _require_writable(path)
        recorder.create_tables()
    except Exception as error:
        message = (
            f"The database file {path} cannot be opened for writing ({_cause(error)}); check the "
            "folder and its permissions, or choose another file with ORDERLOG_DATABASE_URL."
        )
        raise StoreUnavailable(message) from error
    return recorder


def _require_writable(path: Path) -> None:
    """A read-only file opens without complaint and fails at the first command: ask now."""
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA user_version = 1")
    finally:
        connection.close()


def _cause(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) or type(error).__name__
