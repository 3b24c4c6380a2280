"""Events that read models have set aside, beside the tables that wait for them.

The first letter of a key says why; those behind it wait. The row of the key stands as it was
before the first.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from orderlog_projections.columns import storable
from orderlog_projections.copies import SLOT_MARK
from orderlog_projections.paging import Condition, Keyset, Listing, Page, Window
from orderlog_projections.parking import Parked
from orderlog_projections.reach import EVERYTHING, Reach
from orderlog_projections.rows import row_table

Parking = dict[str, dict[str, set[str]]]
"""Parked keys by the names of projection and table."""


class DeadLetter(msgspec.Struct, frozen=True):
    """A parked event. `projection` is the key of one copy, `table_name` the title of its table.

    `key` is that of the row, or a stream where the row is not known.
    `error` is null where it only waits behind another, `channel_id` where it could not be read.
    """

    letter_id: str
    projection: str
    table_name: str
    key: str
    position: int
    stream_id: str
    version: int
    topic: str
    error: str | None
    parked_at: datetime
    channel_id: str | None = None


DEAD_LETTERS: Final = row_table(
    "dead_letters",
    DeadLetter,
    key=["letter_id"],
    indexes=[["projection", "key", "position"], ["position"]],
)
LISTING: Final = Listing("dead_letters", DEAD_LETTERS)
_BY_POSITION: Final = Keyset("POSITION", DEAD_LETTERS.c.position, DEAD_LETTERS.c.letter_id)


class ParkedKey(NamedTuple):
    """A key that waits: its first letter, and how many events there are in all."""

    first: DeadLetter
    event_count: int
    last_position: int


def create(connection: Connection) -> None:
    """Creates the table, or adds what one that an older version made lacks."""
    DEAD_LETTERS.create(connection)
    known = {column["name"] for column in sa.inspect(connection).get_columns(DEAD_LETTERS.name)}
    if "channel_id" not in known:
        connection.exec_driver_sql(f"ALTER TABLE {DEAD_LETTERS.name} ADD COLUMN channel_id TEXT")


def add(connection: Connection, projection: str, parked: Iterable[Parked]) -> None:
    now = datetime.now(UTC)
    DEAD_LETTERS.insert(connection, (_letter(projection, one, now) for one in parked))


def _letter(projection: str, parked: Parked, now: datetime) -> DeadLetter:
    return DeadLetter(
        letter_id=_letter_id(projection, parked.table, parked.position),
        projection=projection,
        table_name=parked.table,
        key=parked.key,
        position=parked.position,
        stream_id=parked.stream_id,
        version=parked.version,
        topic=parked.topic,
        error=parked.error,
        parked_at=now,
        channel_id=parked.channel_id,
    )


def _letter_id(projection: str, table: str, position: int) -> str:
    return f"{projection}/{table}/{position}"


def parking(connection: Connection) -> Parking:
    """Every parked key."""
    c = DEAD_LETTERS.c
    query = sa.select(c.projection, c.table_name, c.key).where(c.error.is_not(None))
    found: Parking = {}
    for projection, table, key in connection.execute(query):
        found.setdefault(projection, {}).setdefault(table, set()).add(key)
    return found


def counts(connection: Connection) -> dict[str, int]:
    """How many keys each projection has parked, where there are any."""
    c = DEAD_LETTERS.c
    query = sa.select(c.projection, sa.func.count()).where(c.error.is_not(None))
    return {row[0]: row[1] for row in connection.execute(query.group_by(c.projection))}


def letters_of(
    connection: Connection, projection: str, key: str, table: str | None = None
) -> list[DeadLetter]:
    """The events of a key, in order; of all tables where none is named."""
    c = DEAD_LETTERS.c
    conditions = [c.projection == storable(projection), c.key == storable(key)]
    if table is not None:
        conditions.append(c.table_name == storable(table))
    return sorted(LISTING.rows(connection, conditions), key=lambda one: one.position)


def firsts(connection: Connection, projection: str) -> list[DeadLetter]:
    """The first letter of each parked key of a projection, in the order of the log."""
    c = DEAD_LETTERS.c
    found = LISTING.rows(connection, [c.error.is_not(None), c.projection == projection])
    return sorted(found, key=lambda one: one.position)


def page_of_keys(
    connection: Connection,
    window: Window,
    projections: Collection[str] | None = None,
    reach: Reach = EVERYTHING,
) -> tuple[Page[DeadLetter], list[ParkedKey]]:
    """Parked keys of what serves, in the order of the log, of some projections or of all.

    The page is that of their first letters. Raises `PAGE_TOO_LARGE`, `INVALID_CURSOR`.
    """
    c = DEAD_LETTERS.c
    is_beside = c.projection.contains(SLOT_MARK, autoescape=True)
    conditions: list[Condition] = [c.error.is_not(None), ~is_beside, *reach.conditions(c)]
    if projections is not None:
        conditions.append(c.projection.in_(list(map(storable, projections))))
    page = LISTING.page(
        connection, LISTING.query(conditions, _BY_POSITION, window), with_count=False
    )
    return page, _counted(connection, page.rows)


def _counted(connection: Connection, firsts: Sequence[DeadLetter]) -> list[ParkedKey]:
    c = DEAD_LETTERS.c
    query = (
        sa.select(c.projection, c.table_name, c.key, sa.func.count(), sa.func.max(c.position))
        .where(c.key.in_([one.key for one in firsts]))
        .group_by(c.projection, c.table_name, c.key)
    )
    found = {tuple(place): (count, last) for *place, count, last in connection.execute(query)}
    return [ParkedKey(one, *found[one.projection, one.table_name, one.key]) for one in firsts]


def remove(connection: Connection, letters: Iterable[DeadLetter]) -> None:
    DEAD_LETTERS.delete(connection, [one.letter_id for one in letters])


def rename(connection: Connection, projection: str, other: str) -> None:
    """The letters of one copy of a read model are those of another from now on."""
    held = LISTING.rows(connection, [DEAD_LETTERS.c.projection == projection])
    remove(connection, held)
    renamed = (
        msgspec.structs.replace(
            one, projection=other, letter_id=_letter_id(other, one.table_name, one.position)
        )
        for one in held
    )
    DEAD_LETTERS.insert(connection, renamed)


def forget(connection: Connection, projections: Sequence[str]) -> None:
    """Takes away all letters of projections: they begin again."""
    connection.execute(
        sa.delete(DEAD_LETTERS.table).where(DEAD_LETTERS.c.projection.in_(projections))
    )
