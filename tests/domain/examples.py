"""Commands of an ordinary day, for stories that are about something else."""

from datetime import timedelta
from typing import TypedDict, Unpack
from uuid import NAMESPACE_OID, uuid5

from orderlog.domain.commands import Command
from orderlog.domain.money import Money, PriceMode, Rounding, UnitPrice
from orderlog.domain.orders.commands import (
    AddOrderLine,
    ConfirmOrder,
    CreateDraftOrder,
    PlacementTerms,
    PlaceOrder,
    SelectShippingMethod,
    SetOrderAddress,
)
from orderlog.domain.orders.events import AddressKind, CaptureMode, LineQuantity, ShortagePolicy
from orderlog.domain.payments.commands import AuthorizePayment, CapturePayment, RequestPayment
from orderlog.domain.stock.commands import ReceiveStock, RegisterStockItem, ReserveStock
from orderlog.domain.values import Sealed
from tests.support.scenario import NOW


def uuid_of(name: str) -> str:
    return str(uuid5(NAMESPACE_OID, name))


ORDER = uuid_of("order")
PAYMENT = uuid_of("payment")
PEN, MUG, EBOOK = uuid_of("pen"), uuid_of("mug"), uuid_of("ebook")
DUE = NOW + timedelta(days=3)
ADDRESS = Sealed("ada", "unreadable")
DRAFT = CreateDraftOrder(order_id=ORDER, currency="GBP", customer_id="ada")
TO_BRISTOL = SetOrderAddress(
    order_id=ORDER, kind=AddressKind.SHIPPING, address=ADDRESS, country="GB"
)
TERMS = PlacementTerms(
    order_number="1001",
    capture_mode=CaptureMode.ON_CONFIRM,
    shortage_policy=ShortagePolicy.REJECT,
    price_mode=PriceMode.GROSS,
    rounding=Rounding.HALF_UP,
    payment_method="sandbox:approve",
    payment_due_at=DUE,
    reserve_until=DUE,
)
PLACE = PlaceOrder(order_id=ORDER, terms=TERMS)


class LineOptions(TypedDict, total=False):
    tax_rate_ppm: int
    requires_shipping: bool
    sku: str


def line(line_id: str, quantity: int, price: str, **options: Unpack[LineOptions]) -> AddOrderLine:
    return AddOrderLine(
        order_id=ORDER,
        line_id=line_id,
        sku=options.get("sku", "SKU-1"),
        title="A thing of use",
        quantity=quantity,
        unit_price=UnitPrice.parse(price, "GBP"),
        currency="GBP",
        tax_rate_ppm=options.get("tax_rate_ppm", 0),
        requires_shipping=options.get("requires_shipping", True),
    )


def parcel(price_minor: int, tax_rate_ppm: int = 0) -> SelectShippingMethod:
    return SelectShippingMethod(
        order_id=ORDER,
        method_id="parcel",
        name="Parcel",
        price=Money(price_minor, "GBP"),
        tax_rate_ppm=tax_rate_ppm,
    )


def confirm(authorized_minor: int = 2**62) -> ConfirmOrder:
    return ConfirmOrder(
        order_id=ORDER,
        reservation_ids=("r1",),
        payment_ids=("p1",),
        authorized_minor=authorized_minor,
    )


def placed(*lines: AddOrderLine) -> list[Command]:
    """All that leads to a placed order with these lines and 3.00 of shipping."""
    return [DRAFT, *lines, TO_BRISTOL, parcel(300), PLACE]


def confirmed(*lines: AddOrderLine) -> list[Command]:
    return [*placed(*lines), confirm()]


def units(**quantities: int) -> tuple[LineQuantity, ...]:
    """`units(pen=2)`: two of the line that is called `pen`."""
    return tuple(LineQuantity(uuid_of(name), quantity) for name, quantity in quantities.items())


MUGS = RegisterStockItem(sku="MUG", warehouse_id="main")


def delivery(quantity: int) -> ReceiveStock:
    return ReceiveStock(sku="MUG", warehouse_id="main", quantity=quantity, reference="PO-1")


def reserve(reservation_id: str, quantity: int) -> ReserveStock:
    return ReserveStock(
        sku="MUG",
        warehouse_id="main",
        reservation_id=reservation_id,
        order_id=ORDER,
        line_id=MUG,
        quantity=quantity,
        expires_at=DUE,
    )


def payment_of(amount_minor: int) -> RequestPayment:
    return RequestPayment(
        payment_id=PAYMENT,
        order_id=ORDER,
        amount=Money(amount_minor, "GBP"),
        method="sandbox:approve",
        gateway="sandbox",
        capture_mode="ON_CONFIRM",
    )


def authorize(amount_minor: int, psp_event_id: str = "evt-auth") -> AuthorizePayment:
    return AuthorizePayment(
        payment_id=PAYMENT,
        amount_minor=amount_minor,
        psp_reference="psp-1",
        psp_event_id=psp_event_id,
    )


def capture(capture_id: str, amount_minor: int, psp_event_id: str | None = None) -> CapturePayment:
    return CapturePayment(
        payment_id=PAYMENT,
        capture_id=capture_id,
        amount_minor=amount_minor,
        psp_reference="psp-2",
        psp_event_id=psp_event_id or f"evt-{capture_id}",
    )
