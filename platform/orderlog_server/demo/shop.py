"""What the demo shop can do, each through real commands: sell, ship, take back, cancel."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from orderlog.application.metadata import SYSTEM, new_id, new_metadata, utc_now
from orderlog.domain.commands import Command
from orderlog.domain.envelope import DEFAULT_CHANNEL, Actor, ActorKind
from orderlog.domain.money import Money
from orderlog.domain.orders.commands import (
    AddOrderLine,
    AddOrderNote,
    CancelOrder,
    CancelOrderLines,
    CreateDraftOrder,
    DiscardDraft,
    ExpireOrder,
    PlacementTerms,
    PlaceOrder,
    RecordLinesDelivered,
    RecordLinesReturned,
    RecordLinesShipped,
    SelectShippingMethod,
    SetOrderAddress,
)
from orderlog.domain.orders.events import AddressKind, LineQuantity, OrderSource
from orderlog.domain.stock.commands import ReceiveStock, RegisterStockItem, RestockReturn, ShipStock
from orderlog.processes.placement import reservation_id
from orderlog_server.demo.people import Person, people
from orderlog_server.demo.products import PRODUCTS, SCARCE, TAX_RATE_PPM, Product
from orderlog_server.wiring import Platform

CUSTOMERS: Final = 60
LINES_MAX: Final = 5
STAFF: Final = Actor(ActorKind.STAFF, "demo")
SHIPPING_MINOR: Final = {"GBP": 395, "EUR": 690, "JPY": 1_800, "KWD": 3_500}
TIME_TO_PAY: Final = timedelta(hours=24)


class Fate(StrEnum):
    """What will become of an order."""

    DRAFT = "DRAFT"
    DISCARDED = "DISCARDED"
    CONFIRMED = "CONFIRMED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    RETURNED = "RETURNED"
    CANCELLED = "CANCELLED"
    LINE_CANCELLED = "LINE_CANCELLED"
    DECLINED = "DECLINED"
    UNKNOWN = "UNKNOWN"
    EXPIRED = "EXPIRED"
    OUT_OF_STOCK = "OUT_OF_STOCK"


PAYMENT_METHODS: Final = {
    Fate.DECLINED: "sandbox:decline",
    Fate.UNKNOWN: "sandbox:lost",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """One order of the demo, with what is needed to go on with it."""

    order_id: str
    fate: Fate
    buyer: Person
    lines: tuple[AddOrderLine, ...]

    @property
    def quantities(self) -> tuple[LineQuantity, ...]:
        return tuple(LineQuantity(line.line_id, line.quantity) for line in self.lines)


class Shop:
    """A shop with its shelves and its customers."""

    def __init__(self, platform: Platform, random: Random) -> None:
        self._platform = platform
        self._random = random
        self._people = people(CUSTOMERS, random)
        self._warehouse_id = platform.settings.warehouse_id

    @property
    def regular(self) -> Person:
        """One of its customers."""
        return self._people[0]

    async def open(self, at: datetime) -> None:
        """Registers every product and fills the shelves."""
        await asyncio.gather(*(self._shelve(product, at) for product in PRODUCTS))

    async def _shelve(self, product: Product, at: datetime) -> None:
        item = RegisterStockItem(sku=product.sku, warehouse_id=self._warehouse_id)
        delivery = ReceiveStock(
            sku=item.sku,
            warehouse_id=item.warehouse_id,
            quantity=product.stock,
            reference="opening delivery",
        )
        await self.tell(item, delivery, actor=STAFF, at=at)

    async def restock(self, quantity: int = 50) -> str:
        """A delivery of something that sells; the scarce things stay scarce."""
        sku = self._random.choice([one.sku for one in PRODUCTS if one.sku not in SCARCE])
        delivery = ReceiveStock(
            sku=sku, warehouse_id=self._warehouse_id, quantity=quantity, reference="delivery"
        )
        await self.tell(delivery, actor=STAFF)
        return sku

    async def sell(self, fate: Fate, at: datetime | None = None) -> Sale:
        """A whole order in one go: draft, lines, addresses, shipping and, mostly, its placement."""
        buyer, order_id = self._random.choice(self._people), new_id()
        lines = tuple(self._line(order_id, product, buyer) for product in self._basket(fate))
        sale = Sale(order_id=order_id, fate=fate, buyer=buyer, lines=lines)
        begun_at, customer = at or utc_now(), Actor(ActorKind.CUSTOMER, buyer.id)
        ordering = self.tell(*self._ordering(sale, begun_at), actor=customer, at=at)
        if fate is Fate.EXPIRED:  # at once, before the payment is asked for
            await asyncio.gather(ordering, self._expire(sale, begun_at + TIME_TO_PAY))
        else:
            await ordering
        return sale

    def _basket(self, fate: Fate) -> list[Product]:
        usual = [product for product in PRODUCTS if product.sku not in SCARCE]
        basket = self._random.sample(usual, self._random.randint(1, LINES_MAX))
        scarce = [product for product in PRODUCTS if product.sku in SCARCE]
        return [*basket, self._random.choice(scarce)] if fate is Fate.OUT_OF_STOCK else basket

    def _line(self, order_id: str, product: Product, buyer: Person) -> AddOrderLine:
        currency = buyer.place.currency
        return AddOrderLine(
            order_id=order_id,
            line_id=new_id(),
            sku=product.sku,
            title=product.title,
            quantity=3 if product.sku in SCARCE else self._random.choice((1, 1, 1, 2, 2, 4)),
            unit_price=product.price_in(currency),
            currency=currency,
            tax_rate_ppm=TAX_RATE_PPM if buyer.place.country == "GB" else 0,
        )

    def _ordering(self, sale: Sale, at: datetime) -> list[Command]:
        order_id, buyer = sale.order_id, sale.buyer
        seal, currency = self._platform.personal_data.seal, buyer.place.currency
        draft = CreateDraftOrder(
            order_id=order_id,
            currency=currency,
            customer_id=buyer.id,
            guest_email=seal(buyer.id, buyer.email),
            source=OrderSource.WEB,
        )
        address = SetOrderAddress(
            order_id=order_id,
            kind=AddressKind.SHIPPING,
            address=seal(buyer.id, buyer.address),
            country=buyer.place.country,
        )
        shipping = SelectShippingMethod(
            order_id=order_id,
            method_id="standard",
            name="Standard delivery",
            price=Money(SHIPPING_MINOR[currency], currency),
        )
        commands: list[Command] = [draft, *sale.lines]
        if sale.fate in {Fate.DRAFT, Fate.DISCARDED}:
            return commands
        billing = replace(address, kind=AddressKind.BILLING)
        place = PlaceOrder(order_id=order_id, terms=self._terms(sale.fate, at))
        return [*commands, address, billing, shipping, place]

    def _terms(self, fate: Fate, at: datetime) -> PlacementTerms:
        """Windows end in the future, however old the order: timers live in the present."""
        channel = self._platform.channels.get(DEFAULT_CHANNEL)
        number = self._platform.order_numbers.next(channel)
        terms = channel.terms(number, PAYMENT_METHODS.get(fate, "sandbox:approve"), at)
        ends_at = (at if fate is Fate.EXPIRED else utc_now()) + TIME_TO_PAY
        return replace(terms, payment_due_at=ends_at, reserve_until=ends_at)

    async def _expire(self, sale: Sale, at: datetime) -> None:
        await self.tell(ExpireOrder(order_id=sale.order_id, now=at), actor=SYSTEM, at=at)

    async def ship(self, sale: Sale, at: datetime | None = None) -> None:
        parcels = [
            ShipStock(
                sku=line.sku,
                warehouse_id=self._warehouse_id,
                reservation_id=reservation_id(sale.order_id, line.sku, self._warehouse_id),
                quantity=line.quantity,
            )
            for line in sale.lines
        ]
        shipped = RecordLinesShipped(
            order_id=sale.order_id, lines=sale.quantities, ref=f"parcel {sale.order_id[-6:]}"
        )
        await self.tell(shipped, *parcels, actor=STAFF, at=at)

    async def deliver(self, sale: Sale, at: datetime | None = None) -> None:
        delivered = RecordLinesDelivered(
            order_id=sale.order_id, lines=sale.quantities, ref=f"parcel {sale.order_id[-6:]}"
        )
        await self.tell(delivered, actor=STAFF, at=at)

    async def take_back(self, sale: Sale, at: datetime | None = None) -> None:
        """One unit of the first line comes back, goes on the shelf again and is refunded."""
        line, reference = sale.lines[0], f"return {sale.order_id[-6:]}"
        returned = RecordLinesReturned(
            order_id=sale.order_id, lines=(LineQuantity(line.line_id, 1),), ref=reference
        )
        restocked = RestockReturn(
            sku=line.sku, warehouse_id=self._warehouse_id, return_id=reference, quantity=1
        )
        await self.tell(returned, restocked, actor=STAFF, at=at)

    async def cancel(self, sale: Sale, at: datetime | None = None) -> None:
        cancelled = CancelOrder(order_id=sale.order_id, reason_code="CUSTOMER_CHANGED_MIND")
        await self.tell(cancelled, actor=Actor(ActorKind.CUSTOMER, sale.buyer.id), at=at)

    async def cancel_line(self, sale: Sale, at: datetime | None = None) -> None:
        cancelled = CancelOrderLines(
            order_id=sale.order_id,
            lines=(LineQuantity(sale.lines[0].line_id, 1),),
            reason_code="DAMAGED_IN_WAREHOUSE",
        )
        note = AddOrderNote(
            order_id=sale.order_id,
            note_id=new_id(),
            text="One unit was damaged in the warehouse; the customer agreed to go without.",
        )
        await self.tell(cancelled, note, actor=STAFF, at=at)

    async def discard(self, sale: Sale, at: datetime | None = None) -> None:
        discarded = DiscardDraft(order_id=sale.order_id, reason="The basket was abandoned.")
        await self.tell(discarded, actor=STAFF, at=at)

    async def tell(self, *commands: Command, actor: Actor, at: datetime | None = None) -> None:
        """Sends commands that belong together. Raises `Rejected`."""
        await self._platform.bus.execute(*commands, metadata=new_metadata(actor, occurred_at=at))
