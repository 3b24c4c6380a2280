"""Events by hand: a story of one order, or the random log of a whole shop."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

from msgspec.structs import replace

from orderlog.domain.aggregate import Created, Event
from orderlog.domain.envelope import Actor, ActorKind, Envelope
from orderlog.domain.money import PriceMode, Rounding, UnitPrice
from orderlog.domain.orders.commands import order_stream
from orderlog.domain.orders.events import (
    AddressKind,
    Allocation,
    CaptureMode,
    DiscountApplied,
    DiscountKind,
    DiscountScope,
    DraftDiscarded,
    LineQuantity,
    NoteVisibility,
    OrderAddressSet,
    OrderCancelled,
    OrderConfirmed,
    OrderDrafted,
    OrderExpired,
    OrderLineAdded,
    OrderLineQuantityChanged,
    OrderLineRemoved,
    OrderLinesCancelled,
    OrderLinesDelivered,
    OrderLinesReturned,
    OrderLinesShipped,
    OrderNoteAdded,
    OrderNoteRedacted,
    OrderPlaced,
    OrderRejected,
    OrderSource,
    OrderStatus,
    PlacedLine,
    RefundPolicy,
    ShippingMethodSelected,
    ShortageItem,
    ShortagePolicy,
)
from orderlog.domain.payments.commands import payment_stream
from orderlog.domain.payments.events import (
    CaptureRequested,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentDeclined,
    PaymentRequested,
    PaymentVoided,
    RefundRequested,
    RefundSucceeded,
    VoidRequested,
)
from orderlog.domain.processes.commands import placement_stream
from orderlog.domain.processes.events import (
    CompensationStarted,
    ProcessCompleted,
    ProcessKind,
    ProcessOutcome,
    ProcessStarted,
    StepCompensated,
    StepFailed,
    StepRequested,
    StepSucceeded,
)
from orderlog.domain.stock.commands import stock_stream
from orderlog.domain.stock.events import (
    StockItemRegistered,
    StockPolicy,
    StockReceived,
    StockReservationCommitted,
    StockReservationReleased,
    StockReserved,
    StockShipped,
)
from orderlog.domain.values import Sealed

OPENING = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
CLERK = Actor(ActorKind.STAFF, "clerk")
WAREHOUSE = "MAIN"


class Log:
    """Events in the order in which they happened, with the right versions, a minute apart."""

    def __init__(self, seed: int = 0) -> None:
        self.events: list[Event] = []
        self.now = OPENING
        self.random = random.Random(seed)
        self._versions: dict[str, int] = defaultdict(int)

    def new_id(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def add(self, stream_id: str, event_class: type[Event], **fields: object) -> None:
        """Appends an event to a stream."""
        self.now += timedelta(minutes=1)
        self._versions[stream_id] += 1
        envelope = Envelope(self.new_id(), 0, self.new_id(), None, CLERK, "default", self.now)
        if issubclass(event_class, Created):
            fields["originator_topic"] = stream_id.partition("-")[0]
        build = cast("Callable[..., Event]", event_class)
        self.events.append(
            build(
                originator_id=stream_id,
                originator_version=self._versions[stream_id],
                timestamp=self.now,
                envelope=envelope,
                **fields,
            )
        )


class OrderStory:
    """One order in a log. Methods say what happens next; all amounts are minor units."""

    def __init__(self, log: Log, *, currency: str = "GBP", customer_id: str | None = "C1") -> None:
        self.log = log
        self.order_id = log.new_id()
        self.currency = currency
        self.lines: list[PlacedLine] = []
        self.discount = 0
        self.shipping = 0
        self.payment_id = ""
        self._add(
            OrderDrafted,
            order_id=self.order_id,
            channel_id="default",
            currency=currency,
            customer_id=customer_id,
            guest_email_ref=None if customer_id else Sealed("guest", "…"),
            locale="en",
            source=OrderSource.WEB,
        )

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines) - self.discount + self.shipping

    @property
    def units(self) -> int:
        return sum(line.quantity for line in self.lines)

    def line(
        self, sku: str, quantity: int = 1, price: int = 100, *, requires_shipping: bool = True
    ) -> str:
        """Adds a line and returns its id."""
        unit_price, line_id = UnitPrice(price, 2), self.log.new_id()
        self.lines.append(
            PlacedLine(
                line_id=line_id,
                sku=sku,
                title=f"Product {sku}",
                quantity=quantity,
                unit_price=unit_price,
                tax_rate_ppm=0,
                requires_shipping=requires_shipping,
                total=price * quantity,
                discount=0,
                tax=0,
            )
        )
        self._add(
            OrderLineAdded,
            line_id=line_id,
            sku=sku,
            title=f"Product {sku}",
            quantity=quantity,
            unit_price=unit_price,
            requires_shipping=requires_shipping,
        )
        return line_id

    def change_quantity(self, index: int, quantity: int) -> None:
        line = self.lines[index]
        price = line.unit_price.amount
        self.lines[index] = replace(line, quantity=quantity, total=price * quantity)
        self._add(
            OrderLineQuantityChanged,
            line_id=line.line_id,
            from_quantity=line.quantity,
            to_quantity=quantity,
        )

    def remove_line(self, index: int) -> None:
        self._add(OrderLineRemoved, line_id=self.lines.pop(index).line_id)

    def ship_to(self, country: str = "GB", price: int = 0) -> None:
        """An address, and a way to get there."""
        self.shipping = price
        address = Sealed("C1", "…")
        self._add(OrderAddressSet, kind=AddressKind.SHIPPING, address_ref=address, country=country)
        self._add(
            ShippingMethodSelected, method_id="post", name="Post", price=price, tax_rate_ppm=0
        )

    def discount_by(self, amount: int) -> None:
        """A fixed discount, which the first line bears when the order is placed."""
        self.discount += amount
        self._add(
            DiscountApplied,
            discount_id=self.log.new_id(),
            kind=DiscountKind.FIXED,
            value=amount,
            scope=DiscountScope.LINE,
            line_id=self.lines[0].line_id,
            allocations=[Allocation(self.lines[0].line_id, amount)],
        )

    def discard(self) -> None:
        self._add(DraftDiscarded)

    def place(self, number: str = "1001") -> None:
        if self.discount:
            self.lines[0] = replace(self.lines[0], discount=self.discount)
        self._add(
            OrderPlaced,
            order_number=number,
            lines=list(self.lines),
            subtotal=sum(line.total for line in self.lines),
            discount_total=self.discount,
            shipping_total=self.shipping,
            tax_total=0,
            grand_total=self.total,
            currency=self.currency,
            exponent=2,
            price_mode=PriceMode.GROSS,
            rounding=Rounding.HALF_UP,
            tax_breakdown=[],
            capture_mode=CaptureMode.ON_CONFIRM,
            shortage_policy=ShortagePolicy.REJECT,
            payment_method="card",
            payment_due_at=self.log.now + timedelta(hours=1),
            reserve_until=self.log.now + timedelta(hours=1),
        )

    def start_process(self) -> None:
        self._process(ProcessStarted, kind=ProcessKind.PLACEMENT, order_id=self.order_id)

    def request_step(self, step: str) -> None:
        self._process(StepRequested, step=step, command_id=self.log.new_id(), attempt=1)

    def finish_step(self, step: str) -> None:
        self._process(StepSucceeded, step=step)

    def undo_process(self, step: str, code: str) -> None:
        self._process(StepFailed, step=step, code=code, retryable=False, attempt=1)
        self._process(CompensationStarted, reason=code)
        self._process(StepCompensated, step=step)
        self._process(ProcessCompleted, outcome=ProcessOutcome.COMPENSATED)

    def finish_process(self) -> None:
        self._process(ProcessCompleted, outcome=ProcessOutcome.SUCCEEDED)

    def request_payment(self, amount: int | None = None) -> None:
        self.payment_id = self.log.new_id()
        self._pay(
            PaymentRequested,
            payment_id=self.payment_id,
            amount=self.total if amount is None else amount,
            currency=self.currency,
            method="card",
            gateway="sandbox",
            capture_mode="ON_CONFIRM",
        )

    def authorize(self, amount: int | None = None) -> None:
        amount = self.total if amount is None else amount
        self._pay(PaymentAuthorized, amount=amount, psp_reference="r", psp_event_id="e1")

    def decline(self) -> None:
        self._pay(PaymentDeclined, code="CARD_DECLINED", retryable=False, psp_event_id="e1")

    def capture(self, amount: int | None = None) -> None:
        amount = self.total if amount is None else amount
        self._pay(CaptureRequested, capture_id="c1", amount=amount)
        self._pay(
            PaymentCaptured, capture_id="c1", amount=amount, psp_reference="r", psp_event_id="e2"
        )

    def void(self) -> None:
        self._pay(VoidRequested, amount=self.total)
        self._pay(PaymentVoided, amount=self.total, psp_event_id="e3")

    def refund(self, amount: int) -> None:
        refund_id = self.log.new_id()
        self._pay(RefundRequested, refund_id=refund_id, amount=amount, reason_code="GOODWILL")
        self._pay(RefundSucceeded, refund_id=refund_id, amount=amount, psp_event_id=refund_id)

    def confirm(self) -> None:
        self._add(
            OrderConfirmed,
            reservation_ids=[],
            payment_ids=[self.payment_id],
            currency=self.currency,
            grand_total=self.total,
            units=self.units,
        )

    def reject(self) -> None:
        line = self.lines[0]
        shortage = ShortageItem(line.line_id, line.sku, line.quantity, 0)
        self._add(OrderRejected, code="INSUFFICIENT_STOCK", items=[shortage])

    def expire(self) -> None:
        self._add(OrderExpired, due_at=self.log.now)

    def cancel(
        self, *, was_confirmed: bool = True, refund: RefundPolicy = RefundPolicy.FULL
    ) -> None:
        self._add(
            OrderCancelled,
            reason_code="CHANGED_MIND",
            restock=True,
            refund=refund,
            from_status=OrderStatus.CONFIRMED if was_confirmed else OrderStatus.PENDING,
            currency=self.currency,
            reversed_total=self.total if was_confirmed else 0,
            reversed_units=self.units if was_confirmed else 0,
        )

    def cancel_units(self, index: int, units: int) -> None:
        self._take_back(OrderLinesCancelled, index, units, reason_code="SOLD_OUT")

    def return_units(self, index: int, units: int) -> None:
        self._take_back(OrderLinesReturned, index, units, ref="R1")

    def ship(self, index: int, units: int) -> None:
        self._move(OrderLinesShipped, index, units)

    def deliver(self, index: int, units: int) -> None:
        self._move(OrderLinesDelivered, index, units)

    def note(self, text: str) -> str:
        note_id = self.log.new_id()
        self._add(OrderNoteAdded, note_id=note_id, text=text, visibility=NoteVisibility.INTERNAL)
        return note_id

    def redact(self, note_id: str) -> None:
        self._add(OrderNoteRedacted, note_id=note_id)

    def _take_back(
        self, event_class: type[Event], index: int, units: int, **fields: object
    ) -> None:
        line = self.lines[index]
        refund = line.unit_price.amount * units
        self._add(
            event_class,
            lines=[LineQuantity(line.line_id, units)],
            refund_minor=refund,
            currency=self.currency,
            units=units,
            refunds=[Allocation(line.line_id, refund)],
            **fields,
        )

    def _move(self, event_class: type[Event], index: int, units: int) -> None:
        self._add(event_class, lines=[LineQuantity(self.lines[index].line_id, units)], ref="S1")

    def _add(self, event_class: type[Event], **fields: object) -> None:
        self.log.add(order_stream(self.order_id), event_class, **fields)

    def _pay(self, event_class: type[Event], **fields: object) -> None:
        stream_id = payment_stream(self.payment_id)
        self.log.add(stream_id, event_class, order_id=self.order_id, **fields)

    def _process(self, event_class: type[Event], **fields: object) -> None:
        self.log.add(placement_stream(self.order_id), event_class, **fields)


def stock_products(log: Log, skus: list[str], units: int = 1_000_000) -> None:
    for sku in skus:
        stream_id = stock_stream(WAREHOUSE, sku)
        policy = StockPolicy.DENY
        log.add(
            stream_id,
            StockItemRegistered,
            sku=sku,
            warehouse_id=WAREHOUSE,
            policy=policy,
            safety_stock=5,
        )
        log.add(stream_id, StockReceived, quantity=units, reference="opening")


def shop(seed: int, orders: int, lines_max: int = 4, skus_count: int = 8) -> list[Event]:
    """The log of a shop: orders that end in every way, one after the other."""
    log = Log(seed)
    fill(log, [f"SKU-{number}" for number in range(skus_count)], orders, lines_max)
    return log.events


def fill(log: Log, skus: list[str], orders: int, lines_max: int = 4) -> None:
    """Opens a shop in a log and lets it sell."""
    stock_products(log, skus)
    for number in range(orders):
        _random_order(log, skus, f"{990 + number}", lines_max)


def _random_order(log: Log, skus: list[str], number: str, lines_max: int) -> None:
    chance = log.random
    customer_id = chance.choice(["C1", "C2", None])
    story = OrderStory(log, currency=chance.choice(["GBP", "EUR"]), customer_id=customer_id)
    for _ in range(chance.randint(1, lines_max)):
        story.line(
            chance.choice(skus),
            chance.randint(1, 9),
            chance.randint(1, 5_000),
            requires_shipping=chance.random() < 0.9,
        )
    if chance.random() < 0.3:
        story.change_quantity(0, chance.randint(1, 9))
    if chance.random() < 0.2 and len(story.lines) > 1:
        story.remove_line(-1)
    story.ship_to(price=chance.randint(0, 500))
    if chance.random() < 0.3:
        story.discount_by(1)
    if (ending := chance.random()) < 0.1:
        return
    if ending < 0.15:
        story.discard()
        return
    _place(story, number)


def _place(story: OrderStory, number: str) -> None:
    chance = story.log.random
    story.place(number)
    story.start_process()
    story.request_step("reserve")
    reservations = list(_reserve(story))
    story.finish_step("reserve")
    story.request_payment()
    if chance.random() < 0.1:
        story.decline()
        _release(story, reservations)
        story.undo_process("authorize", "PAYMENT_DECLINED")
        story.reject()
        return
    story.authorize()
    if chance.random() < 0.05:
        story.void()
        story.expire()
        return
    story.confirm()
    for stream_id, reservation_id, _ in reservations:
        story.log.add(stream_id, StockReservationCommitted, reservation_id=reservation_id)
    story.capture()
    story.finish_process()
    _after(story, reservations)


def _after(story: OrderStory, reservations: list[tuple[str, str, int]]) -> None:
    chance = story.log.random
    match chance.randint(0, 5):
        case 0:
            story.cancel()
            _release(story, reservations)
            story.refund(story.total)
        case 1:
            story.cancel_units(0, 1)
            story.refund(1)
        case 2:
            quantity = story.lines[0].quantity
            stream_id, reservation_id, _ = reservations[0]
            story.log.add(stream_id, StockShipped, reservation_id=reservation_id, quantity=quantity)
            story.ship(0, quantity)
            story.deliver(0, 1)
            story.return_units(0, 1)
        case 3:
            story.redact(story.note("call back"))
        case _:
            story.note("gift wrap, please")


def _reserve(story: OrderStory) -> Iterator[tuple[str, str, int]]:
    for line in story.lines:
        stream_id, reservation_id = stock_stream(WAREHOUSE, line.sku), story.log.new_id()
        story.log.add(
            stream_id,
            StockReserved,
            reservation_id=reservation_id,
            order_id=story.order_id,
            line_id=line.line_id,
            quantity=line.quantity,
        )
        yield stream_id, reservation_id, line.quantity


def _release(story: OrderStory, reservations: list[tuple[str, str, int]]) -> None:
    for stream_id, reservation_id, quantity in reservations:
        story.log.add(
            stream_id,
            StockReservationReleased,
            reservation_id=reservation_id,
            quantity=quantity,
            reason="CANCELLED",
        )
