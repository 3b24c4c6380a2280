"""How each event of a stock item changes its level."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from orderlog.domain.aggregate import Event
from orderlog.domain.stock.events import (
    StockAdjusted,
    StockItemRegistered,
    StockReceived,
    StockReservationCommitted,
    StockReservationExpired,
    StockReservationExtended,
    StockReservationRefused,
    StockReservationReleased,
    StockReserved,
    StockRestocked,
    StockShipped,
    StockShortfallDetected,
    StockWrittenOff,
)
from orderlog_projections.projection import Fold, Projection
from orderlog_projections.stock_levels.tables import STOCK_LEVELS, StockLevel


def registered(_: None, event: StockItemRegistered) -> StockLevel:
    return StockLevel(
        stream_id=event.originator_id,
        sku=event.sku,
        warehouse_id=event.warehouse_id,
        on_hand=0,
        safety_stock=event.safety_stock,
        reserved=0,
        available=0,
        shortfall=0,
        received=0,
        shipped=0,
        updated_at=event.envelope.occurred_at,
        version=0,
        position=0,
    )


def received(level: StockLevel, event: StockReceived) -> StockLevel:
    quantity = event.quantity
    return replace(level, on_hand=level.on_hand + quantity, received=level.received + quantity)


def adjusted(level: StockLevel, event: StockAdjusted) -> StockLevel:
    return replace(level, on_hand=level.on_hand + event.delta)


def reserved(level: StockLevel, event: StockReserved) -> StockLevel:
    """What is backordered is not there yet, so that it takes nothing from what is available."""
    return replace(level, reserved=level.reserved + event.quantity - event.backordered)


def released(
    level: StockLevel, event: StockReservationReleased | StockReservationExpired
) -> StockLevel:
    return replace(level, reserved=level.reserved - event.quantity)


def shipped(level: StockLevel, event: StockShipped) -> StockLevel:
    quantity = event.quantity
    return replace(
        level,
        on_hand=level.on_hand - quantity,
        reserved=level.reserved - quantity,
        shipped=level.shipped + quantity,
    )


def restocked(level: StockLevel, event: StockRestocked) -> StockLevel:
    return replace(level, on_hand=level.on_hand + event.quantity)


def written_off(level: StockLevel, event: StockWrittenOff) -> StockLevel:
    return replace(level, on_hand=level.on_hand - event.quantity)


def touched(level: StockLevel, _: Event) -> StockLevel:
    """No unit has moved, but the item has a new version."""
    return level


def stamped(level: StockLevel, event: Event, position: int) -> StockLevel:
    return replace(
        level,
        position=position,
        version=event.originator_version,
        updated_at=max(level.updated_at, event.envelope.occurred_at),
    )


def derived(level: StockLevel) -> StockLevel:
    available = level.on_hand - level.safety_stock - level.reserved
    return replace(level, available=available, shortfall=max(0, -available))


REACTIONS: Final[Mapping[type[Event], Callable[[Any, Any], StockLevel]]] = {
    StockItemRegistered: registered,
    StockReceived: received,
    StockAdjusted: adjusted,
    StockShortfallDetected: touched,
    StockReserved: reserved,
    StockReservationRefused: touched,
    StockReservationCommitted: touched,
    StockReservationExtended: touched,
    StockReservationReleased: released,
    StockReservationExpired: released,
    StockShipped: shipped,
    StockRestocked: restocked,
    StockWrittenOff: written_off,
}


def stream_of(event: Event) -> str:
    return event.originator_id


LEVELS: Final = Fold(
    table=STOCK_LEVELS, key=stream_of, reactions=REACTIONS, stamp=stamped, derive=derived
)
PROJECTION: Final = Projection(
    name="stock_levels",
    question="How much of a product is there, and how much is promised?",
    parts=(LEVELS,),
)
