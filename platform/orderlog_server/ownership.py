"""One process at a time works on a SQLite log: a second one would do everything twice, slowly."""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager

from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.urls import Location, SqliteLocation


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
