"""Watched: which stock items change."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated

import strawberry
from strawberry import UNSET

from orderlog.consumers.following import follow
from orderlog_projections.stock_levels.queries import NAME, changed_stock, find_stock
from orderlog_projections.stock_levels.tables import StockLevel
from orderlog_schema.arguments import ResumePosition
from orderlog_schema.changes import RowSource
from orderlog_schema.context import Info, ReadModels
from orderlog_schema.cost import WATCHING
from orderlog_schema.fields import watched
from orderlog_schema.given import given
from orderlog_schema.permissions import STAFF
from orderlog_schema.scalars import Position
from orderlog_schema.stock.types import StockChange, StockItem


@strawberry.type
class StockSubscriptions:
    @watched("Stock items as they change, one entry per stock item.", WATCHING, to=STAFF)
    async def stock_changed(
        self,
        info: Info,
        sku: Annotated[str | None, strawberry.argument(description="Only this SKU.")] = UNSET,
        warehouse_id: Annotated[
            str | None, strawberry.argument(description="Only this warehouse.")
        ] = UNSET,
        after: ResumePosition = UNSET,
    ) -> AsyncGenerator[StockChange]:
        context = info.context
        source = stock_source(context.read_models, given(sku), given(warehouse_id))
        async with aclosing(follow(source, given(after), context.reading)) as changes:
            async for row in changes:
                yield StockChange(position=Position(row.position), stock_item=StockItem(row=row))


def stock_source(
    read_models: ReadModels, sku: str | None, warehouse_id: str | None
) -> RowSource[StockLevel]:
    async def past(after: int, limit: int) -> Sequence[StockLevel]:
        return await read_models.read(
            lambda c: changed_stock(c, after, limit, sku=sku, warehouse_id=warehouse_id)
        )

    async def present(keys: Sequence[str]) -> Sequence[StockLevel]:
        rows = await read_models.read(lambda c: find_stock(c, keys))
        return [
            row
            for row in rows
            if sku in {None, row.sku} and warehouse_id in {None, row.warehouse_id}
        ]

    return RowSource(read_models, NAME, past, present)
