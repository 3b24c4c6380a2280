"""The stock of one SKU in one warehouse: what is there, and what of it is promised to orders."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Self, assert_never

from orderlog.domain.aggregate import Aggregate
from orderlog.domain.envelope import EnvelopeSequence
from orderlog.domain.rejections import Detail, ErrorCode, Rejected, invalid_state, require_status
from orderlog.domain.stock.commands import (
    AdjustStock,
    CommitReservation,
    ExpireReservation,
    ExtendReservation,
    ReceiveStock,
    RegisterStockItem,
    ReleaseReservation,
    ReserveStock,
    RestockReturn,
    ShipStock,
    StockCommand,
    WriteOffStock,
)
from orderlog.domain.stock.events import (
    StockAdjusted,
    StockEvent,
    StockItemRegistered,
    StockPolicy,
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
from orderlog.domain.values import (
    QUANTITY_MAX,
    require_quantity,
    require_reason,
    require_sku,
    require_text,
    require_warehouse,
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


class StockItem(Aggregate):
    """Keeps live reservations only, oldest first, and their sum: each command is O(1)."""

    TOPIC = "stock"

    def __init__(self) -> None:
        self.sku = ""
        self.warehouse_id = ""
        self.on_hand = 0
        self.safety_stock = 0
        self.reserved = 0
        self.reservations: dict[str, Reservation] = {}

    @property
    def available(self) -> int:
        """May be negative after a correction took away what was promised."""
        return self.on_hand - self.safety_stock - self.reserved

    @classmethod
    def begin(cls, command: RegisterStockItem, envelopes: EnvelopeSequence) -> Self:
        if not 0 <= command.safety_stock <= QUANTITY_MAX:
            raise _invalid_quantity(0, QUANTITY_MAX, "safetyStock")
        return cls.start(
            command.stream_id,
            envelopes,
            StockItemRegistered,
            sku=require_sku(command.sku),
            warehouse_id=require_warehouse(command.warehouse_id),
            policy=StockPolicy.DENY,
            safety_stock=command.safety_stock,
        )

    def handle(self, command: StockCommand, envelopes: EnvelopeSequence) -> None:  # noqa: C901 - an arm each
        match command:
            case ReserveStock():
                self.reserve(command, envelopes)
            case CommitReservation():
                self.commit(command, envelopes)
            case ShipStock():
                self.ship(command, envelopes)
            case ReleaseReservation():
                self.release(command, envelopes)
            case ExtendReservation():
                self.extend(command, envelopes)
            case ExpireReservation():
                self.expire(command, envelopes)
            case ReceiveStock():
                self.receive(command, envelopes)
            case AdjustStock():
                self.adjust(command, envelopes)
            case RestockReturn():
                self.restock(command, envelopes)
            case WriteOffStock():
                self.write_off(command, envelopes)
            case RegisterStockItem():
                message = "This stock item exists already."
                raise Rejected(ErrorCode.ALREADY_EXISTS, message, path=("sku",))
            case _:
                assert_never(command)

    def reserve(self, command: ReserveStock, envelopes: EnvelopeSequence) -> None:
        """All or nothing. A refusal is a fact too: the process that asked reacts to it."""
        require_quantity(command.quantity)
        require_text(command.reservation_id, "reservationId")
        if command.reservation_id in self.reservations:
            return
        if command.quantity > self.available:
            self.record(
                envelopes,
                StockReservationRefused,
                reservation_id=command.reservation_id,
                order_id=command.order_id,
                line_id=command.line_id,
                requested=command.quantity,
                available=max(self.available, 0),
            )
            return
        self.record(
            envelopes,
            StockReserved,
            reservation_id=command.reservation_id,
            order_id=command.order_id,
            line_id=command.line_id,
            quantity=command.quantity,
            expires_at=command.expires_at,
        )

    def commit(self, command: CommitReservation, envelopes: EnvelopeSequence) -> None:
        reservation = self._reservation(command.reservation_id)
        if reservation.status is ReservationStatus.HELD:
            self.record(envelopes, StockReservationCommitted, reservation_id=command.reservation_id)

    def extend(self, command: ExtendReservation, envelopes: EnvelopeSequence) -> None:
        reservation = self._reservation(command.reservation_id)
        require_status(reservation.status, ReservationStatus.HELD)
        if reservation.expires_at != command.expires_at:
            self.record(
                envelopes,
                StockReservationExtended,
                reservation_id=command.reservation_id,
                expires_at=command.expires_at,
            )

    def release(self, command: ReleaseReservation, envelopes: EnvelopeSequence) -> None:
        reservation = self.reservations.get(command.reservation_id)
        if reservation is None:
            return
        quantity = reservation.quantity if command.quantity is None else command.quantity
        if not 1 <= quantity <= reservation.quantity:
            raise _invalid_quantity(1, reservation.quantity)
        self.record(
            envelopes,
            StockReservationReleased,
            reservation_id=command.reservation_id,
            quantity=quantity,
            reason=command.reason,
        )

    def expire(self, command: ExpireReservation, envelopes: EnvelopeSequence) -> None:
        """A timer may come late: for a reservation that is closed there is nothing to do."""
        reservation = self.reservations.get(command.reservation_id)
        if reservation is None:
            return
        require_status(reservation.status, ReservationStatus.HELD)
        if reservation.expires_at is None or command.now < reservation.expires_at:
            raise invalid_state(
                reservation.status,
                ReservationStatus.HELD,
                because="This reservation is not due to expire yet.",
            )
        self.record(
            envelopes,
            StockReservationExpired,
            reservation_id=command.reservation_id,
            quantity=reservation.quantity,
        )

    def ship(self, command: ShipStock, envelopes: EnvelopeSequence) -> None:
        require_quantity(command.quantity)
        reservation = self._reservation(command.reservation_id)
        require_status(reservation.status, ReservationStatus.COMMITTED)
        if command.quantity > reservation.quantity:
            maximum = reservation.quantity
            message = f"At most {maximum} units of this reservation can be shipped."
            raise Rejected(ErrorCode.SHIP_EXCEEDS_OPEN, message, path=("quantity",), max=maximum)
        self._require_on_hand(command.quantity)
        self.record(
            envelopes,
            StockShipped,
            reservation_id=command.reservation_id,
            quantity=command.quantity,
        )

    def receive(self, command: ReceiveStock, envelopes: EnvelopeSequence) -> None:
        require_quantity(command.quantity)
        require_text(command.reference, "reference")
        self._require_room(command.quantity)
        self.record(
            envelopes, StockReceived, quantity=command.quantity, reference=command.reference
        )

    def adjust(self, command: AdjustStock, envelopes: EnvelopeSequence) -> None:
        require_reason(command.reason_code)
        delta = self._delta_of(command)
        self._require_on_hand(-delta)
        self._require_room(delta)
        self.record(
            envelopes,
            StockAdjusted,
            delta=delta,
            reason_code=command.reason_code,
            counted=command.counted,
        )
        if delta < 0:
            self._detect_shortfall(envelopes)

    def restock(self, command: RestockReturn, envelopes: EnvelopeSequence) -> None:
        require_quantity(command.quantity)
        require_text(command.return_id, "returnId")
        self._require_room(command.quantity)
        self.record(
            envelopes, StockRestocked, return_id=command.return_id, quantity=command.quantity
        )

    def write_off(self, command: WriteOffStock, envelopes: EnvelopeSequence) -> None:
        require_quantity(command.quantity)
        require_reason(command.reason_code)
        self._require_on_hand(command.quantity)
        self.record(
            envelopes,
            StockWrittenOff,
            quantity=command.quantity,
            reason_code=command.reason_code,
        )
        self._detect_shortfall(envelopes)

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

    def _reservation(self, reservation_id: str) -> Reservation:
        try:
            return self.reservations[reservation_id]
        except KeyError:
            message = "There is no such live reservation."
            raise Rejected(
                ErrorCode.RESERVATION_NOT_FOUND, message, path=("reservationId",)
            ) from None

    def _delta_of(self, command: AdjustStock) -> int:
        if command.counted is None and command.delta is not None:
            if not command.delta or abs(command.delta) > QUANTITY_MAX:
                raise _invalid_quantity(-QUANTITY_MAX, QUANTITY_MAX, "delta")
            return command.delta
        if command.delta is not None or command.counted is None or command.counted_from is None:
            message = "Give either a delta, or a count together with the figure it corrects."
            raise Rejected(ErrorCode.INVALID_VALUE, message, path=("delta",))
        if not 0 <= command.counted <= ON_HAND_MAX:
            raise _invalid_quantity(0, ON_HAND_MAX, "counted")
        if command.counted_from != self.on_hand:
            message = "The stock has moved since it was counted."
            raise Rejected(
                ErrorCode.VERSION_CONFLICT,
                message,
                path=("countedFrom",),
                expected=command.counted_from,
                current=self.on_hand,
            )
        return command.counted - self.on_hand

    def _require_on_hand(self, quantity: int) -> None:
        if quantity > self.on_hand:
            message = f"Only {self.on_hand} units are on hand."
            item: dict[str, Detail] = {
                "sku": self.sku,
                "requested": quantity,
                "available": self.on_hand,
            }
            raise Rejected(ErrorCode.INSUFFICIENT_STOCK, message, items=[item])

    def _require_room(self, quantity: int) -> None:
        if self.on_hand + quantity > ON_HAND_MAX:
            raise _invalid_quantity(1, ON_HAND_MAX - self.on_hand)

    def _detect_shortfall(self, envelopes: EnvelopeSequence) -> None:
        """Names the newest promises that the stock no longer covers: the oldest are kept."""
        short = min(-self.available, self.reserved)
        if short <= 0:
            return
        uncovered: list[str] = []
        missing = short
        for reservation_id, reservation in reversed(self.reservations.items()):
            if missing <= 0:
                break
            uncovered.append(reservation_id)
            missing -= reservation.quantity
        self.record(envelopes, StockShortfallDetected, short=short, reservation_ids=uncovered)


def _invalid_quantity(minimum: int, maximum: int, *path: str) -> Rejected:
    message = f"A quantity between {minimum:,} and {maximum:,} is needed here."
    return Rejected(
        ErrorCode.INVALID_QUANTITY, message, path=path or ("quantity",), min=minimum, max=maximum
    )
