"""One row for each order, with everything that a list shows."""

from datetime import datetime

import msgspec

from orderlog.domain.money import UnitPrice
from orderlog.domain.orders.events import DiscountKind, DiscountScope, OrderSource, OrderStatus
from orderlog_projections.rows import row_table
from orderlog_projections.statuses import (
    FulfillmentStatus,
    OrderPaymentStatus,
    Parcels,
    Settlement,
)


class DraftLine(msgspec.Struct, frozen=True, array_like=True):
    line_id: str
    quantity: int
    unit_price: UnitPrice
    total: int


class DraftDiscount(msgspec.Struct, frozen=True, array_like=True):
    discount_id: str
    kind: DiscountKind
    value: int
    scope: DiscountScope
    line_id: str | None


class Draft(msgspec.Struct, frozen=True, array_like=True):
    """What the total of a draft is made of, until its placement freezes it."""

    lines: tuple[DraftLine, ...] = ()
    discounts: tuple[DraftDiscount, ...] = ()
    shipping_price: int = 0


class Workings(msgspec.Struct, frozen=True, array_like=True):
    """What later events need to know and no list shows.

    `unshippable` names the lines that need no parcel; `granted_minor` are the refunds promised.
    """

    draft: Draft | None = None
    settlement: Settlement = Settlement()
    parcels: Parcels = Parcels()
    unshippable: tuple[str, ...] = ()
    granted_minor: int = 0


class OrderListRow(msgspec.Struct, frozen=True):
    """Amounts are minor units of `currency`. Drafts have no number and no `placed_at` yet.

    `version` is that of the order's stream, `position` that of the last event of the order or its
    payments. `sorted_at` and `sorted_number` are never null, so that lists can be paged by them.
    """

    order_id: str
    channel_id: str
    number: str | None
    customer_id: str | None
    status: OrderStatus
    payment_status: OrderPaymentStatus
    fulfillment_status: FulfillmentStatus
    source: OrderSource
    currency: str
    exponent: int
    grand_total: int
    paid_minor: int
    refunded_minor: int
    item_count: int
    line_count: int
    placed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    position: int
    sorted_at: datetime
    sorted_number: str
    workings: Workings = Workings()


class OrderSkuRow(msgspec.Struct, frozen=True):
    """A SKU that an order was placed with, for the filter by SKU."""

    sku: str
    order_id: str


ORDER_LIST = row_table(
    "order_list",
    OrderListRow,
    key=["order_id"],
    indexes=[
        ["sorted_at", "order_id"],
        ["grand_total", "order_id"],
        ["sorted_number", "order_id"],
        ["updated_at", "order_id"],
        ["status", "sorted_at", "order_id"],
        ["customer_id", "sorted_at", "order_id"],
        ["position"],
    ],
)

ORDER_SKUS = row_table("order_skus", OrderSkuRow, key=["sku", "order_id"])
