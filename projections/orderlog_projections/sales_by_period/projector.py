"""How confirmations, cancellations and returns are booked, each on the day when it happened."""

from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any, Final

from msgspec.structs import replace

from orderlog.domain.aggregate import Event
from orderlog.domain.orders.events import (
    OrderCancelled,
    OrderConfirmed,
    OrderLinesCancelled,
    OrderLinesReturned,
    OrderStatus,
)
from orderlog_projections.columns import saturated
from orderlog_projections.projection import Fold, Projection
from orderlog_projections.sales_by_period.tables import SALES_DAYS, SalesDay

SaleEvent = OrderConfirmed | OrderCancelled | OrderLinesCancelled | OrderLinesReturned


def day_of(event: SaleEvent) -> str:
    """The key of a day: `2010-12-01 GBP default`."""
    envelope = event.envelope
    day = envelope.occurred_at.astimezone(UTC)
    return f"{day:%Y-%m-%d} {event.currency} {envelope.channel_id}"


def _begun(day: SalesDay | None, event: SaleEvent) -> SalesDay:
    if day is not None:
        return day
    date = event.envelope.occurred_at.astimezone(UTC).date()
    return SalesDay(day_of(event), date, event.currency, event.envelope.channel_id)


def confirmed(day: SalesDay | None, event: OrderConfirmed) -> SalesDay:
    day = _begun(day, event)
    return replace(
        day,
        orders=day.orders + 1,
        units=day.units + event.units,
        gross=saturated(day.gross + event.grand_total),
    )


def cancelled(day: SalesDay | None, event: OrderCancelled) -> SalesDay:
    """An order that was never confirmed was never a sale."""
    day = _begun(day, event)
    return replace(
        day,
        orders=day.orders - (event.from_status is OrderStatus.CONFIRMED),
        units=day.units - event.reversed_units,
        cancelled=saturated(day.cancelled + event.reversed_total),
    )


def lines_cancelled(day: SalesDay | None, event: OrderLinesCancelled) -> SalesDay:
    day = _begun(day, event)
    return replace(
        day,
        units=day.units - event.units,
        cancelled=saturated(day.cancelled + event.refund_minor),
    )


def lines_returned(day: SalesDay | None, event: OrderLinesReturned) -> SalesDay:
    day = _begun(day, event)
    return replace(
        day,
        units=day.units - event.units,
        returned=saturated(day.returned + event.refund_minor),
    )


def stamped(day: SalesDay, _: Event, position: int) -> SalesDay:
    return replace(day, position=position)


REACTIONS: Final[Mapping[type[Event], Callable[[Any, Any], SalesDay]]] = {
    OrderConfirmed: confirmed,
    OrderCancelled: cancelled,
    OrderLinesCancelled: lines_cancelled,
    OrderLinesReturned: lines_returned,
}

DAYS: Final = Fold(table=SALES_DAYS, key=day_of, reactions=REACTIONS, stamp=stamped, is_shared=True)
PROJECTION: Final = Projection(
    name="sales_by_period",
    question="What was sold on a day or in a month?",
    parts=(DAYS,),
)
