"""One row for each order, by customer; a guest's order waits here for a customer."""

from datetime import datetime

import msgspec

from orderlog.domain.orders.events import OrderStatus
from orderlog_projections.rows import row_table


class CustomerOrder(msgspec.Struct, frozen=True):
    """Amounts are minor units of `currency`. Drafts are kept, and not listed, until placed."""

    order_id: str
    channel_id: str
    customer_id: str | None
    status: OrderStatus
    currency: str
    exponent: int
    number: str | None = None
    placed_at: datetime | None = None
    grand_total: int = 0
    refunded_minor: int = 0
    position: int = 0


CUSTOMER_ORDERS = row_table(
    "customer_orders",
    CustomerOrder,
    key=["order_id"],
    indexes=[["customer_id", "placed_at", "order_id"]],
    version=2,
)
