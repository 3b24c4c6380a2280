"""How each event before placement changes what a draft costs."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from orderlog.domain.aggregate import Event
from orderlog.domain.orders.events import (
    DiscountApplied,
    DiscountRemoved,
    OrderLineAdded,
    OrderLineQuantityChanged,
    OrderLineRemoved,
    ShippingMethodSelected,
)
from orderlog_projections.drafts import line_total, running_totals
from orderlog_projections.order_list.tables import (
    Draft,
    DraftDiscount,
    DraftLine,
)
from orderlog_projections.order_list.tables import OrderListRow as Row


def line_added(row: Row, event: OrderLineAdded) -> Row:
    total = line_total(event.unit_price, event.quantity, row.currency)
    line = DraftLine(event.line_id, event.quantity, event.unit_price, total)
    draft = _draft(row)
    return _drafted(row, replace(draft, lines=(*draft.lines, line)))


def line_quantity_changed(row: Row, event: OrderLineQuantityChanged) -> Row:
    draft, quantity = _draft(row), event.to_quantity
    lines = tuple(
        replace(line, quantity=quantity, total=line_total(line.unit_price, quantity, row.currency))
        if line.line_id == event.line_id
        else line
        for line in draft.lines
    )
    return _drafted(row, replace(draft, lines=lines))


def line_removed(row: Row, event: OrderLineRemoved) -> Row:
    draft = _draft(row)
    lines = tuple(line for line in draft.lines if line.line_id != event.line_id)
    return _drafted(row, replace(draft, lines=lines))


def shipping_selected(row: Row, event: ShippingMethodSelected) -> Row:
    return _drafted(row, replace(_draft(row), shipping_price=event.price))


def discount_applied(row: Row, event: DiscountApplied) -> Row:
    draft = _draft(row)
    discount = DraftDiscount(event.discount_id, event.kind, event.value, event.scope, event.line_id)
    return _drafted(row, replace(draft, discounts=(*draft.discounts, discount)))


def discount_removed(row: Row, event: DiscountRemoved) -> Row:
    draft = _draft(row)
    kept = tuple(one for one in draft.discounts if one.discount_id != event.discount_id)
    return _drafted(row, replace(draft, discounts=kept))


def _draft(row: Row) -> Draft:
    return row.workings.draft or Draft()


def _drafted(row: Row, draft: Draft) -> Row:
    return replace(row, workings=replace(row.workings, draft=draft))


def totalled(row: Row) -> Row:
    """A draft's running total; a placed order's is frozen."""
    draft = row.workings.draft
    if draft is None:
        return row
    totals = {line.line_id: line.total for line in draft.lines}
    return replace(
        row,
        grand_total=running_totals(totals, draft.shipping_price, draft.discounts).grand_total,
        item_count=sum(line.quantity for line in draft.lines),
        line_count=len(draft.lines),
    )


REACTIONS: Final[Mapping[type[Event], Callable[[Any, Any], Row]]] = {
    OrderLineAdded: line_added,
    OrderLineQuantityChanged: line_quantity_changed,
    OrderLineRemoved: line_removed,
    ShippingMethodSelected: shipping_selected,
    DiscountApplied: discount_applied,
    DiscountRemoved: discount_removed,
}
