"""The log in PostgreSQL. A table lock makes positions commit in order, whoever writes."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final, cast

import msgspec
import psycopg
from eventsourcing.persistence import Notification, PersistenceError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.rows import DictRow
from psycopg.sql import SQL, Identifier

from orderlog.eventstore.claims import OWNERS_TABLE
from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.outage import said_clearly
from orderlog.eventstore.recorder import EVENTS_TABLE, SIDE_TABLES, CommandAnswer, Cursor
from orderlog.eventstore.urls import PostgresLocation

LOCK_TIMEOUT_SECONDS: Final = 10
IDLE_IN_TRANSACTION_SECONDS: Final = 5  # a writer that stops in the midst holds up all others
CONNECT_TIMEOUT_SECONDS: Final = 5
RECONNECT_SECONDS: Final = 2.0  # then the next who asks tries: no ever longer pauses
SCHEMA_LOCK: Final = 0x6F72646572  # the key under which only one process creates tables

_INSERT: Final = SQL(
    "INSERT INTO {table} AS t (originator_id, originator_version, topic, state) "
    "SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::bytea[]) "
    "RETURNING notification_id"
)
_SELECT_STREAM: Final = SQL(
    "SELECT * FROM {table} WHERE originator_id = %s AND originator_version > %s "
    "ORDER BY originator_version LIMIT %s"
)


class _QuestionMarks:
    """Side tables are asked with `?` on both databases; psycopg wants `%s`."""

    def __init__(self, cursor: psycopg.Cursor[DictRow]) -> None:
        self._cursor = cursor
        self.fetchone = cursor.fetchone
        self.fetchall = cursor.fetchall

    def execute(self, query: str, params: Sequence[object] = ()) -> object:
        return self._cursor.execute(query.replace("?", "%s").encode(), params)


class ClearPostgresDatastore(PostgresDatastore):
    """Says in one sentence that the server is away, and reaches it soon after it is back."""

    def __init__(self, location: PostgresLocation) -> None:
        super().__init__(
            location.dbname,
            location.host,
            location.port,
            location.user,
            location.password,
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            lock_timeout=LOCK_TIMEOUT_SECONDS,
            idle_in_transaction_session_timeout=IDLE_IN_TRANSACTION_SECONDS,
            pool_size=2,
            max_overflow=8,
            originator_id_type="text",
        )
        self.pool.reconnect_timeout = RECONNECT_SECONDS
        self._location = location

    @contextmanager
    def get_connection(self) -> Generator[psycopg.Connection[DictRow]]:
        with said_clearly(self._sentence), super().get_connection() as connection:
            yield connection

    def _sentence(self, error: BaseException) -> str:
        return _unusable(self._location, error)


class GroupPostgresRecorder(PostgresApplicationRecorder):
    """The library's recorder, with appends that commit many commands and their answers at once.

    It uses no pipeline (large saves hang in one) and no database function (the library's takes no
    lock, so that a reader that follows the log would skip events).
    """

    def __init__(self, datastore: PostgresDatastore, location: PostgresLocation) -> None:
        super().__init__(datastore, events_table_name=EVENTS_TABLE)
        self._location = location
        table = Identifier(datastore.schema, EVENTS_TABLE)
        self._insert = _INSERT.format(table=table)
        self._select_stream = _SELECT_STREAM.format(table=table)

    def create_tables(self) -> None:
        with _connect(self._location) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (SCHEMA_LOCK,))
            self.create_table()
            for statement in (*SIDE_TABLES, OWNERS_TABLE):
                connection.execute(statement.encode())

    def append(
        self, events: Sequence[StoredEvent], answers: Sequence[CommandAnswer]
    ) -> Sequence[int]:
        with self.datastore.transaction(commit=True) as cursor:
            positions = self._append_events(cursor, events) if events else []
            if answers:
                cursor.executemany(
                    "INSERT INTO command_answers VALUES (%s, %s, %s, %s)",
                    [
                        (a.scope, a.key, a.fingerprint, msgspec.json.encode(a.spans).decode())
                        for a in answers
                    ],
                )
            return positions

    def _append_events(
        self, cursor: psycopg.Cursor[DictRow], events: Sequence[StoredEvent]
    ) -> list[int]:
        self._lock_table(cursor)
        columns = (
            [e.originator_id for e in events],
            [e.originator_version for e in events],
            [e.topic for e in events],
            [e.state for e in events],
        )
        cursor.execute(self._insert, columns, prepare=True)
        positions = [row["notification_id"] for row in cursor.fetchall()]
        self._notify_channel(cursor)
        return positions

    def select_stream(self, stream_id: str, after: int, limit: int) -> Sequence[Notification]:
        with self.datastore.cursor() as cursor:
            cursor.execute(self._select_stream, (stream_id, after, limit), prepare=True)
            return [
                Notification(
                    id=row["notification_id"],
                    originator_id=row["originator_id"],
                    originator_version=row["originator_version"],
                    topic=row["topic"],
                    state=bytes(row["state"]),
                )
                for row in cursor.fetchall()
            ]

    @contextmanager
    def cursor(self, *, commit: bool) -> Generator[Cursor]:
        datastore = self.datastore
        with datastore.transaction(commit=True) if commit else datastore.cursor() as cursor:
            yield cast("Cursor", _QuestionMarks(cursor))

    def listen(self) -> psycopg.Connection[Any]:
        """A connection of its own that hears every append."""
        connection = _connect(self._location, autocommit=True)
        connection.execute(SQL("LISTEN {}").format(Identifier(self.channel_name)))
        return connection

    def session(self, silent_seconds_max: int) -> psycopg.Connection[Any]:
        """A connection of its own, which the server ends once it has been silent for so long."""
        milliseconds = silent_seconds_max * 1_000
        connection = _connect(self._location, autocommit=True, tcp_user_timeout=milliseconds)
        connection.execute(SQL("SET idle_session_timeout = {}").format(milliseconds))
        connection.execute(SQL("SET lock_timeout = {}").format(milliseconds))
        return connection

    def close(self) -> None:
        self.datastore.close()


def open_postgres(location: PostgresLocation) -> GroupPostgresRecorder:
    """Raises `StoreUnavailable` where the server, the database or the user is not there."""
    try:
        _connect(location).close()
        recorder = GroupPostgresRecorder(ClearPostgresDatastore(location), location)
        recorder.create_tables()
    except (psycopg.Error, PersistenceError) as error:
        raise StoreUnavailable(_unusable(location, error)) from error
    return recorder


def _unusable(location: PostgresLocation, error: BaseException) -> str:
    cause = " ".join(str(error).split())
    return (
        f"PostgreSQL at {location.host}:{location.port}, database {location.dbname!r}, cannot "
        f"be used ({cause}); check that it runs and ORDERLOG_DATABASE_URL."
    )


def _connect(
    location: PostgresLocation, *, autocommit: bool = False, tcp_user_timeout: int | None = None
) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=location.host,
        port=location.port,
        dbname=location.dbname,
        user=location.user,
        password=location.password,
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        tcp_user_timeout=tcp_user_timeout,
        autocommit=autocommit,
    )
