"""Read models made again beside those that answer, compared with them, and put in their place.

`fill` follows the log with a copy, from the beginning to where the serving one is. `compare` and
`switch` bring both to the same position, for a moment in which the serving one cannot move: so a
comparison compares what should be equal, and neither the server's runner nor a reader notices the
switch. Each step can be broken off and taken again.
"""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from orderlog.eventstore.store import EventStore
from orderlog_projections import checkpoints, comparison, dead_letters
from orderlog_projections.checkpoints import Standing
from orderlog_projections.comparison import Comparison
from orderlog_projections.copies import Slot
from orderlog_projections.database import ReadDatabase, TablesInUse
from orderlog_projections.projection import Projection
from orderlog_projections.rows import RowTable
from orderlog_projections.runner import PAGE_EVENTS_MAX, OnProgress, ProjectionRunner

SWITCH_SECONDS_MAX: Final = 60
SWITCH_PAUSE_SECONDS: Final = 0.2
DROP_PAUSE_SECONDS: Final = 0.002
"""In which others that wait for SQLite's write lock get it."""
LEVEL_ATTEMPTS_MAX: Final = 100


class NeverLevel(Exception):
    """The serving copy moved on, each time, before both could be read."""


def standing(
    database: ReadDatabase, projections: Iterable[Projection], slot: Slot
) -> tuple[Projection, ...]:
    """Those that have a copy in a slot."""
    known = database.read(checkpoints.positions)
    return tuple(one for one in projections if one.beside(slot).key in known)


def build(
    store: EventStore,
    database: ReadDatabase,
    projections: Iterable[Projection],
    on_progress: OnProgress | None = None,
) -> tuple[Projection, ...]:
    """Brings those to the end of the log that have read nothing of it yet, and returns them.

    There is nothing to keep beside them. Raises `ProjectionStopped`.
    """
    known = database.read(checkpoints.positions)
    unread = tuple(one for one in projections if known[one.key] == 0)
    if unread:
        ProjectionRunner(store, database, unread).catch_up(on_progress)
    return unread


def begin(database: ReadDatabase, projections: Sequence[Projection], *, anew: bool = False) -> None:
    """Creates the next copies, empty, where there are none yet; `anew` drops those there are."""
    begun = () if anew else standing(database, projections, Slot.NEXT)
    drop(database, [one for one in projections if one not in begun], Slot.NEXT)
    database.create([one.beside(Slot.NEXT) for one in projections])


def fill(
    store: EventStore,
    database: ReadDatabase,
    projections: Iterable[Projection],
    slot: Slot,
    on_progress: OnProgress | None = None,
) -> None:
    """Brings copies near those that serve, but no further: these may be behind the log.

    One pass over the log. Broken off, it goes on where it was. Raises `ProjectionStopped`.
    """
    projections = tuple(projections)
    _approach(store, database, projections, slot, on_progress)
    with database.write() as connection:
        for table in (table for one in projections for table in one.beside(slot).tables):
            table.analyze(connection)


def _approach(
    store: EventStore,
    database: ReadDatabase,
    projections: Sequence[Projection],
    slot: Slot,
    on_progress: OnProgress | None = None,
) -> None:
    """Until they are a page behind at most."""
    while distances := _distances(database, projections, slot):
        for until in sorted({one.serving for one in distances}):
            copies = [one.copy for one in distances if one.serving >= until]
            ProjectionRunner(store, database, copies).catch_up(on_progress, until)


class _Distance(NamedTuple):
    copy: Projection
    serving: int


def _distances(
    database: ReadDatabase, projections: Iterable[Projection], slot: Slot
) -> list[_Distance]:
    """The copies that are more than a page behind, and how far those are that serve."""
    known = database.read(checkpoints.positions)
    pairs = [_Distance(one.beside(slot), known[one.key]) for one in projections]
    return [one for one in pairs if one.serving - known[one.copy.key] > PAGE_EVENTS_MAX]


def compare(
    store: EventStore, database: ReadDatabase, projection: Projection, slot: Slot = Slot.NEXT
) -> Comparison:
    """All rows of a copy and the serving one, at the same position. Raises `NeverLevel`."""
    _approach(store, database, [projection], slot)
    other = projection.beside(slot)
    level = partial(_level, store, database, projection, other)
    for _ in range(LEVEL_ATTEMPTS_MAX):
        _hold(database, level)
        if report := database.read(partial(_compare_if_level, projection, other)):
            return report
    message = f"{projection.name} moves on too fast to be compared; try again in a quiet moment."
    raise NeverLevel(message)


def _compare_if_level(
    serving: Projection, other: Projection, connection: Connection
) -> Comparison | None:
    known = checkpoints.positions(connection)
    if known[serving.key] != known[other.key]:
        return None
    return comparison.compare(connection, serving, other, known[serving.key])


def switch(
    store: EventStore, database: ReadDatabase, projection: Projection, slot: Slot = Slot.NEXT
) -> None:
    """Puts a copy in the place of the serving one, which becomes the previous one.

    Raises `TablesInUse` where readers never leave the tables alone.
    """
    if slot is Slot.NEXT:
        drop(database, [projection], Slot.PREVIOUS)
    _approach(store, database, [projection], slot)
    incoming = projection.beside(slot)

    def change_places(connection: Connection) -> None:
        known = _level(store, database, projection, incoming, connection)
        _move(connection, incoming, Slot.INCOMING)
        _move(connection, projection, Slot.PREVIOUS)
        _move(connection, projection.beside(Slot.INCOMING), Slot.SERVING)
        checkpoints.set_replays(connection, projection.key, known.replays + 1)

    _hold(database, change_places)


def drop(database: ReadDatabase, projections: Iterable[Projection], slot: Slot) -> None:
    """Takes copies away, where there are any, and what is left of them.

    Without its checkpoint a copy is none, so that nobody takes half of one for a whole.
    """
    for copy in [one.beside(slot) for one in projections]:
        with database.write() as connection:
            checkpoints.forget(connection, copy.key)
            dead_letters.forget(connection, [copy.key])
        for table in copy.tables:
            while _drop_part(database, table):
                time.sleep(DROP_PAUSE_SECONDS)


def _drop_part(database: ReadDatabase, table: RowTable[Any]) -> bool:
    with database.write() as connection:
        return table.drop_part(connection)


def _level(
    store: EventStore,
    database: ReadDatabase,
    serving: Projection,
    other: Projection,
    held: Connection,
) -> Standing:
    """Brings the other copy to where the serving one stands, and cannot leave while it is held."""
    known = checkpoints.hold(held, serving.key)
    runner = ProjectionRunner(store, database.beneath(held), [other])
    runner.catch_up(until=known.position)
    return known


def _move(connection: Connection, projection: Projection, slot: Slot) -> None:
    for table in projection.tables:
        table.rename(connection, slot)
    key, other = projection.key, projection.beside(slot).key
    checkpoints.rename(connection, key, other)
    dead_letters.rename(connection, key, other)


def _hold(database: ReadDatabase, work: Callable[[Connection], object]) -> None:
    """A transaction that gives way to readers, again and again, rather than to stop them."""
    give_up_at = time.monotonic() + SWITCH_SECONDS_MAX
    while True:
        try:
            with database.write_impatiently() as connection:
                work(connection)
        except TablesInUse:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(random.uniform(0, SWITCH_PAUSE_SECONDS))  # noqa: S311 - nothing to guess
        else:
            return
