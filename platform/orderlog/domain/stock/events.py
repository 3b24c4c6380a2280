"""What can have happened to the stock of one SKU in one warehouse."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from orderlog.domain.aggregate import Created, Event


class StockPolicy(StrEnum):
    """What happens to demand beyond the stock."""

    DENY = "DENY"


class StockItemRegistered(Created, frozen=True, kw_only=True):
    TOPIC = "StockItemRegistered"
    sku: str
    warehouse_id: str
    policy: StockPolicy
    safety_stock: int


class StockReceived(Event, frozen=True, kw_only=True):
    TOPIC = "StockReceived"
    quantity: int
    reference: str


class StockAdjusted(Event, frozen=True, kw_only=True):
    TOPIC = "StockAdjusted"
    delta: int
    reason_code: str
    counted: int | None = None


class StockShortfallDetected(Event, frozen=True, kw_only=True):
    """A correction took away what was promised: `short` units, by these reservations."""

    TOPIC = "StockShortfallDetected"
    short: int
    reservation_ids: list[str]


class StockReserved(Event, frozen=True, kw_only=True):
    TOPIC = "StockReserved"
    reservation_id: str
    order_id: str
    line_id: str
    quantity: int
    backordered: int = 0
    expires_at: datetime | None = None


class StockReservationRefused(Event, frozen=True, kw_only=True):
    TOPIC = "StockReservationRefused"
    reservation_id: str
    order_id: str
    line_id: str
    requested: int
    available: int


class StockReservationCommitted(Event, frozen=True, kw_only=True):
    TOPIC = "StockReservationCommitted"
    reservation_id: str


class StockReservationExtended(Event, frozen=True, kw_only=True):
    TOPIC = "StockReservationExtended"
    reservation_id: str
    expires_at: datetime


class StockReservationReleased(Event, frozen=True, kw_only=True):
    TOPIC = "StockReservationReleased"
    reservation_id: str
    quantity: int
    reason: str


class StockReservationExpired(Event, frozen=True, kw_only=True):
    TOPIC = "StockReservationExpired"
    reservation_id: str
    quantity: int


class StockShipped(Event, frozen=True, kw_only=True):
    """Lowers the units on hand and the reservation, both."""

    TOPIC = "StockShipped"
    reservation_id: str
    quantity: int


class StockRestocked(Event, frozen=True, kw_only=True):
    TOPIC = "StockRestocked"
    return_id: str
    quantity: int


class StockWrittenOff(Event, frozen=True, kw_only=True):
    TOPIC = "StockWrittenOff"
    quantity: int
    reason_code: str


StockEvent: TypeAlias = (
    StockItemRegistered
    | StockReceived
    | StockAdjusted
    | StockShortfallDetected
    | StockReserved
    | StockReservationRefused
    | StockReservationCommitted
    | StockReservationExtended
    | StockReservationReleased
    | StockReservationExpired
    | StockShipped
    | StockRestocked
    | StockWrittenOff
)
