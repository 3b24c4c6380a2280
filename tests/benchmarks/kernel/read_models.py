"""Read models as they are before anything was read: nothing there."""

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

from sqlalchemy import text

from orderlog.eventstore.store import EventStore, open_store
from orderlog.eventstore.urls import SqliteLocation
from orderlog.processes.runner import CONSUMER
from orderlog_projections.database import SCHEMA, ReadDatabase
from orderlog_projections.registry import PROJECTIONS, open_read_models
from orderlog_projections.runner import ProjectionRunner


@contextmanager
def new_read_models(store: EventStore) -> Generator[ReadDatabase]:
    """Empty ones, whatever was there before."""
    forget(store)
    database = open_read_models(store.location)
    try:
        yield database
    finally:
        database.close()


def lived(url: str, append: Callable[[EventStore], int]) -> int:
    """Fills a log as if it was served before, with nothing left to be done; returns its head."""
    store = open_store(url)
    head = append(store)
    with new_read_models(store) as database:
        ProjectionRunner(store, database, PROJECTIONS).catch_up()
    store.move_checkpoint(CONSUMER, head)
    store.close()
    return head


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
