"""A query that can be given up while it runs: then the database works no more for nobody."""

import sqlite3
from collections.abc import Callable
from threading import Lock, Thread
from typing import Any, Final, Generic, TypeAlias, TypeVar, cast

import psycopg
from sqlalchemy import Connection

CANCEL_SECONDS_MAX: Final = 5.0

T = TypeVar("T")

Query: TypeAlias = Callable[[Connection], T]


class GivenUp(Exception):
    """Nobody waits for the answer, so it was not even asked for."""


class Asking(Generic[T]):
    """One run of a query; `read` gives it a connection."""

    def __init__(self, read: Callable[[Query[T]], T], query: Query[T]) -> None:
        self._read = read
        self._query = query
        self._lock = Lock()
        self._connection: Connection | None = None
        self._is_given_up = False

    def answer(self) -> T:
        """Blocks. Raises what `read` raises, and anything at all once it was given up."""
        return self._read(self._answer)

    def give_up(self) -> None:
        """At once; what the database must be told is told in a thread."""
        self._is_given_up = True
        if self._connection is not None:
            Thread(target=self._interrupt, daemon=True).start()

    def _answer(self, connection: Connection) -> T:
        self._connection = connection
        try:
            if self._is_given_up:
                raise GivenUp
            return self._query(connection)
        finally:
            with self._lock:  # or the next one who has this connection would be interrupted
                self._connection = None

    def _interrupt(self) -> None:
        with self._lock:
            if self._connection is not None:
                interrupt(self._connection)


def interrupt(connection: Connection) -> None:
    """Ends what another thread asks by it."""
    driver: object = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        driver.interrupt()
    else:
        cast("psycopg.Connection[Any]", driver).cancel_safe(timeout=CANCEL_SECONDS_MAX)
