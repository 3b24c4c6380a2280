"""A stock item, as it is shown."""

from datetime import datetime
from typing import Self

import strawberry
from strawberry import ID

from orderlog.domain.stock.commands import stock_stream
from orderlog_projections.stock_levels.queries import StockLevelPage
from orderlog_projections.stock_levels.tables import StockLevel
from orderlog_schema.cost import COUNTING
from orderlog_schema.fields import shown
from orderlog_schema.permissions import STAFF
from orderlog_schema.relay import Node, PageInfo, node_id, page_info_of
from orderlog_schema.scalars import Position


@strawberry.type(
    description="The stock of one SKU in one warehouse, in whole units.", directives=[STAFF]
)
class StockItem(Node):
    row: strawberry.Private[StockLevel]
    id: ID = node_id("StockItem", "stream_id")
    sku: str = shown("row.sku", "The SKU.")
    warehouse_id: str = shown("row.warehouse_id", "The warehouse.")
    on_hand: int = shown("row.on_hand", "Units that are there.")
    safety_stock: int = shown("row.safety_stock", "Units that are never promised.")
    reserved: int = shown("row.reserved", "Units that are promised to orders.")
    available: int = shown(
        "row.available", "Units that can be promised: on hand, less safety stock and reserved."
    )
    shortfall: int = shown(
        "row.shortfall", "Units that are promised, and missing since a count or a loss."
    )
    received: int = shown("row.received", "Units that ever came in.")
    shipped: int = shown("row.shipped", "Units that ever went out to customers.")
    updated_at: datetime = shown("row.updated_at", "When it last changed.")
    version: int = shown("row.version", "The version of its stream.")
    position: Position = shown("row.position", "The position of its last event.")

    @property
    def stream_id(self) -> str:
        return stock_stream(self.row.warehouse_id, self.row.sku)


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
        nodes = [StockItem(row=row) for row in page.rows]
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
