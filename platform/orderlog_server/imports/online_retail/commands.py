"""A step as the commands that a live shop would send. Ids are derived: sent twice, acts once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never
from uuid import UUID, uuid5

from orderlog.application.channels import Channel
from orderlog.application.metadata import derived_id, new_metadata
from orderlog.domain.commands import Command
from orderlog.domain.envelope import Actor, ActorKind, CommandMetadata
from orderlog.domain.money import Money
from orderlog.domain.orders.commands import (
    AddOrderLine,
    ApplyDiscount,
    CancelOrder,
    CancelOrderLines,
    CreateDraftOrder,
    PlaceOrder,
    RecordLinesReturned,
    RecordLinesShipped,
    SelectShippingMethod,
    SetOrderAddress,
)
from orderlog.domain.orders.events import (
    AddressKind,
    DiscountKind,
    DiscountScope,
    LineQuantity,
    OrderSource,
)
from orderlog.domain.stock.commands import (
    AdjustStock,
    ReceiveStock,
    RegisterStockItem,
    RestockReturn,
    ShipStock,
)
from orderlog.domain.values import (
    QUANTITY_MAX,
    TEXT_LENGTH_MAX,
    PostalAddress,
    Sealed,
)
from orderlog.processes.placement import reservation_id
from orderlog_server.imports.online_retail.steps import (
    CURRENCY,
    Adjust,
    AnyStep,
    CancelSome,
    CancelWhole,
    Place,
    Ship,
    Sold,
    TakeBack,
    Units,
    sum_by_sku,
)

NAME: Final = "import online-retail"
ACTOR: Final = Actor(ActorKind.SYSTEM, NAME)
NAMESPACE: Final = str(uuid5(UUID(int=0), f"orderlog {NAME}"))
PAYMENT_METHOD: Final = "sandbox:approve"
OPENING_REFERENCE: Final = "generated opening stock"
SHIPPING_METHOD: Final = "generated"
REASON: Final = "credited by invoice"

Seal = Callable[[str, object], Sealed]


def metadata_of(step: AnyStep) -> CommandMetadata:
    """The historic time, and one conversation for all that happens to an order."""
    first = step if isinstance(step, Place | Adjust) else step.order
    return metadata(step.key, step.at, correlation_key=first.key)


def metadata(key: str, at: datetime, *, correlation_key: str | None = None) -> CommandMetadata:
    return new_metadata(
        ACTOR,
        command_id=derived_id(NAMESPACE, key),
        correlation_id=derived_id(NAMESPACE, correlation_key or key),
        occurred_at=at,
    )


def order_id(order: Place) -> str:
    return derived_id(NAMESPACE, "order", order.invoice)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandsOf:
    """Turns steps into commands for one channel and warehouse; `seal` hides personal data."""

    channel: Channel
    warehouse_id: str
    seal: Seal

    def __call__(self, step: AnyStep) -> list[Command]:
        match step:
            case Place():
                return list(self._place(step))
            case Ship():
                return list(self._ship(step))
            case CancelWhole():
                return [CancelOrder(order_id=order_id(step.order), reason_code=REASON)]
            case CancelSome():
                order, lines = order_id(step.order), _quantities(step.order, step.units)
                return [CancelOrderLines(order_id=order, lines=lines, reason_code=REASON)]
            case TakeBack():
                return list(self._take_back(step))
            case Adjust():
                return list(self._adjust(step))
            case _:
                assert_never(step)

    def opening(self, sku: str, quantity: int) -> list[Command]:
        """Registers an SKU and fills its shelf, in deliveries of the size that is allowed."""
        rest = range(0, quantity, QUANTITY_MAX)
        return [
            RegisterStockItem(sku=sku, warehouse_id=self.warehouse_id),
            *(self._receive(sku, min(QUANTITY_MAX, quantity - received)) for received in rest),
        ]

    def _receive(self, sku: str, quantity: int) -> ReceiveStock:
        return ReceiveStock(
            sku=sku,
            warehouse_id=self.warehouse_id,
            quantity=quantity,
            reference=OPENING_REFERENCE,
        )

    def _place(self, order: Place) -> Iterator[Command]:
        this = order_id(order)
        yield self._draft(this, order)
        yield from (_line(this, sold) for sold in order.lines)
        if order.shipping or any(sold.is_goods for sold in order.lines):
            yield self._address(this, order)
            yield _shipping_method(this, order)
        if order.discount_minor:
            yield _discount(this, order)
        terms = self.channel.terms(order.invoice, PAYMENT_METHOD, order.at)
        yield PlaceOrder(order_id=this, terms=terms, expected_total_minor=order.total_minor)

    def _draft(self, this: str, order: Place) -> CreateDraftOrder:
        subject = subject_of(order)
        return CreateDraftOrder(
            order_id=this,
            currency=CURRENCY,
            customer_id=None if order.customer is None else subject,
            guest_email=None if order.customer else self.seal(subject, _guest_email(order)),
            source=OrderSource.IMPORT,
        )

    def _address(self, this: str, order: Place) -> SetOrderAddress:
        return SetOrderAddress(
            order_id=this,
            kind=AddressKind.SHIPPING,
            address=self.seal(subject_of(order), _generated_address(order)),
            country=order.country,
        )

    def _ship(self, step: Ship) -> Iterator[Command]:
        this = order_id(step.order)
        lines = _quantities(step.order, step.units)
        yield RecordLinesShipped(order_id=this, lines=lines, ref=f"generated {step.order.invoice}")
        for sku, quantity in sum_by_sku(step.units.items()).items():
            yield ShipStock(
                sku=sku,
                warehouse_id=self.warehouse_id,
                reservation_id=reservation_id(this, sku, self.warehouse_id),
                quantity=quantity,
            )

    def _take_back(self, step: TakeBack) -> Iterator[Command]:
        yield RecordLinesReturned(
            order_id=order_id(step.order),
            lines=_quantities(step.order, step.units),
            ref=f"return of {step.invoice}",
            refund_minor=step.refund_minor,
        )
        for sku, quantity in sum_by_sku(step.units.items()).items():
            yield RestockReturn(
                sku=sku,
                warehouse_id=self.warehouse_id,
                return_id=derived_id(NAMESPACE, step.key),
                quantity=quantity,
            )

    def _adjust(self, step: Adjust) -> Iterator[Command]:
        yield AdjustStock(
            sku=step.sku,
            warehouse_id=self.warehouse_id,
            delta=step.delta,
            reason_code=step.reason[:TEXT_LENGTH_MAX],
        )


def subject_of(order: Place) -> str:
    """Whose personal data an order holds: the customer's, or those of one guest."""
    if order.customer is None:
        return derived_id(NAMESPACE, "guest", order.invoice)
    return derived_id(NAMESPACE, "customer", order.customer)


