"""Watched: what happens to one order, and which orders change."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry
from strawberry import ID, UNSET

from orderlog.consumers.event_log import RecordedEvent
from orderlog.domain.related import order_of
from orderlog_projections.order_list.queries import changed_orders, matching_orders
from orderlog_schema.arguments import ResumePosition
from orderlog_schema.changes import changes
from orderlog_schema.context import Info
from orderlog_schema.events.types import DomainEvent
from orderlog_schema.fields import watched
from orderlog_schema.given import given
from orderlog_schema.orders.history import past_of_order
from orderlog_schema.orders.queries import OrderFilter, wanted_orders
from orderlog_schema.orders.types import Order, OrderChange
from orderlog_schema.relay import uuid_of
from orderlog_schema.scalars import Position


@strawberry.type
class OrderSubscriptions:
    @watched("What happens to an order, its payments and its process, in the log's order.")
    async def order_events(
        self,
        info: Info,
        order_id: Annotated[
            ID, strawberry.argument(description="The order: its global id, or its UUID.")
        ],
        after: ResumePosition = UNSET,
    ) -> AsyncGenerator[DomainEvent]:
        wanted_id, context = uuid_of("Order", order_id, "orderId"), info.context

        def is_wanted(recorded: RecordedEvent) -> bool:
            return order_of(recorded.event) == wanted_id

        past = past_of_order(context, wanted_id, is_wanted)
        async with aclosing(context.hub.events(is_wanted, given(after), past)) as events:
            async for event in events:
                yield DomainEvent.of(event)

    @watched("Orders as they change: one entry per order, however much happened to it.")
    async def order_changed(
        self,
        info: Info,
        where: Annotated[
            OrderFilter | None, strawberry.argument(description="Which ones; all if not given.")
        ] = UNSET,
        after: ResumePosition = UNSET,
    ) -> AsyncGenerator[OrderChange]:
        wanted, read = wanted_orders(where), info.context.read_models.read
        rows = changes(
            info.context.read_models,
            "order_list",
            given(after),
            lambda past, limit: read(lambda c: changed_orders(c, wanted, past, limit)),
            lambda keys: read(lambda c: matching_orders(c, keys, wanted)),
        )
        async with aclosing(rows):
            async for row in rows:
                yield OrderChange(position=Position(row.position), order=Order.of(row))
