"""What becomes of the units of a confirmed order: cancelled, shipped, delivered, returned."""

from collections.abc import Callable, Sequence

from orderlog.domain.envelope import EnvelopeSequence
from orderlog.domain.money import allocate
from orderlog.domain.orders.commands import (
    CancelOrderLines,
    RecordLinesDelivered,
    RecordLinesReturned,
    RecordLinesShipped,
)
from orderlog.domain.orders.events import (
    Allocation,
    LineQuantity,
    OrderLinesCancelled,
    OrderLinesDelivered,
    OrderLinesReturned,
    OrderLinesShipped,
    OrderStatus,
)
from orderlog.domain.orders.lines import Line, summed
from orderlog.domain.orders.state import OrderState
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.values import require_reason, require_text


class Fulfilling(OrderState):
    def cancel_lines(self, command: CancelOrderLines, envelopes: EnvelopeSequence) -> None:
        self.require(OrderStatus.CONFIRMED)
        require_reason(command.reason_code)
        lines = self._within(command.lines, Line.open_units, ErrorCode.CANCEL_EXCEEDS_OPEN)
        refunds = self._worth(lines)
        self.record(
            envelopes,
            OrderLinesCancelled,
            lines=lines,
            reason_code=command.reason_code,
            refund_minor=_sum_of(refunds),
            currency=self.currency,
            units=_units_of(lines),
            refunds=refunds,
        )

    def record_shipped(self, command: RecordLinesShipped, envelopes: EnvelopeSequence) -> None:
        self.require(OrderStatus.CONFIRMED)
        require_text(command.ref, "ref")
        lines = self._within(command.lines, Line.open_units, ErrorCode.SHIP_EXCEEDS_OPEN)
        self.record(envelopes, OrderLinesShipped, lines=lines, ref=command.ref)

    def record_delivered(self, command: RecordLinesDelivered, envelopes: EnvelopeSequence) -> None:
        self.require(OrderStatus.CONFIRMED, OrderStatus.COMPLETED)
        require_text(command.ref, "ref")
        lines = self._within(command.lines, Line.undelivered_units, ErrorCode.SHIP_EXCEEDS_OPEN)
        self.record(envelopes, OrderLinesDelivered, lines=lines, ref=command.ref)

    def record_returned(self, command: RecordLinesReturned, envelopes: EnvelopeSequence) -> None:
        self.require(OrderStatus.CONFIRMED, OrderStatus.COMPLETED)
        require_text(command.ref, "ref")
        code = ErrorCode.RETURN_EXCEEDS_RETURNABLE
        lines = self._within(command.lines, Line.returnable_units, code)
        refunds = self._worth(lines)
        if command.refund_minor is not None:
            refunds = _lowered(refunds, command.refund_minor)
        self.record(
            envelopes,
            OrderLinesReturned,
            lines=lines,
            ref=command.ref,
            refund_minor=_sum_of(refunds),
            currency=self.currency,
            units=_units_of(lines),
            refunds=refunds,
        )

    def _within(
        self, wanted: Sequence[LineQuantity], room: Callable[[Line], int], code: ErrorCode
    ) -> list[LineQuantity]:
        """The wanted units summed by line, or the rejection with the `max` of the first line."""
        units = summed(wanted)
        for line_id, quantity in units.items():
            maximum = room(self.line(line_id, "lines"))
            if quantity > maximum:
                message = f"This is possible for at most {maximum} units of the line."
                raise Rejected(code, message, path=("lines",), lineId=line_id, max=maximum)
        return [LineQuantity(line_id, quantity) for line_id, quantity in units.items()]

    def _worth(self, lines: Sequence[LineQuantity]) -> list[Allocation]:
        return [
            Allocation(entry.line_id, self.lines[entry.line_id].worth(entry.quantity))
            for entry in lines
        ]


def _lowered(worth: Sequence[Allocation], refund_minor: int) -> list[Allocation]:
    """Spreads a refund that was decided by hand, which is never above what the units are worth."""
    maximum = _sum_of(worth)
    if refund_minor < 0:
        message = "A refund is never negative."
        raise Rejected(ErrorCode.INVALID_AMOUNT, message, path=("refundMinor",))
    if refund_minor > maximum:
        message = f"At most {maximum} minor units can be refunded for these units."
        raise Rejected(
            ErrorCode.REFUND_EXCEEDS_REFUNDABLE, message, path=("refundMinor",), max=maximum
        )
    shares = allocate(refund_minor, [entry.amount_minor for entry in worth])
    return [Allocation(entry.line_id, share) for entry, share in zip(worth, shares, strict=True)]


def _sum_of(refunds: Sequence[Allocation]) -> int:
    return sum(refund.amount_minor for refund in refunds)


def _units_of(lines: Sequence[LineQuantity]) -> int:
    return sum(entry.quantity for entry in lines)
