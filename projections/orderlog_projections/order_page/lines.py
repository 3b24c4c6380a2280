"""How each event changes the lines on an order's page."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from orderlog.domain.aggregate import Event
from orderlog.domain.orders.events import (
    Allocation,
    LineQuantity,
    OrderLineAdded,
    OrderLineQuantityChanged,
    OrderLineRemoved,
    OrderLinesCancelled,
    OrderLinesDelivered,
    OrderLinesReturned,
    OrderLinesShipped,
    PlacedLine,
)
from orderlog_projections.columns import saturated
from orderlog_projections.drafts import line_total
from orderlog_projections.order_page.tables import OrderPage, PageLine
from orderlog_projections.statuses import Parcels


def placed_line(line: PlacedLine) -> PageLine:
    return PageLine(
        line_id=line.line_id,
        sku=line.sku,
        title=line.title,
        unit_price=line.unit_price,
        tax_rate_ppm=line.tax_rate_ppm,
        requires_shipping=line.requires_shipping,
        ordered=line.quantity,
        total=line.total,
        discount=line.discount,
        tax=line.tax,
    )


def line_added(page: OrderPage, event: OrderLineAdded) -> OrderPage:
    line = PageLine(
        line_id=event.line_id,
        sku=event.sku,
        title=event.title,
        unit_price=event.unit_price,
        tax_rate_ppm=event.tax_rate_ppm,
        requires_shipping=event.requires_shipping,
        ordered=event.quantity,
        total=line_total(event.unit_price, event.quantity, page.currency),
    )
    return replace(page, lines=(*page.lines, line))


def line_quantity_changed(page: OrderPage, event: OrderLineQuantityChanged) -> OrderPage:
    def changed(line: PageLine) -> PageLine:
        total = line_total(line.unit_price, event.to_quantity, page.currency)
        return replace(line, ordered=event.to_quantity, total=total)

    return _with_lines(page, [event.line_id], changed)


def line_removed(page: OrderPage, event: OrderLineRemoved) -> OrderPage:
    return replace(page, lines=tuple(one for one in page.lines if one.line_id != event.line_id))


def _with_lines(
    page: OrderPage, line_ids: Iterable[str], change: Callable[[PageLine], PageLine]
) -> OrderPage:
    wanted = frozenset(line_ids)
    lines = tuple(change(line) if line.line_id in wanted else line for line in page.lines)
    return replace(page, lines=lines)


def _moved(page: OrderPage, bucket: str, lines: Iterable[LineQuantity]) -> OrderPage:
    """Units of lines counted into a bucket: cancelled, shipped, delivered or returned."""
    units = {entry.line_id: entry.quantity for entry in lines}

    def filled(line: PageLine) -> PageLine:
        return replace(line, **{bucket: getattr(line, bucket) + units[line.line_id]})

    return _with_lines(page, units, filled)


def _granted(page: OrderPage, refunds: Iterable[Allocation], refund_minor: int) -> OrderPage:
    amounts = {refund.line_id: refund.amount_minor for refund in refunds}

    def refunded(line: PageLine) -> PageLine:
        return replace(line, refunded_minor=line.refunded_minor + amounts[line.line_id])

    page = _with_lines(page, amounts, refunded)
    return replace(page, granted_minor=saturated(page.granted_minor + refund_minor))


def lines_cancelled(page: OrderPage, event: OrderLinesCancelled) -> OrderPage:
    return _granted(_moved(page, "cancelled", event.lines), event.refunds, event.refund_minor)


def lines_shipped(page: OrderPage, event: OrderLinesShipped) -> OrderPage:
    return _moved(page, "shipped", event.lines)


def lines_delivered(page: OrderPage, event: OrderLinesDelivered) -> OrderPage:
    return _moved(page, "delivered", event.lines)


def lines_returned(page: OrderPage, event: OrderLinesReturned) -> OrderPage:
    return _granted(_moved(page, "returned", event.lines), event.refunds, event.refund_minor)


def discounted(lines: tuple[PageLine, ...], discounts: Mapping[str, int]) -> tuple[PageLine, ...]:
    """The lines with what the discounts of a draft take from each, by line id."""
    if not discounts and not any(line.discount for line in lines):
        return lines
    return tuple(replace(line, discount=discounts.get(line.line_id, 0)) for line in lines)


def parcels_of(lines: Iterable[PageLine]) -> Parcels:
    shippable = [line for line in lines if line.requires_shipping]
    return Parcels(
        required=sum(line.ordered - line.cancelled for line in shippable),
        shipped=sum(line.shipped for line in shippable),
        delivered=sum(line.delivered for line in shippable),
    )


REACTIONS: Final[Mapping[type[Event], Callable[[Any, Any], OrderPage]]] = {
    OrderLineAdded: line_added,
    OrderLineQuantityChanged: line_quantity_changed,
    OrderLineRemoved: line_removed,
    OrderLinesCancelled: lines_cancelled,
    OrderLinesShipped: lines_shipped,
    OrderLinesDelivered: lines_delivered,
    OrderLinesReturned: lines_returned,
}
