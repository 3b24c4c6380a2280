"""A small shop on a real store and a real bus, for stories that need orders, stock and money."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from orderlog.application.channels import Channel
from orderlog.application.command_bus import CommandBus
from orderlog.application.metadata import new_id, new_metadata, utc_now
from orderlog.application.order_numbers import OrderNumbers
from orderlog.application.writer import Receipt
from orderlog.domain.aggregate import Aggregate, Event
from orderlog.domain.commands import Command
from orderlog.domain.money import UnitPrice
from orderlog.domain.orders.commands import (
    AddOrderLine,
    CreateDraftOrder,
    ImportedLine,
    ImportOrder,
    PlaceOrder,
    order_stream,
)
from orderlog.domain.orders.events import OrderStatus
from orderlog.domain.orders.order import Order
from orderlog.domain.payments.commands import payment_stream
from orderlog.domain.payments.payment import Payment
from orderlog.domain.processes.commands import Intervene, placement_stream
from orderlog.domain.processes.events import InterventionAction
from orderlog.domain.processes.process import Process
from orderlog.domain.stock.commands import ReceiveStock, RegisterStockItem, stock_stream
from orderlog.domain.stock.stock_item import StockItem
from orderlog.eventstore.store import EventStore, open_store
from orderlog.gateways.port import GatewayKey
from orderlog.gateways.registry import Gateways
from orderlog.gateways.sandbox import SANDBOX, SandboxGateway
from orderlog.processes.placement import payment_id
from orderlog.processes.runner import ProcessRunner
from orderlog.processes.settle_payment import SettlePayment
from orderlog.processes.stories import ProcessTerms, all_stories
from orderlog.processes.story import Backoff, Story
from tests.support.events import STAFF

SOON = Backoff(first_seconds=0.01, longest_seconds=0.02, attempts_max=3)
OFTEN = Backoff(first_seconds=0.01, longest_seconds=0.05, attempts_max=100)
HISTORIC = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)

E_ = TypeVar("E_", bound=Event)
A = TypeVar("A", bound=Aggregate)


@dataclass
class Shop:
    """What a test does and sees. Prices are 1.00 GBP a unit."""

    store: EventStore
    bus: CommandBus
    sandbox: SandboxGateway
    channel: Channel
    stories: Sequence[Story]
    runner: ProcessRunner
    numbers: OrderNumbers = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = OrderNumbers(self.store)

    async def send(self, *commands: Command) -> Receipt:
        return await self.bus.execute(*commands, metadata=new_metadata(STAFF))

    async def stock(self, **units: int) -> None:
        """`stock(TEA=10)`: ten units of the SKU TEA are on the shelf."""
        for sku, quantity in units.items():
            await self.send(RegisterStockItem(sku=sku, warehouse_id="main"))
            if quantity:
                received = ReceiveStock(
                    sku=sku, warehouse_id="main", quantity=quantity, reference="opening"
                )
                await self.send(received)

    async def order(
        self,
        *lines: tuple[str, int],
        pay: str = "sandbox:approve",
        placed_at: datetime | None = None,
        price: int = 100,
    ) -> str:
        """An imported order needs no address: the shortest way to one that is placed."""
        order_id = new_id()
        imported = self._import(order_id, lines, pay, placed_at or utc_now(), price)
        await self.bus.execute(imported, metadata=new_metadata(STAFF, occurred_at=placed_at))
        return order_id

    def _import(
        self,
        order_id: str,
        lines: Sequence[tuple[str, int]],
        pay: str,
        placed_at: datetime,
        price: int,
    ) -> ImportOrder:
        return ImportOrder(
            order_id=order_id,
            source="test",
            external_id=order_id,
            placed_at=placed_at,
            currency="GBP",
            lines=tuple(
                ImportedLine(
                    line_id=new_id(),
                    sku=sku,
                    title=sku,
                    quantity=quantity,
                    unit_price=UnitPrice.of(price, 2, "GBP"),
                )
                for sku, quantity in lines
            ),
            terms=self.channel.terms(self.numbers.next(self.channel), pay, placed_at),
            customer_id="customer-1",
        )

    async def draft(self, *lines: tuple[str, int], pay: str = "sandbox:approve") -> str:
        """Placed step by step, of things that nobody ships."""
        order_id = new_id()
        begun = CreateDraftOrder(order_id=order_id, currency="GBP", customer_id="customer-1")
        added = [
            AddOrderLine(
                order_id=order_id,
                line_id=new_id(),
                sku=sku,
                title=sku,
                quantity=quantity,
                unit_price=UnitPrice.of(100, 2, "GBP"),
                currency="GBP",
                requires_shipping=False,
            )
            for sku, quantity in lines
        ]
        terms = self.channel.terms(self.numbers.next(self.channel), pay, utc_now())
        await self.send(begun, *added, PlaceOrder(order_id=order_id, terms=terms))
        return order_id

    async def settled(self) -> None:
        await asyncio.wait_for(self.runner.settled(), 20)

    async def hear_of(self, key: GatewayKey) -> None:
        """The gateway brings its answer unasked."""
        answer = await self.sandbox.query(key)
        for story in self.stories:
            if isinstance(story, SettlePayment):
                await story.hear(key, answer)
        await self.settled()

    async def eventually(self, reached: Callable[[], bool]) -> None:
        """For what waits for a deadline."""
        async with asyncio.timeout(10):
            while not reached():
                await asyncio.sleep(0.01)
                await self.settled()

    async def intervene(self, order_id: str, action: InterventionAction) -> None:
        process_id = placement_stream(order_id)
        await self.send(Intervene(process_id=process_id, action=action, note="looked at it"))
        await self.settled()

    def line_ids(self, order_id: str) -> list[str]:
        return list(self.aggregate(Order, order_stream(order_id)).lines)

    def log(self) -> list[Event]:
        events: list[Event] = []
        position = 0
        while page := self.store.page(position):
            events += [recorded.event for recorded in page]
            position = page[-1].position
        return events

    def happened(self, kind: type[E_]) -> list[E_]:
        """All events of a kind, of the whole log."""
        return [event for event in self.log() if isinstance(event, kind)]

    def names(self, *prefixes: str) -> list[str]:
        """The names of the events on streams that begin so, in order."""
        return [
            type(event).__name__ for event in self.log() if event.originator_id.startswith(prefixes)
        ]

    def aggregate(self, kind: type[A], stream_id: str) -> A:
        """Rebuilt from the log alone."""
        aggregate: Aggregate | None = None
        for recorded in self.store.stream(stream_id):
            aggregate = recorded.event.mutate(aggregate)
        assert isinstance(aggregate, kind)
        return aggregate

    def status(self, order_id: str) -> OrderStatus:
        return self.aggregate(Order, order_stream(order_id)).status

    def item(self, sku: str) -> StockItem:
        return self.aggregate(StockItem, stock_stream("main", sku))

    def process(self, order_id: str) -> Process:
        return self.aggregate(Process, placement_stream(order_id))

    def payment(self, order_id: str, attempt: int = 1) -> Payment:
        return self.aggregate(Payment, payment_stream(payment_id(order_id, attempt)))


@asynccontextmanager
async def open_shop(
    url: str,
    *,
    channel: Channel | None = None,
    sandbox: SandboxGateway | None = None,
    store: EventStore | None = None,
    patience_seconds: float = 0.5,
) -> AsyncGenerator[Shop]:
    """The doors open with the runner running; closing stops everything, keeping the log."""
    store = store or open_store(url)
    bus = CommandBus(store)
    sandbox = sandbox or SandboxGateway(late_seconds=0.03)
    terms = ProcessTerms(patience_seconds=patience_seconds, capture_retries=SOON, queries=OFTEN)
    stories = all_stories(store, bus, Gateways({SANDBOX: sandbox}), terms)
    runner = ProcessRunner(store, stories, retries=SOON)
    await runner.start()
    try:
        yield Shop(store, bus, sandbox, channel or Channel(), stories, runner)
    finally:
        await runner.stop()
        await bus.close()
        store.close()
