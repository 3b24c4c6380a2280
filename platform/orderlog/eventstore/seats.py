"""Where a process takes the duties that it does, and holds them.

On PostgreSQL a session of its own holds an advisory lock for each. The server lets go of them when
the session ends, however it ends, and ends it when it has been silent for too long.
On SQLite one process owns the file, and with it everything.
"""

import os
import socket
from collections.abc import Iterable
from typing import Any, Final, LiteralString, Protocol

import psycopg

from orderlog.eventstore.claims import SOLE_EPOCH, Claim, Claims
from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.postgres import GroupPostgresRecorder
from orderlog.eventstore.store import EventStore

LOCK_CLASS: Final = 0x6F726465
"""The first half of the keys of our advisory locks; the second is made of the duty's name."""

_TRY: Final[LiteralString] = "SELECT pg_try_advisory_lock(%s, hashtext(%s))"
_NEXT_EPOCH: Final[LiteralString] = (
    "INSERT INTO owners (duty, epoch, holder) VALUES (%s, 1, %s) ON CONFLICT (duty) "
    "DO UPDATE SET epoch = owners.epoch + 1, holder = excluded.holder RETURNING epoch"
)


class Seat(Protocol):
    """Used by one thread at a time."""

    is_contested: bool
    """Whether what is held may be lost, and what is not held may become free."""

    def hold(self, duties: Iterable[str]) -> Claims:
        """Takes what is free of these; what is ours now. Raises `StoreUnavailable`: nothing is."""
        ...

    def release(self) -> None:
        """Lets go of everything."""
        ...


class SoleSeat:
    """Of the one process that may work on a file."""

    is_contested = False

    def hold(self, duties: Iterable[str]) -> Claims:
        return {duty: Claim(duty, SOLE_EPOCH) for duty in duties}

    def release(self) -> None:
        """Nobody waits for it."""


class PostgresSeat:
    """A session that must say something every few seconds, or lose what it holds."""

    is_contested = True

    def __init__(self, recorder: GroupPostgresRecorder, silent_seconds_max: int) -> None:
        self._recorder = recorder
        self._silent_seconds_max = silent_seconds_max
        self._session: psycopg.Connection[Any] | None = None
        self._claims: dict[str, Claim] = {}

    def hold(self, duties: Iterable[str]) -> Claims:
        try:
            session = self._session = self._session or self._recorder.session(
                self._silent_seconds_max
            )
            session.execute("SELECT 1")
            for duty in duties:
                if duty not in self._claims and _first(session, _TRY, (LOCK_CLASS, duty)):
                    self._claims[duty] = Claim(
                        duty, _first(session, _NEXT_EPOCH, (duty, _holder()))
                    )
        except psycopg.Error as error:
            self.release()
            cause = " ".join(str(error).split())
            message = f"What this process owns is lost, as the database cannot be asked ({cause})."
            raise StoreUnavailable(message) from error
        return dict(self._claims)

    def release(self) -> None:
        self._claims.clear()
        if self._session is not None:
            self._session.close()
        self._session = None


def seat_of(store: EventStore, silent_seconds_max: int) -> Seat:
    """The seat that a store's database offers to this process."""
    if isinstance(store.recorder, GroupPostgresRecorder):
        return PostgresSeat(store.recorder, silent_seconds_max)
    return SoleSeat()


def _first(session: psycopg.Connection[Any], query: LiteralString, params: tuple[Any, ...]) -> Any:  # noqa: ANN401 - a value of the database
    row = session.execute(query, params).fetchone()
    assert row is not None  # noqa: S101 - each of these queries has a row
    return row[0]


def _holder() -> str:
    """Who it is, for people who look."""
    return f"{socket.gethostname()}/{os.getpid()}"
