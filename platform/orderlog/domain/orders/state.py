"""What an order remembers: as much as its decisions need, and how each event changes it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from orderlog.domain.aggregate import Aggregate
from orderlog.domain.money import Rounding
from orderlog.domain.orders.events import (
    AddressKind,
    Allocation,
    DiscountApplied,
    DiscountRemoved,
    DraftDiscarded,
    LineQuantity,
    OrderAddressSet,
    OrderCancelled,
    OrderConfirmed,
    OrderCustomerAssigned,
    OrderDrafted,
    OrderEvent,
    OrderExpired,
    OrderImported,
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
    OrderStatus,
    ShippingMethodSelected,
)
from orderlog.domain.orders.lines import Line, line_of, placed_line_of
from orderlog.domain.orders.totals import Discount, Shipping, paid_for
from orderlog.domain.rejections import ErrorCode, Rejected, require_status


@dataclass(eq=False, repr=False)
class OrderState(Aggregate):
    """Amounts are minor units of `currency`; `subtotal` is kept while lines come and go."""

    order_id: str = ""
    channel_id: str = ""
    status: OrderStatus = OrderStatus.DRAFT
    currency: str = ""
    customer_id: str | None = None
    has_guest_email: bool = False
    addresses: set[AddressKind] = field(default_factory=set[AddressKind])
    lines: dict[str, Line] = field(default_factory=dict[str, Line])
    discounts: dict[str, Discount] = field(default_factory=dict[str, Discount])
    shipping: Shipping | None = None
    is_note_redacted: dict[str, bool] = field(default_factory=dict[str, bool])
    subtotal: int = 0
    grand_total: int = 0
    refunded_minor: int = 0
    shipped_units: int = 0
    payment_due_at: datetime | None = None

    @property
    def shipping_price(self) -> int:
        return self.shipping.price if self.shipping else 0

    def line(self, line_id: str, *path: str) -> Line:
        """Raises `LINE_NOT_FOUND`."""
        try:
            return self.lines[line_id]
        except KeyError:
            message = "This order has no such line."
            raise Rejected(
                ErrorCode.LINE_NOT_FOUND, message, path=path or ("lineId",), lineId=line_id
            ) from None

    def require(self, *allowed: OrderStatus) -> None:
        """Raises `INVALID_STATE {status, allowed[]}`."""
        require_status(self.status, *allowed)

    def require_nothing_shipped(self) -> None:
        """Raises `ALREADY_SHIPPED {lines}`."""
        if self.shipped_units:
            shipped = [line.line_id for line in self.lines.values() if line.shipped]
            message = "Some of this order has been shipped already."
            raise Rejected(ErrorCode.ALREADY_SHIPPED, message, lines=shipped)

    def evolve(self, event: OrderEvent) -> None:  # noqa: C901, PLR0912 - an arm each
        match event:
            case OrderLineAdded():
                self._add(line_of(event, self.currency, Rounding.HALF_UP))
            case OrderLineQuantityChanged():
                self._change_quantity(event.line_id, event.to_quantity)
            case OrderLineRemoved():
                self.subtotal -= self.lines.pop(event.line_id).total
            case OrderDrafted():
                self._draft(event)
            case OrderPlaced():
                self._place(event)
            case OrderImported():
                self._import(event)
            case OrderConfirmed():
                self.status = OrderStatus.CONFIRMED
            case OrderRejected():
                self.status = OrderStatus.REJECTED
            case OrderExpired():
                self.status = OrderStatus.EXPIRED
            case OrderCancelled():
                self.status = OrderStatus.CANCELLED
                self._cancel((LineQuantity(i, n.open_units()) for i, n in self.lines.items()), ())
            case OrderLinesCancelled():
                self._cancel(event.lines, event.refunds)
            case OrderLinesShipped():
                self._ship(event.lines)
            case OrderLinesDelivered():
                for entry in event.lines:
                    self.lines[entry.line_id].delivered += entry.quantity
            case OrderLinesReturned():
                for entry in event.lines:
                    self.lines[entry.line_id].returned += entry.quantity
                self._refund(event.refunds)
            case OrderAddressSet():
                self.addresses.add(event.kind)
            case ShippingMethodSelected():
                self.shipping = Shipping(price=event.price, tax_rate_ppm=event.tax_rate_ppm)
            case DiscountApplied():
                self.discounts[event.discount_id] = _discount_of(event)
            case DiscountRemoved():
                del self.discounts[event.discount_id]
            case OrderCustomerAssigned():
                self.customer_id = event.customer_id
            case DraftDiscarded():
                self.status = OrderStatus.DISCARDED
            case OrderNoteAdded():
                self.is_note_redacted[event.note_id] = False
            case OrderNoteRedacted():
                self.is_note_redacted[event.note_id] = True
            case _:
                assert_never(event)

    def _draft(self, event: OrderDrafted) -> None:
        self.order_id = event.order_id
        self.channel_id = event.channel_id
        self.currency = event.currency
        self.customer_id = event.customer_id
        self.has_guest_email = event.guest_email_ref is not None

    def _import(self, event: OrderImported) -> None:
        self.order_id = event.order_id
        self.channel_id = event.channel_id
        self.currency = event.currency
        self.customer_id = event.customer_id
        self.has_guest_email = event.guest_email_ref is not None
        self._place(event)

    def _place(self, event: OrderPlaced | OrderImported) -> None:
        self.status = OrderStatus.PENDING
        self.lines = {
            line.line_id: placed_line_of(line, paid_for(line, event.price_mode))
            for line in event.lines
        }
        self.subtotal = event.subtotal
        self.grand_total = event.grand_total
        self.payment_due_at = event.payment_due_at

    def _add(self, line: Line) -> None:
        self.lines[line.line_id] = line
        self.subtotal += line.total

    def _change_quantity(self, line_id: str, quantity: int) -> None:
        line = self.lines[line_id]
        self.subtotal -= line.total
        line.ordered = quantity
        line.total = line.unit_price.times(quantity, self.currency, Rounding.HALF_UP)
        self.subtotal += line.total

    def _cancel(self, lines: Iterable[LineQuantity], refunds: Iterable[Allocation]) -> None:
        for entry in lines:
            self.lines[entry.line_id].cancelled += entry.quantity
        self._refund(refunds)

    def _ship(self, lines: Iterable[LineQuantity]) -> None:
        for entry in lines:
            self.lines[entry.line_id].shipped += entry.quantity
            self.shipped_units += entry.quantity

    def _refund(self, refunds: Iterable[Allocation]) -> None:
        for refund in refunds:
            self.lines[refund.line_id].refunded_minor += refund.amount_minor
            self.refunded_minor += refund.amount_minor


def _discount_of(event: DiscountApplied) -> Discount:
    return Discount(
        discount_id=event.discount_id,
        kind=event.kind,
        value=event.value,
        scope=event.scope,
        line_id=event.line_id,
    )
