"""What becomes of the units of a confirmed order, and what they give back."""

from dataclasses import replace

import pytest

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
)
from orderlog.domain.orders.order import Order
from orderlog.domain.rejections import ErrorCode
from tests.domain.examples import MUG, ORDER, PEN, confirmed, line, placed, units
from tests.support.scenario import given, happened

THREE_FOR_A_POUND = line(PEN, 3, "0.333333")
CANCEL_ONE = CancelOrderLines(order_id=ORDER, lines=units(pen=1), reason_code="CHANGED_MIND")
SHIP = RecordLinesShipped(order_id=ORDER, lines=units(pen=2), ref="parcel-1")
DELIVER = RecordLinesDelivered(order_id=ORDER, lines=units(pen=2), ref="parcel-1")
RETURN_ONE = RecordLinesReturned(order_id=ORDER, lines=units(pen=1), ref="rma-1")


def test_units_cancelled_one_by_one_give_back_exactly_what_was_paid() -> None:
    order = given(*confirmed(THREE_FOR_A_POUND))
    refunds = [order.when(CANCEL_ONE).last(OrderLinesCancelled).refund_minor for _ in range(3)]
    assert refunds == [33, 34, 33]
    order.when(CANCEL_ONE).then_rejected(ErrorCode.CANCEL_EXCEEDS_OPEN, max=0, lineId=PEN)


def test_a_line_that_is_named_twice_is_counted_once_with_the_sum() -> None:
    order = given(*confirmed(THREE_FOR_A_POUND))
    order.when(replace(CANCEL_ONE, lines=(*units(pen=2), *units(pen=2))))
    order.then_rejected(ErrorCode.CANCEL_EXCEEDS_OPEN, max=3)
    order.when(replace(CANCEL_ONE, lines=(*units(pen=1), *units(pen=1))))
    order.then(happened(OrderLinesCancelled, lines=[LineQuantity(PEN, 2)], units=2))


def test_units_are_shipped_delivered_and_returned_in_this_order() -> None:
    order = given(*confirmed(THREE_FOR_A_POUND))
    order.when(DELIVER).then_rejected(ErrorCode.SHIP_EXCEEDS_OPEN, max=0)
    order.when(RETURN_ONE).then_rejected(ErrorCode.RETURN_EXCEEDS_RETURNABLE, max=0)
    order.when(SHIP).then(OrderLinesShipped)
    order.when(SHIP).then_rejected(ErrorCode.SHIP_EXCEEDS_OPEN, max=1)
    order.when(replace(CANCEL_ONE, lines=units(pen=2)))
    order.then_rejected(ErrorCode.CANCEL_EXCEEDS_OPEN, max=1)
    order.when(DELIVER).then(OrderLinesDelivered)
    order.when(RETURN_ONE).then(
        happened(OrderLinesReturned, refund_minor=33, refunds=[Allocation(PEN, 33)], units=1)
    )


def test_cancelled_and_returned_units_share_one_count() -> None:
    order = given(*confirmed(THREE_FOR_A_POUND), CANCEL_ONE, SHIP)
    order.when(RETURN_ONE).then(happened(OrderLinesReturned, refund_minor=34))
    order.when(RETURN_ONE).then(happened(OrderLinesReturned, refund_minor=33))
    assert order.state(Order).refunded_minor == 100


def test_what_is_withheld_from_a_return_stays_withheld() -> None:
    order = given(*confirmed(THREE_FOR_A_POUND), SHIP)
    order.when(replace(RETURN_ONE, refund_minor=34))
    order.then_rejected(ErrorCode.REFUND_EXCEEDS_REFUNDABLE, max=33)
    order.when(replace(RETURN_ONE, refund_minor=20)).then(
        happened(OrderLinesReturned, refund_minor=20, refunds=[Allocation(PEN, 20)])
    )
    order.when(RETURN_ONE).then(happened(OrderLinesReturned, refund_minor=34))


def test_a_refund_is_never_negative() -> None:
    order = given(*confirmed(THREE_FOR_A_POUND), SHIP)
    order.when(replace(RETURN_ONE, refund_minor=-1)).then_rejected(ErrorCode.INVALID_AMOUNT)


def test_one_command_speaks_of_several_lines() -> None:
    order = given(*confirmed(THREE_FOR_A_POUND, line(MUG, 2, "8.00")))
    order.when(replace(CANCEL_ONE, lines=units(pen=1, mug=1))).then(
        happened(OrderLinesCancelled, refund_minor=833, currency="GBP", units=2)
    )


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((), ErrorCode.INVALID_VALUE),
        (units(pen=0), ErrorCode.INVALID_QUANTITY),
        (units(mug=1), ErrorCode.LINE_NOT_FOUND),
        (units(pen=1) * 2_001, ErrorCode.TOO_MANY_LINES),
    ],
)
def test_bad_lines_are_refused(lines: tuple[LineQuantity, ...], code: ErrorCode) -> None:
    order = given(*confirmed(THREE_FOR_A_POUND))
    order.when(replace(CANCEL_ONE, lines=lines)).then_rejected(code)
    order.when(replace(SHIP, lines=lines)).then_rejected(code)


def test_nothing_is_shipped_or_cancelled_before_the_order_is_confirmed() -> None:
    order = given(*placed(THREE_FOR_A_POUND))
    for command in (CANCEL_ONE, SHIP, DELIVER, RETURN_ONE):
        order.when(command).then_rejected(ErrorCode.INVALID_STATE, status="PENDING")


def test_a_line_cancellation_has_a_reason() -> None:
    order = given(*confirmed(THREE_FOR_A_POUND))
    order.when(replace(CANCEL_ONE, reason_code="")).then_rejected(ErrorCode.REASON_REQUIRED)
