"""The log in PostgreSQL. One lock for all appends: positions commit in order, whoever writes."""

import threading
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar, cast

import psycopg
from eventsourcing.persistence import Notification, PersistenceError
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.rows import DictRow, TupleRow
from psycopg.sql import SQL, Composed, Identifier, Literal

from orderlog.eventstore.appending import (
    CONNECT_TIMEOUT_SECONDS,
    IDLE_SECONDS_MAX,
    LOCK_TIMEOUT_SECONDS,
    LOST,
    Line,
    dial,
    has_ended,
)
from orderlog.eventstore.claims import OWNERS_TABLE, Claim, NotOwner
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
from orderlog.eventstore.urls import PostgresLocation

RECONNECT_SECONDS: Final = 2.0  # then the next who asks tries: no ever longer pauses
SCHEMA_LOCK: Final = 0x6F72646572  # the key under which only one process creates tables

APPEND_LOCK: Final = 0x6F6C6F67  # the first half of the key; the table is the second

_LOCK: Final = SQL("SELECT pg_advisory_xact_lock({space}, hashtext({table}))")
_OPEN: Final = SQL("BEGIN; {lock}; NOTIFY {channel}")
_COUNT_HELD: Final = SQL(
    "; SELECT count(*) FROM "
    "(SELECT FROM owners WHERE (duty, epoch) IN ({claims}) FOR SHARE) AS held"
)
_INSERT: Final = SQL(
    "INSERT INTO {table} AS t (originator_id, originator_version, topic, state) "
    "SELECT * FROM unnest(%b::text[], %b::bigint[], %b::text[], %b::bytea[]) "
    "RETURNING notification_id"
)
_INSERT_ANSWERS: Final = SQL(
    "WITH answers AS (INSERT INTO command_answers "
    "SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[])) "
)
_FIND_EVENTS: Final = SQL(
    "SELECT originator_id, originator_version, notification_id, state FROM {table} "
    "WHERE (originator_id, originator_version) IN "
    "(SELECT * FROM unnest(%b::text[], %b::bigint[]))"
)
_FIND_ANSWERS: Final = SQL(
    "SELECT scope, key, fingerprint, spans FROM command_answers "
    "WHERE (scope, key) IN (SELECT * FROM unnest(%b::text[], %b::text[]))"
)
_SELECT_STREAM: Final = SQL(
    "SELECT * FROM {table} WHERE originator_id = %s AND originator_version > %s "
    "ORDER BY originator_version LIMIT %s"
)
_SELECT_STREAMS: Final = SQL(
    "SELECT {table}.* FROM unnest(%b::text[], %b::bigint[]) WITH ORDINALITY AS s(id, after, turn) "
    "JOIN {table} ON originator_id = id AND originator_version > after "
    "ORDER BY turn, originator_version LIMIT %s"
)

T = TypeVar("T")


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
            idle_in_transaction_session_timeout=IDLE_SECONDS_MAX,
            pool_size=2,
            max_overflow=8,
            originator_id_type="text",
        )
        self.pool.reconnect_timeout = RECONNECT_SECONDS

    @contextmanager
    def get_connection(self) -> Generator[psycopg.Connection[DictRow]]:
        with said_clearly(self._sentence):
            while True:
                with super().get_connection() as connection:
                    if not has_ended(connection):
                        yield connection
                        return
                    connection.close()

    def _sentence(self, error: BaseException) -> str:
        return unusable(self, error)


