"""Asking for what happened to an order: forward from a position, or the newest first."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from orderlog_projections.columns import INTEGER_MAX, storable
from orderlog_projections.order_history.tables import ORDER_HISTORY, HistoryEntry
from orderlog_projections.paging import PAGE_ROWS_MAX, Condition

NAME: Final = "order_history"
CHECKPOINT: Final = ORDER_HISTORY.copy.named(NAME)


def history_after(
    connection: Connection,
    order_id: str,
    after: int = 0,
    limit: int = PAGE_ROWS_MAX,
    until: int = INTEGER_MAX,
) -> list[HistoryEntry]:
    """Up to `limit` (at most 100) entries after a position and up to another, oldest first."""
    c = ORDER_HISTORY.c
    edge = sa.and_(c.position > min(after, INTEGER_MAX), c.position <= until)
    return _read(connection, order_id, edge, c.position, limit)


def history_before(
    connection: Connection, order_id: str, before: int | None = None, limit: int = PAGE_ROWS_MAX
) -> list[HistoryEntry]:
    """Up to `limit` (at most 100) entries before a position (None: the end), newest first."""
    c = ORDER_HISTORY.c
    edge = c.position < min(INTEGER_MAX if before is None else before, INTEGER_MAX)
    return _read(connection, order_id, edge, c.position.desc(), limit)


def streams_of(connection: Connection, order_id: str) -> set[str]:
    """The streams of an order, its payments and its processes."""
    c = ORDER_HISTORY.c
    query = sa.select(c.stream_id).distinct().where(c.order_id == storable(order_id))
    return set(connection.execute(query).scalars())


def _read(
    connection: Connection,
    order_id: str,
    edge: Condition,
    order: sa.ColumnElement[int],
    limit: int,
) -> list[HistoryEntry]:
    query = (
        sa.select(*ORDER_HISTORY.table.columns)
        .where(ORDER_HISTORY.c.order_id == storable(order_id), edge)
        .order_by(order)
        .limit(max(0, min(limit, PAGE_ROWS_MAX)))
    )
    return [ORDER_HISTORY.load(tuple(values)) for values in connection.execute(query)]
