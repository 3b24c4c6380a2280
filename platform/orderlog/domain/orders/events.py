"""What can have happened to an order. Names and fields are a storage format.

Amounts are integers in minor units of the order's currency; rates are parts per million.
"""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import msgspec

from orderlog.domain.aggregate import Created, Event
from orderlog.domain.money import PriceMode, Rounding, UnitPrice
from orderlog.domain.values import Sealed


class OrderStatus(StrEnum):
    DRAFT = "DRAFT"
    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    COMPLETED = "COMPLETED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    DISCARDED = "DISCARDED"


class OrderSource(StrEnum):
    WEB = "WEB"
    ADMIN = "ADMIN"
    API = "API"
    IMPORT = "IMPORT"


class AddressKind(StrEnum):
    SHIPPING = "SHIPPING"
    BILLING = "BILLING"


class PriceSource(StrEnum):
    CATALOG = "CATALOG"
    OVERRIDE = "OVERRIDE"


class DiscountKind(StrEnum):
    PERCENT = "PERCENT"
    FIXED = "FIXED"
    VOUCHER = "VOUCHER"


class DiscountScope(StrEnum):
    ORDER = "ORDER"
    LINE = "LINE"
    SHIPPING = "SHIPPING"


class CaptureMode(StrEnum):
    IMMEDIATE = "IMMEDIATE"
    ON_CONFIRM = "ON_CONFIRM"
    ON_SHIP = "ON_SHIP"


class ShortagePolicy(StrEnum):
    REJECT = "REJECT"
    BACKORDER = "BACKORDER"
    PARTIAL = "PARTIAL"


class RefundPolicy(StrEnum):
    FULL = "FULL"
    NONE = "NONE"
    AMOUNT = "AMOUNT"


class NoteVisibility(StrEnum):
    INTERNAL = "INTERNAL"
    CUSTOMER = "CUSTOMER"


class Allocation(msgspec.Struct, frozen=True):
    line_id: str
    amount_minor: int


class LineQuantity(msgspec.Struct, frozen=True):
    line_id: str
    quantity: int


class ShortageItem(msgspec.Struct, frozen=True):
    line_id: str
    sku: str
    requested: int
    available: int


class PlacedLine(msgspec.Struct, frozen=True):
    """A line as it was placed: `total` is before discount, `tax` by the order's price mode."""

    line_id: str
    sku: str
    title: str
    quantity: int
    unit_price: UnitPrice
    tax_rate_ppm: int
    requires_shipping: bool
    total: int
    discount: int
    tax: int


class TaxAmount(msgspec.Struct, frozen=True):
    rate_ppm: int
    taxable: int
    tax: int


class OrderDrafted(Created, frozen=True, kw_only=True):
    """An order was begun."""

    TOPIC = "OrderDrafted"
    order_id: str
    channel_id: str
    currency: str
    customer_id: str | None = None
    guest_email_ref: Sealed | None = None
    locale: str
    source: OrderSource


class OrderLineAdded(Event, frozen=True, kw_only=True):
    TOPIC = "OrderLineAdded"
    line_id: str
    sku: str
    title: str
    quantity: int
    unit_price: UnitPrice
    tax_rate_ppm: int = 0
    requires_shipping: bool = True
    price_source: PriceSource = PriceSource.CATALOG
    override_reason: str | None = None


class OrderLineQuantityChanged(
    Event, frozen=True, kw_only=True, rename={"from_quantity": "from", "to_quantity": "to"}
):
    TOPIC = "OrderLineQuantityChanged"
    line_id: str
    from_quantity: int
    to_quantity: int


class OrderLineRemoved(Event, frozen=True, kw_only=True):
    TOPIC = "OrderLineRemoved"
    line_id: str


class OrderAddressSet(Event, frozen=True, kw_only=True):
    TOPIC = "OrderAddressSet"
    kind: AddressKind
    address_ref: Sealed | None = None
    country: str
    region: str | None = None
    postcode_prefix: str | None = None


class ShippingMethodSelected(Event, frozen=True, kw_only=True):
    TOPIC = "ShippingMethodSelected"
    method_id: str
    name: str
    price: int
    tax_rate_ppm: int


class DiscountApplied(Event, frozen=True, kw_only=True):
    """`allocations` are those of the moment; `OrderPlaced` freezes the final ones."""

    TOPIC = "DiscountApplied"
    discount_id: str
    kind: DiscountKind
    code: str | None = None
    value: int
    scope: DiscountScope
    line_id: str | None = None
    allocations: list[Allocation]


class DiscountRemoved(Event, frozen=True, kw_only=True):
    TOPIC = "DiscountRemoved"
    discount_id: str


