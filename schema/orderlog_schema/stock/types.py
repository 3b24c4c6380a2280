"""A stock item, as it is shown."""

from datetime import datetime
from typing import Self

import strawberry

from orderlog.domain.stock.commands import stock_stream
from orderlog_projections.stock_levels.queries import StockLevelPage
from orderlog_projections.stock_levels.tables import StockLevel
from orderlog_schema.cost import COUNTING
from orderlog_schema.permissions import STAFF
from orderlog_schema.relay import Node, PageInfo, global_id, page_info_of
from orderlog_schema.scalars import Position


@strawberry.type(
    description="The stock of one SKU in one warehouse, in whole units.", directives=[STAFF]
)
class StockItem(Node):
    sku: str = strawberry.field(description="The SKU.")
    warehouse_id: str = strawberry.field(description="The warehouse.")
    on_hand: int = strawberry.field(description="Units that are there.")
    safety_stock: int = strawberry.field(description="Units that are never promised.")
    reserved: int = strawberry.field(description="Units that are promised to orders.")
    available: int = strawberry.field(
        description="Units that can be promised: on hand, less safety stock and reserved."
    )
    shortfall: int = strawberry.field(
        description="Units that are promised, and missing since a count or a loss."
    )
    received: int = strawberry.field(description="Units that ever came in.")
    shipped: int = strawberry.field(description="Units that ever went out to customers.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    version: int = strawberry.field(description="The version of its stream.")
    position: Position = strawberry.field(description="The position of its last event.")

    @classmethod
    def of(cls, row: StockLevel) -> Self:
        return cls(
            id=global_id("StockItem", stock_stream(row.warehouse_id, row.sku)),
            sku=row.sku,
            warehouse_id=row.warehouse_id,
            on_hand=row.on_hand,
            safety_stock=row.safety_stock,
            reserved=row.reserved,
            available=row.available,
            shortfall=row.shortfall,
            received=row.received,
            shipped=row.shipped,
            updated_at=row.updated_at,
            version=row.version,
            position=Position(row.position),
        )


@strawberry.type(description="A stock item and its place in a list.", directives=[STAFF])
class StockItemEdge:
    cursor: str = strawberry.field(description="The place.")
    node: StockItem = strawberry.field(description="The stock item.")


@strawberry.type(description="A page of stock items, by SKU and warehouse.", directives=[STAFF])
class StockItemConnection:
    edges: list[StockItemEdge] = strawberry.field(description="Stock items with their cursors.")
    nodes: list[StockItem] = strawberry.field(description="Stock items without.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")
    total_count: int = strawberry.field(
        description="How many match, counted up to 10,000.", directives=[COUNTING]
    )
    total_count_is_capped: bool = strawberry.field(
        description="Whether there are more, and counting stopped."
    )
    position: Position = strawberry.field(description="What the read model had read of the log.")
    is_stale: bool = strawberry.field(
        description="Whether it had not reached `minPosition` in time."
    )

    @classmethod
    def of(cls, page: StockLevelPage, *, is_stale: bool = False) -> Self:
        nodes = [StockItem.of(row) for row in page.rows]
        pairs = zip(page.cursors, nodes, strict=True)
        return cls(
            edges=[StockItemEdge(cursor=cursor, node=node) for cursor, node in pairs],
            nodes=nodes,
            page_info=page_info_of(page),
            total_count=page.total_count or 0,
            total_count_is_capped=page.is_count_capped,
            position=Position(page.position),
            is_stale=is_stale,
        )


@strawberry.type(description="A stock item that has changed.", directives=[STAFF])
class StockChange:
    position: Position = strawberry.field(description="Go on `after` this one.")
    stock_item: StockItem = strawberry.field(description="The stock item as it is now.")
