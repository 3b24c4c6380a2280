"""One process at a time works on a SQLite log: a second one would do everything twice, slowly."""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager

from orderlog.eventstore.errors import StoreMisconfigured, StoreUnavailable
from orderlog.eventstore.urls import Location, SqliteLocation, parse_url


def require_sharing(database_url: str, instead: str) -> None:
    """Raises `StoreMisconfigured` where several processes cannot write the same log."""
    if isinstance(parse_url(database_url), SqliteLocation):
        message = (
            "On SQLite one process writes the log, as two would wait for each other at each "
            f"commit: {instead}, or choose PostgreSQL with --database-url."
        )
        raise StoreMisconfigured(message)


@contextmanager
def owned(location: Location) -> Generator[None]:
    """Holds a lock that ends with the process, however it ends. Raises `StoreUnavailable`.

    The lock is a transaction on an empty file beside the log, so that readers of the log are free.
    """
    if not isinstance(location, SqliteLocation):
        yield
        return
    path = location.path
    lock = sqlite3.connect(
        path.with_name(f"{path.stem}-owner{path.suffix}"), timeout=0, check_same_thread=False
    )
    with closing(lock):
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            message = (
                f"Another orderlog process works on {path} ({error}); stop that first, or choose "
                "another file with --database-url."
            )
            raise StoreUnavailable(message) from error
        yield
