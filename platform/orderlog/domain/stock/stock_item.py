"""The stock of one SKU in one warehouse: what is there, and what of it is promised to orders."""

from typing import Self, assert_never

from orderlog.domain.envelope import EnvelopeSequence
from orderlog.domain.rejections import ErrorCode, Rejected, invalid_state, require_status
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
from orderlog.domain.stock.state import ON_HAND_MAX, ReservationStatus, StockState, invalid_quantity
from orderlog.domain.values import (
    QUANTITY_MAX,
    require_quantity,
    require_reason,
    require_sku,
    require_text,
    require_warehouse,
)


class StockItem(StockState):
    TOPIC = "stock"

    @classmethod
    def begin(cls, command: RegisterStockItem, envelopes: EnvelopeSequence) -> Self:
        if not 0 <= command.safety_stock <= QUANTITY_MAX:
            raise invalid_quantity(0, QUANTITY_MAX, "safetyStock")
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
        reservation = self.reservation(command.reservation_id)
        if reservation.status is ReservationStatus.HELD:
            self.record(envelopes, StockReservationCommitted, reservation_id=command.reservation_id)

    def extend(self, command: ExtendReservation, envelopes: EnvelopeSequence) -> None:
        reservation = self.reservation(command.reservation_id)
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
            raise invalid_quantity(1, reservation.quantity)
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
        reservation = self.reservation(command.reservation_id)
        require_status(reservation.status, ReservationStatus.COMMITTED)
        if command.quantity > reservation.quantity:
            maximum = reservation.quantity
            message = f"At most {maximum} units of this reservation can be shipped."
            raise Rejected(ErrorCode.SHIP_EXCEEDS_OPEN, message, path=("quantity",), max=maximum)
        self.require_on_hand(command.quantity)
        self.record(
            envelopes,
            StockShipped,
            reservation_id=command.reservation_id,
            quantity=command.quantity,
        )

    def receive(self, command: ReceiveStock, envelopes: EnvelopeSequence) -> None:
        require_quantity(command.quantity)
        require_text(command.reference, "reference")
        self.require_room(command.quantity)
        self.record(
            envelopes, StockReceived, quantity=command.quantity, reference=command.reference
        )

    def adjust(self, command: AdjustStock, envelopes: EnvelopeSequence) -> None:
        require_reason(command.reason_code)
        delta = self._delta_of(command)
        self.require_on_hand(-delta)
        self.require_room(delta)
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
        self.require_room(command.quantity)
        self.record(
            envelopes, StockRestocked, return_id=command.return_id, quantity=command.quantity
        )

    def write_off(self, command: WriteOffStock, envelopes: EnvelopeSequence) -> None:
        require_quantity(command.quantity)
        require_reason(command.reason_code)
        self.require_on_hand(command.quantity)
        self.record(
            envelopes,
            StockWrittenOff,
            quantity=command.quantity,
            reason_code=command.reason_code,
        )
        self._detect_shortfall(envelopes)

    def _delta_of(self, command: AdjustStock) -> int:
        if command.counted is None and command.delta is not None:
            if not command.delta or abs(command.delta) > QUANTITY_MAX:
                raise invalid_quantity(-QUANTITY_MAX, QUANTITY_MAX, "delta")
            return command.delta
        if command.delta is not None or command.counted is None or command.counted_from is None:
            message = "Give either a delta, or a count together with the figure it corrects."
            raise Rejected(ErrorCode.INVALID_VALUE, message, path=("delta",))
        if not 0 <= command.counted <= ON_HAND_MAX:
            raise invalid_quantity(0, ON_HAND_MAX, "counted")
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
