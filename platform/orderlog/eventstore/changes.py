"""Noticing that the log has grown, whoever wrote: what a tail waits on.

In this process the append itself wakes us. Another process is noticed by `LISTEN` on PostgreSQL
and by `PRAGMA data_version` on SQLite. A safety read every second covers what both might miss.
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final, Protocol

import psycopg

from orderlog.eventstore.postgres import GroupPostgresRecorder
from orderlog.eventstore.store import EventStore
from orderlog.eventstore.urls import SqliteLocation

SQLITE_POLL_SECONDS: Final = 0.02
SAFETY_READ_SECONDS: Final = 1.0
LISTEN_SECONDS: Final = 0.2
RECONNECT_SECONDS: Final = 0.01
RECONNECT_SECONDS_MAX: Final = 1.0

Grown = Callable[[], object]
Begun = Callable[[], None]


class Watcher(Protocol):
    """Calls `grown` when the log may have grown. Runs in a thread of its own until `stopped`."""

    def watch(self, grown: Grown, stopped: threading.Event) -> None: ...


class SqliteWatcher:
    def __init__(self, path: Path) -> None:
        self._path = path

    def watch(self, grown: Grown, stopped: threading.Event) -> None:
        _again_and_again(lambda begun: self._poll(grown, begun, stopped), sqlite3.Error, stopped)

    def _poll(self, grown: Grown, begun: Begun, stopped: threading.Event) -> None:
        with closing(sqlite3.connect(self._path)) as connection:
            seen = None
            while not stopped.wait(SQLITE_POLL_SECONDS):
                (version,) = connection.execute("PRAGMA data_version").fetchone()
                if version != seen:
                    seen = version
                    begun()
                    grown()


class PostgresWatcher:
    """Leaves out what this process tells itself: it knows that already."""

    def __init__(self, recorder: GroupPostgresRecorder) -> None:
        self._recorder = recorder

    def watch(self, grown: Grown, stopped: threading.Event) -> None:
        _again_and_again(lambda begun: self._listen(grown, begun, stopped), psycopg.Error, stopped)

    def _listen(self, grown: Grown, begun: Begun, stopped: threading.Event) -> None:
        """What was written before somebody listened is told too."""
        with self._recorder.listen() as connection:
            begun()
            grown()
            while not stopped.is_set():
                for told in connection.notifies(timeout=LISTEN_SECONDS, stop_after=1):
                    if told.pid != self._recorder.backend:
                        grown()


def _again_and_again(
    attempt: Callable[[Begun], None], fault: type[Exception], stopped: threading.Event
) -> None:
    """Begins anew at once where a connection broke; less and less often where there is none."""
    pause = RECONNECT_SECONDS

    def begun() -> None:
        nonlocal pause
        pause = RECONNECT_SECONDS

    while not stopped.is_set():
        try:
            attempt(begun)
        except fault:
            stopped.wait(pause)
            pause = min(2 * pause, RECONNECT_SECONDS_MAX)


class Watch:
    """Lets all who listen to a store's appends hear of those of other processes too."""

    def __init__(self, store: EventStore) -> None:
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=watcher_of(store).watch,
            args=(store.has_grown, self._stopped),
            name="orderlog-watcher",
            daemon=True,
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()


def watcher_of(store: EventStore) -> Watcher:
    """The way in which this store's database tells of other processes' appends."""
    if isinstance(store.location, SqliteLocation):
        return SqliteWatcher(store.location.path)
    if isinstance(store.recorder, GroupPostgresRecorder):
        return PostgresWatcher(store.recorder)
    message = f"nothing watches {store.location!r}"
    raise TypeError(message)
