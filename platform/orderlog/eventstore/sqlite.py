"""The log in one SQLite file. One process writes it; never delete from it, never VACUUM it."""

import json
import sqlite3
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from eventsourcing.persistence import IntegrityError, Notification
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
)

from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.outage import said_clearly
from orderlog.eventstore.recorder import (
    EVENTS_TABLE,
    SIDE_TABLES,
    AppendUnit,
    Cursor,
    Found,
    Outcome,
    Positions,
    deal,
    sift,
)

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
    def get_connection(self, *, commit: bool) -> Generator[SQLiteConnection]:
        """A commit that fails may leave its transaction open: the next user must not inherit it."""
        with super().get_connection(commit=commit) as connection:
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise

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

    def __init__(self, datastore: SQLiteDatastore, events_table_name: str = EVENTS_TABLE) -> None:
        super().__init__(datastore, events_table_name)
        self._find_event = (
            f"SELECT rowid, state FROM {events_table_name} "  # noqa: S608 - a table's name
            "WHERE originator_id = ? AND originator_version = ?"
        )
        self._select_stream = (
            f"SELECT rowid, * FROM {events_table_name} "  # noqa: S608 - a table's name
            "WHERE originator_id = ? AND originator_version > ? ORDER BY originator_version LIMIT ?"
        )
        self._select_streams = (
            f"SELECT t.rowid, t.* FROM json_each(?) AS s JOIN {events_table_name} AS t "  # noqa: S608 - as above
            "ON originator_id = s.value ->> 0 AND originator_version > s.value ->> 1 "
            "ORDER BY s.key, originator_version LIMIT ?"
        )

    def create_tables(self) -> None:
        self.create_table()
        with self.datastore.transaction(commit=True) as cursor:
            for statement in SIDE_TABLES:
                cursor.execute(statement)

    def append(self, units: Sequence[AppendUnit]) -> list[Outcome]:
        try:
            with self.datastore.transaction(commit=True) as cursor:
                return deal(units, self._insert_all(cursor, units))
        except IntegrityError:
            with self.datastore.transaction(commit=True) as cursor:
                return self._sift_and_insert(cursor, units)

    def _insert_all(self, cursor: SQLiteCursor, units: Sequence[AppendUnit]) -> Positions:
        """Row ids are handed out in sequence while we hold the write lock."""
        events = [event for unit in units for event in unit.events]
        cursor.executemany(
            self.insert_events_statement,
            [(e.originator_id, e.originator_version, e.topic, e.state) for e in events],
        )
        answers = [unit.answer.row() for unit in units if unit.answer is not None]
        if answers:
            cursor.executemany("INSERT INTO command_answers VALUES (?, ?, ?, ?)", answers)
        if not events:
            return ()
        last = self._max_notification_id(cursor)
        return range(last - len(events) + 1, last + 1)

    def _sift_and_insert(self, cursor: SQLiteCursor, units: Sequence[AppendUnit]) -> list[Outcome]:
        cursor.execute("DELETE FROM counters WHERE 0")  # takes the write lock before we look
        outcomes, still_open = sift(units, self._find(cursor, units))
        chosen = [units[index] for index in still_open]
        dealt = deal(chosen, self._insert_all(cursor, chosen))
        for index, outcome in zip(still_open, dealt, strict=True):
            outcomes[index] = outcome
        return outcomes

    def _find(self, cursor: SQLiteCursor, units: Sequence[AppendUnit]) -> Found:
        found = Found({}, {})
        for event in (event for unit in units for event in unit.events):
            place = (str(event.originator_id), event.originator_version)
            cursor.execute(self._find_event, place)
            if (row := cursor.fetchone()) is not None:
                found.events[place] = (row["rowid"], row["state"])
        for answer in (unit.answer for unit in units if unit.answer is not None):
            name = (answer.scope, answer.key)
            cursor.execute(
                "SELECT fingerprint, spans FROM command_answers WHERE scope = ? AND key = ?", name
            )
            if (row := cursor.fetchone()) is not None:
                found.answers[name] = (row["fingerprint"], row["spans"])
        return found

    def select_stream(self, stream_id: str, after: int, limit: int) -> Sequence[Notification]:
        return self._select(self._select_stream, stream_id, after, limit)

    def select_streams(self, after: Mapping[str, int], limit: int) -> Sequence[Notification]:
        return self._select(self._select_streams, json.dumps([*after.items()]), limit)

    def _select(self, query: str, *params: object) -> Sequence[Notification]:
        with self.datastore.transaction(commit=False) as cursor:
            cursor.execute(query, params)
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
