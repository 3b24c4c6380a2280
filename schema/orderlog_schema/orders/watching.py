"""What somebody hears of an order: that which happens while it is theirs.

An order that is not theirs, or not any more, looks like one of which nothing is heard. Whose it is
can only change with some events: at these, and before the first, the newest state is asked.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from orderlog.consumers.event_log import RecordedEvent
from orderlog.consumers.following import Listener, Source
from orderlog.domain.orders.commands import order_stream
from orderlog.domain.orders.events import OrderCustomerAssigned, OrderDrafted, OrderImported
from orderlog.domain.orders.order import Order
from orderlog_schema.context import Context

CHANGING_HANDS: Final = (OrderDrafted, OrderImported, OrderCustomerAssigned)


@dataclass(slots=True)
class Watched:
    """An order, and whether it is theirs who watches; None as long as nobody has looked."""

    context: Context
    order_id: str
    _is_theirs: bool | None = field(default=None, init=False)

    async def is_theirs(self, recorded: RecordedEvent) -> bool:
        if self._is_theirs is None or isinstance(recorded.event, CHANGING_HANDS):
            reach, stream_id = self.context.reach, order_stream(self.order_id)
            self._is_theirs = await self.context.bus.inspect(
                stream_id, lambda order: isinstance(order, Order) and reach.covers(order)
            )
        return self._is_theirs


@dataclass(frozen=True, slots=True)
class OwnEvents:
    """The events of a source that are for the one who watches."""

    source: Source[RecordedEvent]
    watched: Watched

    @property
    def position(self) -> int:
        return self.source.position

    @property
    def newest(self) -> int:
        return self.source.newest

    @asynccontextmanager
    async def listen(self) -> "AsyncGenerator[OwnListener]":
        async with self.source.listen() as listener:
            yield OwnListener(listener, self.watched)

    async def past(self, after: int, until: int) -> AsyncGenerator[RecordedEvent]:
        async with aclosing(self.source.past(after, until)) as events:
            async for event in events:
                if await self.watched.is_theirs(event):
                    yield event


@dataclass(frozen=True, slots=True)
class OwnListener:
    """Hears what another one hears, as long as it is theirs who watches."""

    listener: Listener[RecordedEvent]
    watched: Watched

    @property
    def position(self) -> int:
        return self.listener.position

    @property
    def has_more(self) -> bool:
        """What is there already may be another customer's: nobody should wait for it."""
        return self.watched.context.reach.customer_id is None and self.listener.has_more

    async def items(self) -> AsyncGenerator[RecordedEvent]:
        async with aclosing(self.listener.items()) as events:
            async for event in events:
                if await self.watched.is_theirs(event):
                    yield event
