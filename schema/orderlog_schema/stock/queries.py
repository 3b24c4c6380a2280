"""Asked: one stock item, or a list of them."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from orderlog.domain.stock.commands import stock_stream
from orderlog_projections.stock_levels.queries import NAME, find_stock, list_stock
from orderlog_schema.arguments import After, Before, First, Last, MinPosition, window_of
from orderlog_schema.context import Context, Info
from orderlog_schema.cost import ASKING, paged
from orderlog_schema.fields import asked
from orderlog_schema.given import given
from orderlog_schema.permissions import STAFF
from orderlog_schema.relay import is_counted
from orderlog_schema.stock.types import StockItem, StockItemConnection


async def stock_item_of(context: Context, stream_id: str) -> StockItem | None:
    rows = await context.read_models.read(lambda connection: find_stock(connection, [stream_id]))
    return StockItem(row=rows[0]) if rows else None


@strawberry.type
class StockQueries:
    @asked("The stock of a SKU in a warehouse; null where none is. 1 query.", ASKING, to=STAFF)
    async def stock_item(
        self,
        info: Info,
        sku: Annotated[str, strawberry.argument(description="The SKU.")],
        warehouse_id: Annotated[str, strawberry.argument(description="The warehouse.")],
        min_position: MinPosition = UNSET,
    ) -> StockItem | None:
        await info.context.is_stale(given(min_position), NAME)
        stream_id = stock_stream(warehouse_id, sku)
        return await stock_item_of(info.context, stream_id)

    @asked(
        "Stock items by SKU and warehouse, in keyset pages. 1 query, 1 to count.",
        ASKING,
        paged(),
        to=STAFF,
    )
    async def stock_items(  # noqa: PLR0913, PLR0917 - the arguments of a connection
        self,
        info: Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        search: Annotated[
            str | None, strawberry.argument(description="Only SKUs that begin like this.")
        ] = UNSET,
        warehouse_id: Annotated[
            str | None, strawberry.argument(description="Only this warehouse.")
        ] = UNSET,
        min_position: MinPosition = UNSET,
    ) -> StockItemConnection:
        window = window_of(first, after, last, before)
        is_stale, with_count = (
            await info.context.is_stale(given(min_position), NAME),
            is_counted(info),
        )
        page = await info.context.read_models.read(
            lambda connection: list_stock(
                connection,
                window,
                sku_prefix=given(search),
                warehouse_id=given(warehouse_id),
                with_count=with_count,
            )
        )
        return StockItemConnection.of(page, is_stale=is_stale)
