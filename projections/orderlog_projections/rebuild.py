"""Read models made again from the log: tables dropped, checkpoints at 0, every event once more."""

from collections.abc import Sequence

from orderlog.eventstore.store import EventStore
from orderlog_projections import checkpoints, dead_letters
from orderlog_projections.database import ReadDatabase
from orderlog_projections.projection import Projection
from orderlog_projections.runner import OnProgress, ProjectionRunner


def rebuild(
    store: EventStore,
    database: ReadDatabase,
    projections: Sequence[Projection],
    on_progress: OnProgress | None = None,
) -> None:
    """Blocking. Raises `ProjectionStopped`, `StoreError`.

    Readers see the old rows until the tables are dropped, then the new ones as they come. If it is
    broken off, the next run goes on where it was.
    """
    empty(database, projections)
    ProjectionRunner(store, database, projections).catch_up(on_progress)


def empty(database: ReadDatabase, projections: Sequence[Projection]) -> None:
    """Drops the tables, creates them as the code has them now, and rewinds the checkpoints."""
    database.create(projections)
    with database.write() as connection:
        names = [projection.key for projection in projections]
        checkpoints.rewind(connection, names)
        dead_letters.forget(connection, names)
        for projection in projections:
            for table in projection.tables:
                table.drop(connection)
                table.create(connection)
