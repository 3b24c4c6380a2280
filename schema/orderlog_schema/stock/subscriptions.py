"""Watched: which stock items change."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry
from strawberry import UNSET

from orderlog_projections.stock_levels.queries import changed_stock, find_stock
from orderlog_projections.stock_levels.tables import StockLevel
from orderlog_schema.arguments import ResumePosition
from orderlog_schema.changes import changes
from orderlog_schema.context import Info
from orderlog_schema.fields import watched
from orderlog_schema.given import given
from orderlog_schema.scalars import Position
from orderlog_schema.stock.types import StockChange, StockItem


@strawberry.type
class StockSubscriptions:
    @watched("Stock items as they change, one entry per stock item.")
    async def stock_changed(
        self,
        info: Info,
        sku: Annotated[str | None, strawberry.argument(description="Only this SKU.")] = UNSET,
        warehouse_id: Annotated[
            str | None, strawberry.argument(description="Only this warehouse.")
        ] = UNSET,
        after: ResumePosition = UNSET,
    ) -> AsyncGenerator[StockChange]:
        read = info.context.read_models.read
        rows = changes(
            info.context.read_models,
            "stock_levels",
            given(after),
            lambda past, limit: read(lambda c: changed_stock(c, past, limit)),
            lambda keys: read(lambda c: find_stock(c, keys)),
        )
        async with aclosing(rows):
            async for row in rows:
                if is_wanted(row, given(sku), given(warehouse_id)):
                    yield StockChange(position=Position(row.position), stock_item=StockItem.of(row))


def is_wanted(row: StockLevel, sku: str | None, warehouse_id: str | None) -> bool:
    return sku in {None, row.sku} and warehouse_id in {None, row.warehouse_id}
