"""Watched: what happens to one order, and which orders change."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated

import strawberry
from strawberry import ID, UNSET

from orderlog.consumers.event_log import RecordedEvent
from orderlog.consumers.following import Part, Source, follow
from orderlog.consumers.live import order_topic
from orderlog_projections.order_list.queries import (
    NAME,
    ChangedOrder,
    changed_and_left_orders,
    changed_orders,
    present_and_left_orders,
)
from orderlog_projections.order_list.queries import OrderFilter as Wanted
from orderlog_schema.arguments import ResumePosition
from orderlog_schema.changes import RowSource
from orderlog_schema.context import Info, ReadModels
from orderlog_schema.cost import WATCHING
from orderlog_schema.events.types import DomainEvent
from orderlog_schema.fields import watched
from orderlog_schema.given import given
from orderlog_schema.orders.history import past_of_order
from orderlog_schema.orders.queries import OrderFilter, wanted_orders
from orderlog_schema.orders.types import OrderChange, orders_of
from orderlog_schema.orders.watching import OwnEvents, Watched
from orderlog_schema.permissions import OWNERS_AND_STAFF
from orderlog_schema.relay import uuid_of
from orderlog_schema.scalars import Position


@strawberry.type
class OrderSubscriptions:
    @watched(
        "What happens to an order, its payments and its process, in the log's order.",
        WATCHING,
        to=OWNERS_AND_STAFF,
    )
    async def order_events(
        self,
        info: Info,
        order_id: Annotated[
            ID, strawberry.argument(description="The order: its global id, or its UUID.")
        ],
        after: ResumePosition = UNSET,
    ) -> AsyncGenerator[DomainEvent]:
        wanted_id, context = uuid_of("Order", order_id, "orderId"), info.context
        topic, past = order_topic(wanted_id), past_of_order(context, wanted_id)
        source: Source[RecordedEvent] = context.hub.source(topic, past)
        if not context.reach.is_unlimited:
            source = OwnEvents(source, Watched(context, wanted_id))
        async with aclosing(follow(source, given(after), context.reading)) as events:
            async for event in events:
                yield DomainEvent.of(event)

    @watched(
        "Orders as they change: one entry per order, however much happened to it. An order that "
        "only its states or its total keep out of the filter is told too: it may have left.",
        WATCHING,
        to=OWNERS_AND_STAFF,
    )
    async def order_changed(
        self,
        info: Info,
        where: Annotated[
            OrderFilter | None, strawberry.argument(description="Which ones; all if not given.")
        ] = UNSET,
        after: ResumePosition = UNSET,
    ) -> AsyncGenerator[OrderChange]:
        context, wanted = info.context, wanted_orders(where, info.context.reach)
        reading = context.reading
        is_anew = not reading.after(given(after)) and reading.part is not Part.LIVE
        source = orders_source(context.read_models, wanted, is_anew=is_anew)
        async with aclosing(follow(source, given(after), reading)) as changes:
            async for change in changes:
                (order,) = await orders_of(info, [change.row])
                yield OrderChange(
                    position=Position(change.position),
                    order=order,
                    matches=change.matches,
                )


def orders_source(
    read_models: ReadModels, wanted: Wanted, *, is_anew: bool
) -> RowSource[ChangedOrder]:
    """Who begins anew has nothing on show that could have left, and is told what matches."""

    async def past(after: int, limit: int) -> Sequence[ChangedOrder]:
        if is_anew:
            rows = await read_models.read(lambda c: changed_orders(c, wanted, after, limit))
            return [ChangedOrder(row, matches=True) for row in rows]
        return await read_models.read(lambda c: changed_and_left_orders(c, wanted, after, limit))

    async def present(keys: Sequence[str]) -> Sequence[ChangedOrder]:
        return await read_models.read(lambda c: present_and_left_orders(c, keys, wanted))

    return RowSource(read_models, NAME, past, present)
