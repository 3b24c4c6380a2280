"""The whole page of an order, kept as one document."""

from datetime import datetime

import msgspec

from orderlog.domain.envelope import ActorKind
from orderlog.domain.money import PriceMode, Rounding, UnitPrice
from orderlog.domain.orders.events import (
    AddressKind,
    CaptureMode,
    DiscountKind,
    DiscountScope,
    NoteVisibility,
    OrderSource,
    OrderStatus,
    ShortageItem,
    ShortagePolicy,
    TaxAmount,
)
from orderlog.domain.payments.events import PaymentStatus
from orderlog.domain.processes.events import ProcessKind, ProcessOutcome, ProcessStatus
from orderlog.domain.values import Sealed
from orderlog_projections.rows import document_table
from orderlog_projections.statuses import FulfillmentStatus, OrderPaymentStatus


class PageLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """`total` is before `discount`; `tax` is contained in it or added, by the price mode."""

    line_id: str
    sku: str
    title: str
    unit_price: UnitPrice
    tax_rate_ppm: int
    requires_shipping: bool
    ordered: int
    total: int
    discount: int = 0
    tax: int = 0
    cancelled: int = 0
    shipped: int = 0
    delivered: int = 0
    returned: int = 0
    refunded_minor: int = 0


class PageAddress(msgspec.Struct, frozen=True, omit_defaults=True):
    """The personal part stays sealed."""

    kind: AddressKind
    country: str
    region: str | None = None
    postcode_prefix: str | None = None
    sealed: Sealed | None = None


class PageShipping(msgspec.Struct, frozen=True):
    method_id: str
    name: str
    price: int
    tax_rate_ppm: int


class PageDiscount(msgspec.Struct, frozen=True, omit_defaults=True):
    """`value` is parts per million for PERCENT, minor units otherwise."""

    discount_id: str
    kind: DiscountKind
    value: int
    scope: DiscountScope
    line_id: str | None = None
    code: str | None = None


class PageNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """A redacted note has no text any more."""

    note_id: str
    text: str | None
    visibility: NoteVisibility
    author_kind: ActorKind
    author_id: str
    written_at: datetime
    redacted_at: datetime | None = None


class PagePayment(msgspec.Struct, frozen=True, omit_defaults=True):
    payment_id: str
    status: PaymentStatus
    method: str
    gateway: str
    amount: int
    currency: str
    requested_at: datetime
    authorized: int = 0
    captured: int = 0
    voided: int = 0
    refunded: int = 0
    failure_code: str | None = None
    is_outcome_unknown: bool = False


class PageProcess(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the order's placement stands; `code` says why a step failed or the process is stuck."""

    process_id: str
    kind: ProcessKind
    status: ProcessStatus
    step: str | None = None
    attempt: int = 0
    code: str | None = None
    retry_at: datetime | None = None
    outcome: ProcessOutcome | None = None


class OrderPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Amounts are minor units of `currency`. A draft shows what it would cost if placed now.

    `version` is that of the order's stream, `position` that of the last event of the order, its
    payments or its process.
    """

    order_id: str
    channel_id: str
    source: OrderSource
    currency: str
    exponent: int
    created_at: datetime
    updated_at: datetime
    version: int = 0
    position: int = 0

    status: OrderStatus = OrderStatus.DRAFT
    payment_status: OrderPaymentStatus = OrderPaymentStatus.NONE
    fulfillment_status: FulfillmentStatus = FulfillmentStatus.UNFULFILLED
    number: str | None = None
    external_id: str | None = None
    customer_id: str | None = None
    guest_email: Sealed | None = None
    locale: str | None = None
    placed_at: datetime | None = None
    confirmed_at: datetime | None = None
    closed_at: datetime | None = None
    payment_due_at: datetime | None = None

    lines: tuple[PageLine, ...] = ()
    addresses: tuple[PageAddress, ...] = ()
    shipping: PageShipping | None = None
    discounts: tuple[PageDiscount, ...] = ()
    notes: tuple[PageNote, ...] = ()
    payments: tuple[PagePayment, ...] = ()
    process: PageProcess | None = None

    item_count: int = 0
    line_count: int = 0
    subtotal: int = 0
    discount_total: int = 0
    shipping_total: int = 0
    tax_total: int = 0
    grand_total: int = 0
    granted_minor: int = 0
    paid_minor: int = 0
    refunded_minor: int = 0
    tax_breakdown: tuple[TaxAmount, ...] = ()
    price_mode: PriceMode | None = None
    rounding: Rounding | None = None
    capture_mode: CaptureMode | None = None
    shortage_policy: ShortagePolicy | None = None
    payment_method: str | None = None

    reject_code: str | None = None
    shortages: tuple[ShortageItem, ...] = ()
    cancel_reason: str | None = None
    cancel_note: str | None = None


ORDER_PAGES = document_table("order_page", OrderPage, key="order_id")
