"""A customer, as the orders tell."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Self

import strawberry
from strawberry import ID, UNSET

from orderlog_projections.customer_orders.queries import (
    CustomerOrderPage,
    CustomerSummary,
    CustomerTurnover,
    list_customer_orders,
)
from orderlog_projections.order_list.queries import find_orders
from orderlog_projections.order_list.tables import OrderListRow
from orderlog_schema.arguments import After, Before, First, Last, window_of
from orderlog_schema.context import Info
from orderlog_schema.cost import ASKING, listed, paged
from orderlog_schema.fields import asked
from orderlog_schema.money import Money, money_of
from orderlog_schema.orders.types import OrderConnection, orders_of
from orderlog_schema.permissions import OWNERS_AND_STAFF
from orderlog_schema.relay import Node, global_id, is_counted
from orderlog_schema.scalars import CurrencyCode


@strawberry.type(
    description="What a customer's orders add up to, less those rejected, expired or cancelled.",
    directives=[OWNERS_AND_STAFF],
)
class CustomerTotals:
    currency: CurrencyCode = strawberry.field(description="The currency.")
    orders: int = strawberry.field(description="How many orders.")
    total: Money = strawberry.field(description="What they cost.")
    refunded: Money = strawberry.field(description="What was given back.")

    @classmethod
    def of(cls, row: CustomerTurnover) -> Self:
        return cls(
            currency=CurrencyCode(row.currency),
            orders=row.orders,
            total=money_of(row.total, row.currency),
            refunded=money_of(row.refunded, row.currency),
        )


@strawberry.type(description="A customer who has placed an order.", directives=[OWNERS_AND_STAFF])
class Customer(Node):
    customer_id: ID = strawberry.field(description="The customer's id, as events have it.")
    orders_placed: int = strawberry.field(description="Orders placed, whatever became of them.")
    first_placed_at: datetime = strawberry.field(description="When the first was placed.")
    last_placed_at: datetime = strawberry.field(description="When the last was placed.")
    totals: list[CustomerTotals] = strawberry.field(
        description="Sums, one for each currency.", directives=[listed(2)]
    )

    @classmethod
    def of(cls, summary: CustomerSummary) -> Self:
        return cls(
            id=global_id("Customer", summary.customer_id),
            customer_id=ID(summary.customer_id),
            orders_placed=summary.orders_placed,
            first_placed_at=summary.first_placed_at,
            last_placed_at=summary.last_placed_at,
            totals=[CustomerTotals.of(row) for row in summary.turnover],
        )

    @asked("Orders placed, newest first. 2 queries, 1 to count.", ASKING, paged())
    async def orders(
        self,
        info: Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> OrderConnection:
        window = window_of(first, after, last, before)
        with_count = is_counted(info)
        page: CustomerOrderPage = await info.context.read_models.read(
            lambda connection: list_customer_orders(
                connection,
                self.customer_id,
                window,
                reach=info.context.reach,
                with_count=with_count,
            )
        )
        ids = [row.order_id for row in page.rows]
        rows = await info.context.read_models.read(lambda connection: find_orders(connection, ids))
        return await connection_of(info, page, rows)


async def connection_of(
    info: Info, page: CustomerOrderPage, rows: Sequence[OrderListRow]
) -> OrderConnection:
    """The orders of a page, without what another read model knows to have changed hands since."""
    by_id = {row.order_id: row for row in rows if info.context.reach.covers(row)}
    kept = [
        (cursor, one.order_id)
        for cursor, one in zip(page.cursors, page.rows, strict=True)
        if one.order_id in by_id
    ]
    page = replace(page, cursors=[cursor for cursor, _ in kept])
    orders = await orders_of(info, [by_id[order_id] for _, order_id in kept])
    return OrderConnection.of(page, orders)
