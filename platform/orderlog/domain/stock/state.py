"""What a stock item remembers, and how each event changes it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never

from orderlog.domain.aggregate import Aggregate
from orderlog.domain.rejections import Detail, ErrorCode, Rejected
from orderlog.domain.stock.events import (
    StockAdjusted,
    StockEvent,
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

ON_HAND_MAX: Final = 1_000_000_000
"""Also what keeps the figure inside the 32 bits of a GraphQL `Int`."""


class ReservationStatus(StrEnum):
    HELD = "HELD"
    COMMITTED = "COMMITTED"


@dataclass(slots=True)
class Reservation:
    """Live: neither released, expired nor shipped in full. Held ones may expire."""

    quantity: int
    expires_at: datetime | None
    status: ReservationStatus = ReservationStatus.HELD


@dataclass(eq=False, repr=False)
class StockState(Aggregate):
    """Keeps live reservations only, oldest first, and their sum: each command is O(1)."""

    sku: str = ""
    warehouse_id: str = ""
    on_hand: int = 0
    safety_stock: int = 0
    reserved: int = 0
    reservations: dict[str, Reservation] = field(default_factory=dict[str, Reservation])

    @property
    def available(self) -> int:
        """May be negative after a correction took away what was promised."""
        return self.on_hand - self.safety_stock - self.reserved

    def evolve(self, event: StockEvent) -> None:  # noqa: C901 - an arm each
        match event:
            case StockReserved():
                self.reserved += event.quantity
                self.reservations[event.reservation_id] = Reservation(
                    event.quantity, event.expires_at
                )
            case StockReservationCommitted():
                reservation = self.reservations[event.reservation_id]
                reservation.status = ReservationStatus.COMMITTED
                reservation.expires_at = None
            case StockShipped():
                self.on_hand -= event.quantity
                self._let_go(event.reservation_id, event.quantity)
            case StockReservationReleased() | StockReservationExpired():
                self._let_go(event.reservation_id, event.quantity)
            case StockReservationExtended():
                self.reservations[event.reservation_id].expires_at = event.expires_at
            case StockReceived() | StockRestocked():
                self.on_hand += event.quantity
            case StockAdjusted():
                self.on_hand += event.delta
            case StockWrittenOff():
                self.on_hand -= event.quantity
            case StockItemRegistered():
                self.sku = event.sku
                self.warehouse_id = event.warehouse_id
                self.safety_stock = event.safety_stock
            case StockReservationRefused() | StockShortfallDetected():
                pass
            case _:
                assert_never(event)

    def _let_go(self, reservation_id: str, quantity: int) -> None:
        self.reserved -= quantity
        reservation = self.reservations[reservation_id]
        reservation.quantity -= quantity
        if not reservation.quantity:
            del self.reservations[reservation_id]

    def reservation(self, reservation_id: str) -> Reservation:
        try:
            return self.reservations[reservation_id]
        except KeyError:
            message = "There is no such live reservation."
            raise Rejected(
                ErrorCode.RESERVATION_NOT_FOUND, message, path=("reservationId",)
            ) from None

    def require_on_hand(self, quantity: int) -> None:
        if quantity > self.on_hand:
            message = f"Only {self.on_hand} units are on hand."
            item: dict[str, Detail] = {
                "sku": self.sku,
                "requested": quantity,
                "available": self.on_hand,
            }
            raise Rejected(ErrorCode.INSUFFICIENT_STOCK, message, items=[item])

    def require_room(self, quantity: int) -> None:
        if self.on_hand + quantity > ON_HAND_MAX:
            raise invalid_quantity(1, ON_HAND_MAX - self.on_hand)


def invalid_quantity(minimum: int, maximum: int, *path: str) -> Rejected:
    message = f"A quantity between {minimum:,} and {maximum:,} is needed here."
    return Rejected(
        ErrorCode.INVALID_QUANTITY, message, path=path or ("quantity",), min=minimum, max=maximum
    )
