"""Read models that tests tell a log to: with a database, or as pure folds."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from orderlog.domain.aggregate import Event
from orderlog.eventstore.store import EventStore, RecordedEvent, open_store
from orderlog_projections import rebuild
from orderlog_projections.comparison import Comparison
from orderlog_projections.copies import Slot
from orderlog_projections.database import ReadDatabase
from orderlog_projections.projection import Fold, Projection
from orderlog_projections.registry import PROJECTIONS, open_read_models
from orderlog_projections.runner import ProjectionRunner
from tests.projections.shop import Log

T = TypeVar("T")
Row = TypeVar("Row", bound=msgspec.Struct)


@dataclass
class Kept:
    """Read models that follow what is told."""

    store: EventStore
    database: ReadDatabase
    runner: ProjectionRunner

    def tell(self, log: Log) -> None:
        """Appends what has happened since the last time and lets the read models catch up."""
        self.store.append(log.events[self.store.head() :])
        self.runner.catch_up()

    def ask(self, query: Callable[[Connection], T]) -> T:
        return self.database.read(query)


@contextmanager
def keep(url: str) -> Generator[Kept]:
    with closing(open_store(url)) as store, closing(open_read_models(store.location)) as database:
        yield Kept(store, database, ProjectionRunner(store, database, PROJECTIONS))


def built(kept: Kept, *projections: Projection) -> list[Comparison]:
    """Copies beside those that serve, made anew from the log and compared."""
    rebuild.begin(kept.database, projections, anew=True)
    rebuild.fill(kept.store, kept.database, projections, Slot.NEXT)
    return [rebuild.compare(kept.store, kept.database, one) for one in projections]


def rebuilt(kept: Kept, *projections: Projection) -> None:
    """The same, and put in their place."""
    built(kept, *projections)
    for one in projections:
        rebuild.switch(kept.store, kept.database, one)


def dump(database: ReadDatabase) -> dict[str, list[str]]:
    """Every row of every table, in a form that is equal only if every byte is."""

    def rows_of(connection: Connection) -> dict[str, list[str]]:
        return {
            table.name: sorted(
                repr(tuple(row)) for row in connection.execute(sa.select(table.table))
            )
            for projection in PROJECTIONS
            for table in projection.tables
        }

    return database.read(rows_of)


def rows_of(fold: Fold[Row], events: Sequence[Event]) -> dict[str, Row]:
    """The rows that a fold makes of a log, without a database."""
    page = [RecordedEvent(position, event) for position, event in enumerate(events, 1)]
    rows = {key: fold.apply(None, touching) for key, touching in fold.touched(page).items()}
    return {key: row for key, row in rows.items() if row is not None}


def row_of(fold: Fold[Row], log: Log) -> Row:
    """The only row that a log makes."""
    (row,) = rows_of(fold, log.events).values()
    return row
