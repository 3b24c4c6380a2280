"""How far each projection has come, kept in the database of its tables.

A checkpoint belongs to one copy of a read model and is named by its key: `order_list__next`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from orderlog_projections.columns import micros

CHECKPOINTS: Final = sa.Table(
    "projection_checkpoints",
    sa.MetaData(),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
)


class CheckpointMoved(Exception):
    """Another process has applied this page, or a rebuild has begun: what we hold is outdated."""


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


def position_of(connection: Connection, name: str) -> int:
    """0 where the projection was never run."""
    query = sa.select(CHECKPOINTS.c.position).where(CHECKPOINTS.c.name == name)
    return connection.execute(query).scalar() or 0


def move(connection: Connection, names: Sequence[str], previous: int, position: int) -> None:
    """Moves checkpoints together, each exactly from `previous`. Raises `CheckpointMoved`."""
    moved = connection.execute(
        sa.update(CHECKPOINTS)
        .where(CHECKPOINTS.c.name.in_(names), CHECKPOINTS.c.position == previous)
        .values(position=position, updated_at=_now())
    )
    if moved.rowcount != len(names):
        message = f"Not all of {', '.join(names)} stand at position {previous} any more."
        raise CheckpointMoved(message)


def rewind(connection: Connection, names: Sequence[str]) -> None:
    """Sets checkpoints to the beginning of the log."""
    connection.execute(
        sa.update(CHECKPOINTS)
        .where(CHECKPOINTS.c.name.in_(names))
        .values(position=0, updated_at=_now())
    )


def _now() -> int:
    return micros(datetime.now(UTC))
