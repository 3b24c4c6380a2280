"""Asked: one order, or a list of them."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, TypeVar

import strawberry
from strawberry import ID, UNSET

from orderlog.domain.orders.events import OrderStatus
from orderlog_projections.order_list.queries import NAME, OrderSort, list_orders
from orderlog_projections.order_list.queries import OrderFilter as Wanted
from orderlog_projections.order_page.queries import NAME as ORDER_PAGE
from orderlog_projections.reach import Reach
from orderlog_projections.statuses import FulfillmentStatus, OrderPaymentStatus
from orderlog_schema.arguments import After, Before, First, Last, MinPosition, window_of
from orderlog_schema.context import Context, Info
from orderlog_schema.cost import ASKING, paged
from orderlog_schema.fields import asked
from orderlog_schema.given import given, given_or
from orderlog_schema.orders.as_of import AsOf, past_order
from orderlog_schema.orders.types import Order, OrderConnection, wants_pages
from orderlog_schema.permissions import OWNERS_AND_STAFF
from orderlog_schema.relay import is_counted, key_of, uuid_of
from orderlog_schema.scalars import BigInt, CurrencyCode

T = TypeVar("T")


@strawberry.input(
    description="Which orders are wanted: all that is given must hold, of a list any one."
)
class OrderFilter:
    lifecycle: list[OrderStatus] | None = strawberry.field(
        default=UNSET, description="In one of these states of life."
    )
    payment_status: list[OrderPaymentStatus] | None = strawberry.field(
        default=UNSET, description="In one of these states of payment."
    )
    fulfillment_status: list[FulfillmentStatus] | None = strawberry.field(
        default=UNSET, description="In one of these states of fulfilment."
    )
    customer_id: ID | None = strawberry.field(default=UNSET, description="Of this customer.")
    number: str | None = strawberry.field(default=UNSET, description="With this very number.")
    number_prefix: str | None = strawberry.field(
        default=UNSET, description="With a number that begins like this."
    )
    sku: str | None = strawberry.field(default=UNSET, description="Placed with this SKU.")
    placed_from: datetime | None = strawberry.field(
        default=UNSET, description="Placed at this moment or later."
    )
    placed_before: datetime | None = strawberry.field(
        default=UNSET, description="Placed before this moment."
    )
    total_min: BigInt | None = strawberry.field(
        default=UNSET, description="Of this total or more, in minor units."
    )
    total_max: BigInt | None = strawberry.field(
        default=UNSET, description="Of this total or less, in minor units."
    )
    currency: CurrencyCode | None = strawberry.field(default=UNSET, description="In this currency.")

    def wanted(self) -> Wanted:
        customer = given(self.customer_id)
        return Wanted(
            statuses=_set(self.lifecycle),
            payment_statuses=_set(self.payment_status),
            fulfillment_statuses=_set(self.fulfillment_status),
            customer_id=None
            if customer is None
            else key_of("Customer", customer, "filter", "customerId"),
            number=given(self.number),
            number_prefix=given(self.number_prefix),
            sku=given(self.sku),
            placed_from=given(self.placed_from),
            placed_before=given(self.placed_before),
            total_min=given(self.total_min),
            total_max=given(self.total_max),
            currency=given(self.currency),
        )


def _set(values: list[T] | None) -> frozenset[T] | None:
    chosen = given(values)
    return None if chosen is None else frozenset(chosen)


def wanted_orders(where: OrderFilter | None, reach: Reach) -> Wanted:
    return replace(where.wanted() if where else Wanted(), reach=reach)


async def order_of(context: Context, order_id: str, *, is_stale: bool = False) -> Order | None:
    page = (await context.pages_of([order_id])).get(order_id)
    return None if page is None else Order.of(page, is_stale=is_stale)


@strawberry.type
class OrderQueries:
    @asked(
        "One order; null where there is none. 1 query; of the past 1 for each of its streams.",
        ASKING,
        to=OWNERS_AND_STAFF,
    )
    async def order(
        self,
        info: Info,
        id: Annotated[ID, strawberry.argument(description="Its global id, or its UUID.")],
        min_position: MinPosition = UNSET,
        as_of: Annotated[
            AsOf | None,
            strawberry.argument(
                description=(
                    "As it was then, with all that belongs to it; null where it was not begun. "
                    "Told by the log, which needs no `minPosition`. Now, if not given."
                )
            ),
        ] = UNSET,
    ) -> Order | None:
        order_id, then = uuid_of("Order", id, "id"), given(as_of)
        if then is not None:
            if info.context.reach.customer_id and not await order_of(info.context, order_id):
                return None
            return await past_order(info.context, order_id, then)
        is_stale = await info.context.is_stale(given(min_position), ORDER_PAGE)
        return await order_of(info.context, order_id, is_stale=is_stale)

    @asked(
        "Orders, in keyset pages. 1 query, 1 to count, 1 for all their pages.",
        ASKING,
        paged(),
        to=OWNERS_AND_STAFF,
    )
    async def orders(  # noqa: PLR0913, PLR0917 - the arguments of a connection
        self,
        info: Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        filter: Annotated[
            OrderFilter | None, strawberry.argument(description="Which ones; all if not given.")
        ] = UNSET,
        sort: Annotated[
            OrderSort | None,
            strawberry.argument(description="In what order; PLACED_AT_DESC if not given."),
        ] = UNSET,
        min_position: MinPosition = UNSET,
    ) -> OrderConnection:
        window = window_of(first, after, last, before)
        where = wanted_orders(filter, info.context.reach)
        by = given_or(sort, OrderSort.PLACED_AT_DESC)
        is_stale, with_count = (
            await info.context.is_stale(given(min_position), NAME),
            is_counted(info),
        )
        page, pages = await info.context.list_orders(
            lambda connection: list_orders(connection, where, by, window, with_count=with_count),
            with_pages=wants_pages(info),
        )
        nodes = [Order(row=row, page=pages.get(row.order_id)) for row in page.rows]
        return OrderConnection.of(page, nodes, is_stale=is_stale)
