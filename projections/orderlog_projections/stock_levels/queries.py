"""Asking for stock: one item, or a list by SKU and warehouse."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from orderlog.domain.stock.commands import stock_stream
from orderlog_projections.columns import storable
from orderlog_projections.paging import Keyset, Listing, Page, Window
from orderlog_projections.stock_levels.tables import STOCK_LEVELS, StockLevel

NAME: Final = "stock_levels"
StockLevelPage = Page[StockLevel]

_LEVELS: Final = Listing(NAME, STOCK_LEVELS)
_BY_SKU: Final = Keyset("SKU", STOCK_LEVELS.c.sku, STOCK_LEVELS.c.warehouse_id)


def list_stock(
    connection: Connection,
    window: Window = Window(),  # noqa: B008 - frozen
    *,
    sku_prefix: str | None = None,
    warehouse_id: str | None = None,
    with_count: bool = True,
) -> StockLevelPage:
    """By SKU, then warehouse. Raises `PAGE_TOO_LARGE`, `INVALID_CURSOR`."""
    c = STOCK_LEVELS.c
    conditions = [
        *([c.sku.startswith(storable(sku_prefix), autoescape=True)] if sku_prefix else []),
        *([c.warehouse_id == storable(warehouse_id)] if warehouse_id is not None else []),
    ]
    query = _LEVELS.query(conditions, _BY_SKU, window)
    return _LEVELS.page(connection, query, with_count=with_count)


def get_stock(connection: Connection, warehouse_id: str, sku: str) -> StockLevel | None:
    levels = find_stock(connection, [stock_stream(warehouse_id, sku)])
    return levels[0] if levels else None


def find_stock(connection: Connection, stream_ids: Sequence[str]) -> list[StockLevel]:
    """The levels of these stock streams, in no order; unknown ones are left out."""
    return STOCK_LEVELS.find(connection, [storable(stream_id) for stream_id in stream_ids])


def changed_stock(
    connection: Connection,
    after: int,
    limit: int,
    *,
    sku: str | None = None,
    warehouse_id: str | None = None,
) -> list[StockLevel]:
    """Levels that changed after a position, by position; of one SKU or warehouse where given."""
    c = STOCK_LEVELS.c
    conditions = [
        column == storable(wanted)
        for column, wanted in ((c.sku, sku), (c.warehouse_id, warehouse_id))
        if wanted is not None
    ]
    return _LEVELS.changed(connection, conditions, after, limit)
