"""Connections to PostgreSQL: the one that a process appends on, and no waiting in vain."""

import select
from collections.abc import Generator
from time import monotonic, sleep
from typing import Any, Final, TypeVar

import psycopg
from eventsourcing.postgres import PostgresDatastore
from psycopg.abc import PQGen
from psycopg.rows import TupleRow, tuple_row

CONNECT_TIMEOUT_SECONDS: Final = 5
LOCK_TIMEOUT_SECONDS: Final = 5
IDLE_SECONDS_MAX: Final = 3  # in a transaction: who is frozen in one must not stop the others
ANSWER_SECONDS_MAX: Final = 10.0
PATIENCE_SECONDS: Final = 10.0
PAUSE_SECONDS: Final = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)

LOST: Final = (psycopg.OperationalError, psycopg.InterfaceError)
"""What is worth another try: nobody answers, or not now."""

T = TypeVar("T")

_SESSION: Final = (
    f"SET lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'; "
    f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS_MAX}s'"
).encode()


class ImpatientConnection(psycopg.Connection[TupleRow]):
    """Gives up a server that stays silent: TCP alone would let us wait for ever."""

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        return super().wait(gen, interval, timeout or ANSWER_SECONDS_MAX)


def dial(datastore: PostgresDatastore, tcp_user_timeout: int | None = None) -> ImpatientConnection:
    """A connection of its own to the pool's database, each statement a transaction."""
    where: Any = datastore.pool.kwargs
    how = {
        "row_factory": tuple_row,
        "autocommit": True,
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "tcp_user_timeout": tcp_user_timeout,
    }
    connection = ImpatientConnection.connect(**where | how)
    connection.execute(_SESSION)
    return connection


def has_ended(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server has hung up meanwhile: nothing else speaks to us while we do not ask."""
    listener = select.poll()
    listener.register(connection.fileno(), select.POLLIN)
    return bool(listener.poll(0))


class Line:
    """One connection at a time, dialled when it is needed. For one thread.

    Whoever finds the server away waits for it once; until it is back the others are told at once.
    """

    def __init__(self, datastore: PostgresDatastore) -> None:
        self._datastore = datastore
        self._connection: ImpatientConnection | None = None
        self._is_away = False

    def connection(self) -> ImpatientConnection:
        """Raises what `LOST` names."""
        known = self._connection
        if known is None or known.closed or has_ended(known):
            self.hang_up()
            self._connection = dial(self._datastore)
            self._is_away = False
            return self._connection
        return known

    def hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def retries(self) -> Generator[None]:
        """Pauses that grow, until patience ends; the connection before is given up."""
        ends_at = monotonic() if self._is_away else monotonic() + PATIENCE_SECONDS
        pauses = [*PAUSE_SECONDS]
        while True:
            self.hang_up()
            if monotonic() >= ends_at:
                break
            sleep(pauses.pop(0) if len(pauses) > 1 else pauses[0])
            yield
        self._is_away = True
