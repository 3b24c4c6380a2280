"""How each event changes the row of its order."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from orderlog.domain.aggregate import Event
from orderlog.domain.money import exponent_of
from orderlog.domain.orders.events import (
    DraftDiscarded,
    LineQuantity,
    OrderAddressSet,
    OrderCancelled,
    OrderConfirmed,
    OrderCustomerAssigned,
    OrderDrafted,
    OrderExpired,
    OrderImported,
    OrderLinesCancelled,
    OrderLinesDelivered,
    OrderLinesReturned,
    OrderLinesShipped,
    OrderNoteAdded,
    OrderNoteRedacted,
    OrderPlaced,
    OrderRejected,
    OrderSource,
    OrderStatus,
)
from orderlog.domain.related import order_of
from orderlog_projections.columns import saturated, storable
from orderlog_projections.drafts import placed_at_of
from orderlog_projections.order_list import drafts
from orderlog_projections.order_list.tables import (
    ORDER_LIST,
    ORDER_SKUS,
    Draft,
    OrderListRow,
    OrderSkuRow,
    Workings,
)
from orderlog_projections.projection import Entries, Fold, Projection
from orderlog_projections.statuses import (
    SETTLING,
    FulfillmentStatus,
    OrderPaymentStatus,
    Parcels,
    Settlement,
    fulfillment_status,
    granted_by_cancelling,
    payment_status,
)

Row = OrderListRow

_DIGITS: Final = re.compile(r"\d+")
_NUMBER_WIDTH: Final = 12


def drafted(_: None, event: OrderDrafted) -> Row:
    row = _begun(event, event.source)
    return replace(row, workings=Workings(draft=Draft()))


def imported(_: None, event: OrderImported) -> Row:
    return placed(_begun(event, OrderSource.IMPORT), event)


def _begun(event: OrderDrafted | OrderImported, source: OrderSource) -> Row:
    created_at = event.envelope.occurred_at
    return OrderListRow(
        order_id=event.order_id,
        channel_id=event.channel_id,
        number=None,
        customer_id=event.customer_id,
        status=OrderStatus.DRAFT,
        payment_status=OrderPaymentStatus.NONE,
        fulfillment_status=FulfillmentStatus.UNFULFILLED,
        source=source,
        currency=event.currency,
        exponent=exponent_of(event.currency),
        grand_total=0,
        paid_minor=0,
        refunded_minor=0,
        item_count=0,
        line_count=0,
        placed_at=None,
        created_at=created_at,
        updated_at=created_at,
        version=0,
        position=0,
        sorted_at=created_at,
        sorted_number="",
    )


def placed(row: Row, event: OrderPlaced | OrderImported) -> Row:
    placed_at = placed_at_of(event)
    required = sum(line.quantity for line in event.lines if line.requires_shipping)
    return replace(
        row,
        status=OrderStatus.PENDING,
        number=event.order_number,
        sorted_number=_sorted_number(event.order_number),
        placed_at=placed_at,
        sorted_at=placed_at,
        grand_total=event.grand_total,
        item_count=sum(line.quantity for line in event.lines),
        line_count=len(event.lines),
        workings=replace(
            row.workings,
            draft=None,
            parcels=Parcels(required=required),
            unshippable=tuple(line.line_id for line in event.lines if not line.requires_shipping),
        ),
    )


def _sorted_number(number: str) -> str:
    """Digits padded, so that order 999 comes before order 1000."""
    return _DIGITS.sub(lambda digits: digits[0].zfill(_NUMBER_WIDTH), storable(number))


def confirmed(row: Row, _: OrderConfirmed) -> Row:
    return replace(row, status=OrderStatus.CONFIRMED)


def rejected(row: Row, _: OrderRejected) -> Row:
    return replace(row, status=OrderStatus.REJECTED)


def expired(row: Row, _: OrderExpired) -> Row:
    return replace(row, status=OrderStatus.EXPIRED)


def cancelled(row: Row, event: OrderCancelled) -> Row:
    granted = granted_by_cancelling(event, row.workings.granted_minor, row.grand_total)
    workings = replace(row.workings, granted_minor=granted)
    return replace(row, status=OrderStatus.CANCELLED, workings=workings)


def discarded(row: Row, _: DraftDiscarded) -> Row:
    """Its last total stays; there is no need to compute it any more."""
    workings = replace(row.workings, draft=None)
    return replace(drafts.totalled(row), status=OrderStatus.DISCARDED, workings=workings)


def customer_assigned(row: Row, event: OrderCustomerAssigned) -> Row:
    return replace(row, customer_id=event.customer_id)


def lines_cancelled(row: Row, event: OrderLinesCancelled) -> Row:
    parcels = row.workings.parcels
    required = parcels.required - _shippable(row, event.lines)
    return _granted(_posted(row, replace(parcels, required=required)), event.refund_minor)


def lines_shipped(row: Row, event: OrderLinesShipped) -> Row:
    parcels = row.workings.parcels
    return _posted(row, replace(parcels, shipped=parcels.shipped + _shippable(row, event.lines)))


def lines_delivered(row: Row, event: OrderLinesDelivered) -> Row:
    parcels = row.workings.parcels
    delivered = parcels.delivered + _shippable(row, event.lines)
    return _posted(row, replace(parcels, delivered=delivered))


def lines_returned(row: Row, event: OrderLinesReturned) -> Row:
    return _granted(row, event.refund_minor)


def _shippable(row: Row, lines: list[LineQuantity]) -> int:
    unshippable = row.workings.unshippable
    return sum(entry.quantity for entry in lines if entry.line_id not in unshippable)


def _posted(row: Row, parcels: Parcels) -> Row:
    return replace(row, workings=replace(row.workings, parcels=parcels))


def _granted(row: Row, refund_minor: int) -> Row:
    granted = saturated(row.workings.granted_minor + refund_minor)
    return replace(row, workings=replace(row.workings, granted_minor=granted))


def _settled(change: Callable[[Settlement, Any], Settlement]) -> Callable[[Row, Any], Row]:
    def settle(row: Row, event: Event) -> Row:
        workings = row.workings
        return replace(
            row, workings=replace(workings, settlement=change(workings.settlement, event))
        )

    return settle


def touched(row: Row, _: Event) -> Row:
    """Nothing that a list shows, but a new version of the order."""
    return row


def stamped(row: Row, event: Event, position: int) -> Row:
    is_own = event.originator_id.startswith("order-")
    return replace(
        row,
        position=position,
        version=event.originator_version if is_own else row.version,
        updated_at=max(row.updated_at, event.envelope.occurred_at),
    )


def derived(row: Row) -> Row:
    """Statuses and amounts that follow from the workings."""
    row, workings = drafts.totalled(row), row.workings
    settlement = workings.settlement
    return replace(
        row,
        payment_status=payment_status(settlement, row.grand_total - workings.granted_minor),
        fulfillment_status=fulfillment_status(row.status, workings.parcels),
        paid_minor=settlement.captured,
        refunded_minor=settlement.refunded,
    )


def skus_of(event: OrderPlaced | OrderImported, _: int) -> Iterator[OrderSkuRow]:
    """Each SKU once, however many lines have it."""
    order_id = event.originator_id.removeprefix("order-")
    for sku in dict.fromkeys(line.sku for line in event.lines):
        yield OrderSkuRow(sku, order_id)


REACTIONS: Final[Mapping[type[Event], Callable[[Any, Any], Row]]] = {
    OrderDrafted: drafted,
    OrderImported: imported,
    OrderAddressSet: touched,
    OrderCustomerAssigned: customer_assigned,
    DraftDiscarded: discarded,
    OrderPlaced: placed,
    OrderConfirmed: confirmed,
    OrderRejected: rejected,
    OrderExpired: expired,
    OrderCancelled: cancelled,
    OrderLinesCancelled: lines_cancelled,
    OrderLinesShipped: lines_shipped,
    OrderLinesDelivered: lines_delivered,
    OrderLinesReturned: lines_returned,
    OrderNoteAdded: touched,
    OrderNoteRedacted: touched,
    **drafts.REACTIONS,
    **{event_type: _settled(change) for event_type, change in SETTLING.items()},
}

ORDERS: Final = Fold(
    table=ORDER_LIST, key=order_of, reactions=REACTIONS, stamp=stamped, derive=derived
)
SKUS: Final = Entries(table=ORDER_SKUS, reactions={OrderPlaced: skus_of, OrderImported: skus_of})
PROJECTION: Final = Projection(
    name="order_list",
    question="Which orders are there, and how do they stand?",
    parts=(ORDERS, SKUS),
)
