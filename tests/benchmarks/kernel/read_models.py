"""Read models as they are before anything was read: nothing there."""

from collections.abc import Generator
from contextlib import contextmanager, suppress

from sqlalchemy import text

from orderlog.eventstore.store import EventStore
from orderlog.eventstore.urls import SqliteLocation
from orderlog_projections.database import SCHEMA, ReadDatabase
from orderlog_projections.registry import open_read_models


@contextmanager
def new_read_models(store: EventStore) -> Generator[ReadDatabase]:
    """Empty ones, whatever was there before."""
    forget(store)
    database = open_read_models(store.location)
    try:
        yield database
    finally:
        database.close()


def forget(store: EventStore) -> None:
    location = store.location
    if isinstance(location, SqliteLocation):
        for ending in ("", "-wal", "-shm"):
            path = location.read_models_path
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).unlink()
        return
    database = ReadDatabase(location)
    with database.write() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
    database.close()
