"""How far each projection has come, kept in the database of its tables.

A checkpoint belongs to one copy of a read model and is named by its key: `order_list__next`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from orderlog_projections.columns import micros

CHECKPOINTS: Final = sa.Table(
    "projection_checkpoints",
    sa.MetaData(),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("replays", sa.BigInteger, nullable=False, server_default="0"),
)
"""`replays` counts what was done about dead letters: a runner that has not seen it is refused."""


_MOVE: Final = (
    sa.update(CHECKPOINTS)
    .where(
        sa.tuple_(CHECKPOINTS.c.name, CHECKPOINTS.c.position, CHECKPOINTS.c.replays).in_(
            sa.bindparam("known", expanding=True)
        )
    )
    .values(position=sa.bindparam("reached"), updated_at=sa.bindparam("now"))
)

_POSITION: Final = sa.select(CHECKPOINTS.c.position).where(
    CHECKPOINTS.c.name == sa.bindparam("name")
)


class CheckpointMoved(Exception):
    """Another process has applied this page, a rebuild has begun, or dead letters were replayed.

    What we hold is outdated.
    """


class Standing(NamedTuple):
    """How far a projection is, and how often its dead letters were replayed or discarded."""

    position: int
    replays: int


BEGINNING: Final = Standing(0, 0)


def create(connection: Connection) -> None:
    """Creates the table, or adds what one that an older version made lacks."""
    CHECKPOINTS.create(connection, checkfirst=True)
    known = {column["name"] for column in sa.inspect(connection).get_columns(CHECKPOINTS.name)}
    if "replays" not in known:
        table = CHECKPOINTS.name
        connection.exec_driver_sql(
            f"ALTER TABLE {table} ADD COLUMN replays BIGINT NOT NULL DEFAULT 0"
        )


def add_missing(connection: Connection, names: Sequence[str]) -> None:
    """Starts checkpoints at 0 for projections that have none."""
    missing = set(names) - positions(connection).keys()
    rows = [{"name": name, "position": 0, "updated_at": _now()} for name in sorted(missing)]
    if rows:
        connection.execute(sa.insert(CHECKPOINTS), rows)


def positions(connection: Connection) -> dict[str, int]:
    """The position of every projection that was ever run here."""
    rows = connection.execute(sa.select(CHECKPOINTS.c.name, CHECKPOINTS.c.position))
    return {row.name: row.position for row in rows}


def standings(connection: Connection) -> dict[str, Standing]:
    """What a runner must know of every projection that was ever run here."""
    c = CHECKPOINTS.c
    rows = connection.execute(sa.select(c.name, c.position, c.replays))
    return {row.name: Standing(row.position, row.replays) for row in rows}


def position_of(connection: Connection, name: str) -> int:
    """0 where the projection was never run."""
    return connection.execute(_POSITION, {"name": name}).scalar() or 0


def move(connection: Connection, standings: Mapping[str, Standing], position: int) -> None:
    """Moves checkpoints together, each from exactly where it stands. Raises `CheckpointMoved`."""
    known = [(name, *standing) for name, standing in standings.items()]
    moved = connection.execute(_MOVE, {"known": known, "reached": position, "now": _now()})
    if moved.rowcount != len(known):
        message = f"Not all of {', '.join(standings)} stand where they stood."
        raise CheckpointMoved(message)


def count_replay(connection: Connection, name: str) -> None:
    """Keeps the runner's pages out until the transaction ends, and tells it then."""
    c = CHECKPOINTS.c
    connection.execute(sa.update(CHECKPOINTS).where(c.name == name).values(replays=c.replays + 1))


def hold(connection: Connection, name: str) -> Standing:
    """Where a checkpoint stands, from which it cannot move until the transaction ends."""
    c = CHECKPOINTS.c
    query = sa.select(c.position, c.replays).where(c.name == name).with_for_update()
    return Standing(*connection.execute(query).one())


def rename(connection: Connection, name: str, new_name: str) -> None:
    """The checkpoint of one copy is that of another from now on."""
    connection.execute(
        sa.update(CHECKPOINTS).where(CHECKPOINTS.c.name == name).values(name=new_name)
    )


def set_replays(connection: Connection, name: str, replays: int) -> None:
    """A runner that has seen another count will read anew what it knows."""
    connection.execute(
        sa.update(CHECKPOINTS).where(CHECKPOINTS.c.name == name).values(replays=replays)
    )


def forget(connection: Connection, name: str) -> None:
    connection.execute(sa.delete(CHECKPOINTS).where(CHECKPOINTS.c.name == name))


def _now() -> int:
    return micros(datetime.now(UTC))