class OrderCustomerAssigned(Event, frozen=True, kw_only=True):
    TOPIC = "OrderCustomerAssigned"
    customer_id: str
    previous: str | None = None


class DraftDiscarded(Event, frozen=True, kw_only=True):
    TOPIC = "DraftDiscarded"
    reason: str | None = None


class OrderPlaced(Event, frozen=True, kw_only=True):
    """The order as the customer agreed to it; nothing in it is ever computed again."""

    TOPIC = "OrderPlaced"
    order_number: str
    lines: list[PlacedLine]
    subtotal: int
    discount_total: int
    shipping_total: int
    tax_total: int
    grand_total: int
    currency: str
    exponent: int
    price_mode: PriceMode
    rounding: Rounding
    tax_breakdown: list[TaxAmount]
    capture_mode: CaptureMode
    shortage_policy: ShortagePolicy
    payment_method: str
    payment_due_at: datetime
    reserve_until: datetime


class OrderImported(Created, frozen=True, kw_only=True):
    """An order of another system, placed at its historic time; otherwise as `OrderPlaced`."""

    TOPIC = "OrderImported"
    order_id: str
    channel_id: str
    source: str
    external_id: str
    placed_at: datetime
    customer_id: str | None = None
    guest_email_ref: Sealed | None = None
    country: str | None = None
    order_number: str
    lines: list[PlacedLine]
    subtotal: int
    discount_total: int
    shipping_total: int
    tax_total: int
    grand_total: int
    currency: str
    exponent: int
    price_mode: PriceMode
    rounding: Rounding
    tax_breakdown: list[TaxAmount]
    capture_mode: CaptureMode
    shortage_policy: ShortagePolicy
    payment_method: str
    payment_due_at: datetime
    reserve_until: datetime


class OrderConfirmed(Event, frozen=True, kw_only=True):
    """The pivot of a placement. Carries what sales figures need: total, units, currency."""

    TOPIC = "OrderConfirmed"
    reservation_ids: list[str]
    payment_ids: list[str]
    currency: str
    grand_total: int
    units: int


class OrderRejected(Event, frozen=True, kw_only=True):
    TOPIC = "OrderRejected"
    code: str
    items: list[ShortageItem]


class OrderExpired(Event, frozen=True, kw_only=True):
    TOPIC = "OrderExpired"
    due_at: datetime


class OrderCancelled(Event, frozen=True, kw_only=True):
    """`reversed_total` and `reversed_units` are what sales lose: 0 if it was never confirmed."""

    TOPIC = "OrderCancelled"
    reason_code: str
    note: str | None = None
    restock: bool
    refund: RefundPolicy
    amount: int | None = None
    from_status: OrderStatus
    currency: str
    reversed_total: int
    reversed_units: int


class OrderLinesCancelled(Event, frozen=True, kw_only=True):
    TOPIC = "OrderLinesCancelled"
    lines: list[LineQuantity]
    reason_code: str
    refund_minor: int
    currency: str
    units: int
    refunds: list[Allocation] = msgspec.field(default_factory=list[Allocation])


class OrderLinesShipped(Event, frozen=True, kw_only=True):
    TOPIC = "OrderLinesShipped"
    lines: list[LineQuantity]
    ref: str


class OrderLinesDelivered(Event, frozen=True, kw_only=True):
    TOPIC = "OrderLinesDelivered"
    lines: list[LineQuantity]
    ref: str


class OrderLinesReturned(Event, frozen=True, kw_only=True):
    TOPIC = "OrderLinesReturned"
    lines: list[LineQuantity]
    ref: str
    refund_minor: int
    currency: str
    units: int
    refunds: list[Allocation] = msgspec.field(default_factory=list[Allocation])


class OrderNoteAdded(Event, frozen=True, kw_only=True):
    TOPIC = "OrderNoteAdded"
    note_id: str
    text: str
    visibility: NoteVisibility


class OrderNoteRedacted(Event, frozen=True, kw_only=True):
    TOPIC = "OrderNoteRedacted"
    note_id: str


OrderEvent: TypeAlias = (
    OrderDrafted
    | OrderLineAdded
    | OrderLineQuantityChanged
    | OrderLineRemoved
    | OrderAddressSet
    | ShippingMethodSelected
    | DiscountApplied
    | DiscountRemoved
    | OrderCustomerAssigned
    | DraftDiscarded
    | OrderPlaced
    | OrderImported
    | OrderConfirmed
    | OrderRejected
    | OrderExpired
    | OrderCancelled
    | OrderLinesCancelled
    | OrderLinesShipped
    | OrderLinesDelivered
    | OrderLinesReturned
    | OrderNoteAdded
    | OrderNoteRedacted
)
