"""What an order can be asked. Ids are UUIDs in text form; times are UTC."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from orderlog.domain.money import Money, PriceMode, Rounding, UnitPrice
from orderlog.domain.orders.events import (
    AddressKind,
    CaptureMode,
    DiscountKind,
    DiscountScope,
    LineQuantity,
    NoteVisibility,
    OrderSource,
    PriceSource,
    RefundPolicy,
    ShortageItem,
    ShortagePolicy,
)
from orderlog.domain.values import Sealed


def order_stream(order_id: str) -> str:
    return f"order-{order_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _ToOrder:
    """Every order command names its order."""

    order_id: str

    @property
    def stream_id(self) -> str:
        return order_stream(self.order_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDraftOrder(_ToOrder):
    currency: str
    customer_id: str | None = None
    guest_email: Sealed | None = None
    locale: str = "en"
    source: OrderSource = OrderSource.API


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOrderLine(_ToOrder):
    """`currency` is the one that the price was quoted in: it must be the order's."""

    line_id: str
    sku: str
    title: str
    quantity: int
    unit_price: UnitPrice
    currency: str
    tax_rate_ppm: int = 0
    requires_shipping: bool = True
    price_source: PriceSource = PriceSource.CATALOG
    override_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOrderLineQuantity(_ToOrder):
    line_id: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveOrderLine(_ToOrder):
    line_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOrderAddress(_ToOrder):
    """Country, region and postcode prefix stay in clear, for tax and analytics."""

    kind: AddressKind
    address: Sealed | None
    country: str
    region: str | None = None
    postcode_prefix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectShippingMethod(_ToOrder):
    method_id: str
    name: str
    price: Money
    tax_rate_ppm: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyDiscount(_ToOrder):
    """`value` is parts per million for PERCENT, minor units for FIXED and VOUCHER."""

    discount_id: str
    kind: DiscountKind
    value: int
    scope: DiscountScope = DiscountScope.ORDER
    line_id: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDiscount(_ToOrder):
    discount_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignCustomer(_ToOrder):
    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardDraft(_ToOrder):
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementTerms:
    """What the channel decides about a placement, frozen into `OrderPlaced`."""

    order_number: str
    capture_mode: CaptureMode
    shortage_policy: ShortagePolicy
    price_mode: PriceMode
    rounding: Rounding
    payment_method: str
    payment_due_at: datetime
    reserve_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder(_ToOrder):
    """`expected_total_minor`: refuse with `PRICE_CHANGED` when the total is another by now."""

    terms: PlacementTerms
    expected_total_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmOrder(_ToOrder):
    """Sent by the placement process: `authorized_minor` is what its payments have authorized."""

    reservation_ids: tuple[str, ...]
    payment_ids: tuple[str, ...]
    authorized_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectOrder(_ToOrder):
    code: str
    items: tuple[ShortageItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireOrder(_ToOrder):
    """`now` comes from the timer; `has_money_in_flight` is true while any payment lives."""

    now: datetime
    has_money_in_flight: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder(_ToOrder):
    reason_code: str
    note: str | None = None
    restock: bool = True
    refund: RefundPolicy = RefundPolicy.FULL
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrderLines(_ToOrder):
    lines: tuple[LineQuantity, ...]
    reason_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLinesShipped(_ToOrder):
    lines: tuple[LineQuantity, ...]
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLinesDelivered(_ToOrder):
    lines: tuple[LineQuantity, ...]
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLinesReturned(_ToOrder):
    """`refund_minor` overrides the refund that the returned units are worth, never above it."""

    lines: tuple[LineQuantity, ...]
    ref: str
    refund_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOrderNote(_ToOrder):
    note_id: str
    text: str
    visibility: NoteVisibility = NoteVisibility.INTERNAL


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactOrderNote(_ToOrder):
    note_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedLine:
    line_id: str
    sku: str
    title: str
    quantity: int
    unit_price: UnitPrice
    tax_rate_ppm: int = 0
    requires_shipping: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrder(_ToOrder):
    """A whole order from another system; `placed_at` is its historic time.

    `order_id` is derived from source and external id, so that an external id is used only once.
    """

    source: str
    external_id: str
    placed_at: datetime
    currency: str
    lines: tuple[ImportedLine, ...]
    terms: PlacementTerms
    customer_id: str | None = None
    guest_email: Sealed | None = None
    country: str | None = None
    shipping_minor: int = 0
    discount_minor: int = 0


OrderCommand: TypeAlias = (
    CreateDraftOrder
    | AddOrderLine
    | ChangeOrderLineQuantity
    | RemoveOrderLine
    | SetOrderAddress
    | SelectShippingMethod
    | ApplyDiscount
    | RemoveDiscount
    | AssignCustomer
    | DiscardDraft
    | PlaceOrder
    | ConfirmOrder
    | RejectOrder
    | ExpireOrder
    | CancelOrder
    | CancelOrderLines
    | RecordLinesShipped
    | RecordLinesDelivered
    | RecordLinesReturned
    | AddOrderNote
    | RedactOrderNote
    | ImportOrder
)