class GroupPostgresRecorder(PostgresApplicationRecorder):
    """The library's recorder, with appends that commit many commands and their answers at once.

    It uses no pipeline (large saves hang in one) and no database function (the library's takes no
    lock, so that a reader that follows the log would skip events). The lock is an advisory one:
    a lock on the table would have every append wait for VACUUM and ANALYZE.
    `backend` is the server's process that appends for this one.
    """

    def __init__(
        self, datastore: PostgresDatastore, *, events_table_name: str = EVENTS_TABLE
    ) -> None:
        super().__init__(datastore, events_table_name=events_table_name)
        name = Identifier(datastore.schema, events_table_name)
        lock = _LOCK.format(space=Literal(APPEND_LOCK), table=Literal(name.as_string()))
        self.lock_table_statements = [lock]  # the library's own inserts take the same one
        self._insert = _INSERT.format(table=name)
        self._insert_with_answers = _INSERT_ANSWERS + self._insert
        self._find_events = _FIND_EVENTS.format(table=name)
        self._select_stream = _SELECT_STREAM.format(table=name)
        self._select_streams = _SELECT_STREAMS.format(table=name)
        self.backend: int | None = None
        self._line = Line(datastore)
        self._appending = threading.Lock()

    def create_tables(self) -> None:
        with dial(self.datastore) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (SCHEMA_LOCK,))
            self.create_table()
            for statement in (*SIDE_TABLES, OWNERS_TABLE):
                connection.execute(statement.encode())

    def append(self, units: Sequence[AppendUnit]) -> list[Outcome]:
        with self._appending:
            try:
                positions = self._transact(lambda cursor: self._insert_all(cursor, units), units)
                return deal(units, positions)
            except (psycopg.IntegrityError, *LOST):
                return self._patiently(units)

    def _patiently(self, units: Sequence[AppendUnit]) -> list[Outcome]:
        """Looks first, then appends; where the connection goes, again on the next one."""
        try:
            return self._transact(lambda cursor: self._sift_and_insert(cursor, units), units)
        except LOST as error:
            cause = error
        for _ in self._line.retries():
            try:
                return self._transact(lambda cursor: self._sift_and_insert(cursor, units), units)
            except LOST as error:
                cause = error
        raise StoreUnavailable(unusable(self.datastore, cause)) from cause

    def _transact(
        self, act: Callable[[psycopg.Cursor[TupleRow]], T], units: Sequence[AppendUnit]
    ) -> T:
        """One transaction under the append lock. Three trips: open, act, commit."""
        connection = self._line.connection()
        self.backend = connection.info.backend_pid
        claims = {unit.claim for unit in units if unit.claim is not None}
        try:
            opened = connection.execute(self._opening(claims))
            if claims:
                _require_held(claims, opened)
            result = act(connection.cursor(binary=True))
            connection.execute("COMMIT")
        except LOST:
            self._line.hang_up()
            raise
        except BaseException:
            connection.rollback()
            raise
        return result

    def _opening(self, claims: Collection[Claim]) -> Composed:
        lock = SQL("; ").join(self.lock_table_statements)
        opening = _OPEN.format(lock=lock, channel=Identifier(self.channel_name))
        if not claims:
            return opening
        held = SQL(", ").join(SQL("({}, {})").format(*claim) for claim in claims)
        return opening + _COUNT_HELD.format(claims=held)

    def _insert_all(
        self, cursor: psycopg.Cursor[TupleRow], units: Sequence[AppendUnit]
    ) -> Positions:
        events = [event for unit in units for event in unit.events]
        answers = [unit.answer.row() for unit in units if unit.answer is not None]
        columns: list[Sequence[object]] = [*zip(*answers, strict=True)]
        columns += (
            [e.originator_id for e in events],
            [e.originator_version for e in events],
            [e.topic for e in events],
            [e.state for e in events],
        )
        insert = self._insert_with_answers if answers else self._insert
        cursor.execute(insert, [list(column) for column in columns], prepare=True)
        return [position for (position,) in cursor]

    def _sift_and_insert(
        self, cursor: psycopg.Cursor[TupleRow], units: Sequence[AppendUnit]
    ) -> list[Outcome]:
        outcomes, still_open = sift(units, self._find(cursor, units))
        chosen = [units[index] for index in still_open]
        if chosen:
            dealt = deal(chosen, self._insert_all(cursor, chosen))
            for index, outcome in zip(still_open, dealt, strict=True):
                outcomes[index] = outcome
        return outcomes

    def _find(self, cursor: psycopg.Cursor[TupleRow], units: Sequence[AppendUnit]) -> Found:
        events = [event for unit in units for event in unit.events]
        streams, versions = (
            [e.originator_id for e in events],
            [e.originator_version for e in events],
        )
        cursor.execute(self._find_events, (streams, versions))
        places = {(i, v): (position, bytes(state)) for i, v, position, state in cursor}
        answers = [unit.answer for unit in units if unit.answer is not None]
        cursor.execute(_FIND_ANSWERS, ([a.scope for a in answers], [a.key for a in answers]))
        return Found(places, {(scope, key): (f, spans) for scope, key, f, spans in cursor})

    def select_stream(self, stream_id: str, after: int, limit: int) -> Sequence[Notification]:
        return self._select(self._select_stream, stream_id, after, limit)

    def select_streams(self, after: Mapping[str, int], limit: int) -> Sequence[Notification]:
        return self._select(self._select_streams, [*after], [*after.values()], limit)

    def _select(self, query: Composed, *params: object) -> Sequence[Notification]:
        with self.datastore.cursor() as cursor:
            cursor.execute(query, params, prepare=True)
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
        connection = dial(self.datastore)
        connection.execute(SQL("LISTEN {}").format(Identifier(self.channel_name)))
        return connection

    def session(self, silent_seconds_max: int) -> psycopg.Connection[Any]:
        """A connection of its own, which the server ends once it has been silent for so long."""
        milliseconds = silent_seconds_max * 1_000
        connection = dial(self.datastore, tcp_user_timeout=milliseconds)
        connection.execute(SQL("SET idle_session_timeout = {}").format(milliseconds))
        connection.execute(SQL("SET lock_timeout = {}").format(milliseconds))
        return connection

    def close(self) -> None:
        with self._appending:
            self._line.hang_up()
        self.datastore.close()


def open_postgres(
    location: PostgresLocation, *, is_prepared: bool = False
) -> GroupPostgresRecorder:
    """Raises `StoreUnavailable` where the server, the database or the user is not there."""
    datastore = ClearPostgresDatastore(location)
    try:
        dial(datastore).close()
        recorder = GroupPostgresRecorder(datastore)
        if not is_prepared:
            recorder.create_tables()
    except (psycopg.Error, PersistenceError) as error:
        datastore.close()
        raise StoreUnavailable(unusable(datastore, error)) from error
    return recorder


def unusable(datastore: PostgresDatastore, error: BaseException) -> str:
    """One sentence with cause and remedy; it never shows the password."""
    where: Any = datastore.pool.kwargs
    cause = " ".join(str(error).split())
    return (
        f"PostgreSQL at {where['host']}:{where['port']}, database {where['dbname']!r}, cannot "
        f"be used ({cause}); check that it runs and ORDERLOG_DATABASE_URL."
    )


def _require_held(claims: Collection[Claim], opened: psycopg.Cursor[TupleRow]) -> None:
    """Of several statements that were sent together, the last one has counted what is held."""
    while opened.nextset():
        pass
    if opened.fetchone() != (len(claims),):
        raise NotOwner(claims)
