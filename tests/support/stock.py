"""Stock items and what is done with them: the shortest commands that there are."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from orderlog.application.command_bus import CommandBus
from orderlog.application.idempotency import IdempotencyKey
from orderlog.application.metadata import new_id, new_metadata
from orderlog.application.writer import Receipt
from orderlog.domain.aggregate import Aggregate, Event
from orderlog.domain.commands import Command
from orderlog.domain.rejections import Rejected
from orderlog.domain.stock.commands import (
    ReceiveStock,
    RegisterStockItem,
    ReserveStock,
    WriteOffStock,
)
from orderlog.domain.stock.events import (
    StockAdjusted,
    StockReceived,
    StockRestocked,
    StockShipped,
    StockWrittenOff,
)
from orderlog.domain.stock.stock_item import StockItem
from orderlog.eventstore.store import EventStore, open_store
from tests.support.events import STAFF

MUG = "stock-main-MUG"
CUP = "stock-main-CUP"


def register(sku: str = "MUG") -> RegisterStockItem:
    return RegisterStockItem(sku=sku, warehouse_id="main")


def receive(quantity: int, sku: str = "MUG") -> ReceiveStock:
    return ReceiveStock(sku=sku, warehouse_id="main", quantity=quantity, reference="delivery")


def reserve(quantity: int) -> ReserveStock:
    return ReserveStock(
        sku="MUG",
        warehouse_id="main",
        reservation_id=new_id(),
        order_id=new_id(),
        line_id=new_id(),
        quantity=quantity,
    )


async def send(
    bus: CommandBus,
    *commands: Command,
    expected_version: int | None = None,
    idempotency: IdempotencyKey | None = None,
) -> Receipt:
    return await bus.execute(
        *commands,
        metadata=new_metadata(STAFF),
        expected_version=expected_version,
        idempotency=idempotency,
    )


def write_off(quantity: int, sku: str = "MUG") -> WriteOffStock:
    return WriteOffStock(sku=sku, warehouse_id="main", quantity=quantity, reason_code="BROKEN")


def topics(store: EventStore, stream_id: str = MUG) -> list[str]:
    return [recorded.event.TOPIC for recorded in store.stream(stream_id)]


def units_of(aggregate: Aggregate | None) -> int:
    assert isinstance(aggregate, StockItem)
    return aggregate.available


async def available(bus: CommandBus, stream_id: str = MUG) -> int:
    return await bus.inspect(stream_id, units_of)


async def refusal_of(sending: asyncio.Task[Receipt]) -> Rejected:
    with pytest.raises(Rejected) as refusal:
        await sending
    return refusal.value


@asynccontextmanager
async def elsewhere(url: str) -> AsyncGenerator[CommandBus]:
    """The writer of another process."""
    store = open_store(url)
    bus = CommandBus(store)
    yield bus
    await bus.close()
    store.close()


def movement_in(event: Event) -> int:
    """How many units this event puts on the shelf, or takes from it."""
    match event:
        case StockReceived() | StockRestocked():
            return event.quantity
        case StockShipped() | StockWrittenOff():
            return -event.quantity
        case StockAdjusted():
            return event.delta
        case _:
            return 0