def _line_id(order: Place, sold: Sold) -> str:
    return derived_id(NAMESPACE, "line", order.invoice, str(sold.number))


def _quantities(order: Place, units: Units) -> tuple[LineQuantity, ...]:
    return tuple(LineQuantity(_line_id(order, sold), count) for sold, count in units.items())


def _line(this: str, sold: Sold) -> AddOrderLine:
    row = sold.row
    return AddOrderLine(
        order_id=this,
        line_id=_line_id(sold.order, sold),
        sku=row.sku,
        title=(row.title or row.sku)[:TEXT_LENGTH_MAX],
        quantity=row.quantity,
        unit_price=row.price,
        currency=CURRENCY,
        requires_shipping=sold.is_goods,
    )


def _shipping_method(this: str, order: Place) -> SelectShippingMethod:
    code = order.shipping[0].row.sku if order.shipping else SHIPPING_METHOD
    return SelectShippingMethod(
        order_id=this, method_id=code, name=code, price=Money(order.shipping_minor, CURRENCY)
    )


def _discount(this: str, order: Place) -> ApplyDiscount:
    return ApplyDiscount(
        order_id=this,
        discount_id=derived_id(NAMESPACE, "discount", order.invoice),
        kind=DiscountKind.FIXED,
        value=order.discount_minor,
        scope=DiscountScope.ORDER,
    )


def _guest_email(order: Place) -> str:
    return f"guest-{order.invoice}@generated.example"


def _generated_address(order: Place) -> PostalAddress:
    name = f"Guest {order.invoice}" if order.customer is None else f"Customer {order.customer}"
    return PostalAddress(name=f"{name} (generated)", line1="1 Generated Street", city="Generated")
