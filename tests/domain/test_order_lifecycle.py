"""What a placed order can come to: confirmed, rejected, expired or cancelled."""

from dataclasses import replace
from datetime import timedelta

import pytest

from orderlog.domain.orders.commands import (
    AddOrderNote,
    AssignCustomer,
    CancelOrder,
    CancelOrderLines,
    ExpireOrder,
    RecordLinesShipped,
    RedactOrderNote,
    RejectOrder,
)
from orderlog.domain.orders.events import (
    OrderAddressSet,
    OrderCancelled,
    OrderConfirmed,
    OrderCustomerAssigned,
    OrderExpired,
    OrderNoteAdded,
    OrderNoteRedacted,
    OrderRejected,
    OrderStatus,
    RefundPolicy,
    ShortageItem,
)
from orderlog.domain.orders.order import Order
from orderlog.domain.rejections import ErrorCode
from tests.domain.examples import (
    DRAFT,
    DUE,
    MUG,
    ORDER,
    PEN,
    TO_BRISTOL,
    confirm,
    confirmed,
    line,
    placed,
    units,
)
from tests.support.scenario import given, happened

THREE_PENS = line(PEN, 3, "1.00")
CANCEL = CancelOrder(order_id=ORDER, reason_code="CHANGED_MIND")
REJECT = RejectOrder(order_id=ORDER, code="INSUFFICIENT_STOCK")
EXPIRE = ExpireOrder(order_id=ORDER, now=DUE)
SHIP_ONE = RecordLinesShipped(order_id=ORDER, lines=units(pen=1), ref="parcel-1")
NOTE = AddOrderNote(order_id=ORDER, note_id="n1", text="Ring twice.")


def test_an_order_is_confirmed_when_enough_is_authorized() -> None:
    order = given(*placed(THREE_PENS))
    order.when(confirm(599)).then_rejected(ErrorCode.PAYMENT_REQUIRED, required=600, authorized=599)
    order.when(confirm(600)).then(happened(OrderConfirmed, grand_total=600, units=3))


def test_a_rejection_says_what_was_missing() -> None:
    missing = ShortageItem(PEN, "SKU-1", 3, 1)
    order = given(*placed(THREE_PENS)).when(replace(REJECT, items=(missing,)))
    order.then(happened(OrderRejected, items=[missing]))


def test_an_order_expires_when_its_payment_is_due_and_not_before() -> None:
    order = given(*placed(THREE_PENS))
    order.when(replace(EXPIRE, now=DUE - timedelta(seconds=1)))
    order.then_rejected(ErrorCode.INVALID_STATE, status="PENDING", allowed=["PENDING"])
    order.when(EXPIRE).then(happened(OrderExpired, due_at=DUE))


def test_an_order_never_expires_over_money_in_flight() -> None:
    order = given(*placed(THREE_PENS)).when(replace(EXPIRE, has_money_in_flight=True))
    order.then_rejected(ErrorCode.INVALID_STATE, status="PENDING")


def test_a_pending_order_is_cancelled_without_a_loss_of_sales() -> None:
    given(*placed(THREE_PENS)).when(CANCEL).then(
        happened(
            OrderCancelled, from_status=OrderStatus.PENDING, reversed_total=0, reversed_units=0
        )
    )


def test_a_confirmed_order_reverses_what_remained_of_it() -> None:
    one_less = CancelOrderLines(order_id=ORDER, lines=units(pen=1), reason_code="SHORTAGE")
    given(*confirmed(THREE_PENS), one_less).when(CANCEL).then(
        happened(
            OrderCancelled,
            from_status=OrderStatus.CONFIRMED,
            reversed_total=500,
            reversed_units=2,
        )
    )


def test_an_order_is_not_cancelled_once_something_is_shipped() -> None:
    order = given(*confirmed(THREE_PENS, line(MUG, 1, "8.00")), SHIP_ONE)
    order.when(CANCEL).then_rejected(ErrorCode.ALREADY_SHIPPED, lines=[PEN])
    order.when(TO_BRISTOL).then_rejected(ErrorCode.ALREADY_SHIPPED, lines=[PEN])


def test_the_address_of_a_confirmed_order_can_be_mended() -> None:
    given(*confirmed(THREE_PENS)).when(TO_BRISTOL).then(OrderAddressSet)


@pytest.mark.parametrize(
    ("command", "code", "details"),
    [
        (replace(CANCEL, reason_code=" "), ErrorCode.REASON_REQUIRED, {}),
        (replace(CANCEL, refund=RefundPolicy.AMOUNT), ErrorCode.INVALID_AMOUNT, {}),
        (replace(CANCEL, amount_minor=1), ErrorCode.INVALID_AMOUNT, {}),
        (
            replace(CANCEL, refund=RefundPolicy.AMOUNT, amount_minor=0),
            ErrorCode.INVALID_AMOUNT,
            {},
        ),
        (
            replace(CANCEL, refund=RefundPolicy.AMOUNT, amount_minor=601),
            ErrorCode.REFUND_EXCEEDS_REFUNDABLE,
            {"max": 600},
        ),
        (replace(CANCEL, note=""), ErrorCode.NOTE_REQUIRED, {}),
    ],
)
def test_a_bad_cancellation_is_refused(
    command: CancelOrder, code: ErrorCode, details: dict[str, object]
) -> None:
    given(*confirmed(THREE_PENS)).when(command).then_rejected(code, **details)


@pytest.mark.parametrize("ending", [REJECT, EXPIRE, CANCEL])
def test_what_is_over_stays_over(ending: RejectOrder | ExpireOrder | CancelOrder) -> None:
    order = given(*placed(THREE_PENS), ending)
    status = order.state(Order).status
    bob = AssignCustomer(order_id=ORDER, customer_id="bob")
    for command in (confirm(), REJECT, EXPIRE, CANCEL, SHIP_ONE, bob):
        order.when(command).then_rejected(ErrorCode.INVALID_STATE, status=status)


def test_a_customer_can_take_over_a_confirmed_order() -> None:
    bob = AssignCustomer(order_id=ORDER, customer_id="bob")
    given(*confirmed(THREE_PENS)).when(bob).then(OrderCustomerAssigned)


def test_a_note_can_be_added_to_an_order_that_is_over() -> None:
    given(*placed(THREE_PENS), CANCEL).when(NOTE).then(happened(OrderNoteAdded, text="Ring twice."))


def test_a_redacted_note_leaves_nothing_in_the_state() -> None:
    redact = RedactOrderNote(order_id=ORDER, note_id="n1")
    order = given(DRAFT, NOTE).when(redact).then(OrderNoteRedacted)
    assert "Ring twice" not in repr(order.state(Order))
    order.when(redact).then_nothing()
    order.when(NOTE).then_rejected(ErrorCode.ALREADY_EXISTS)


@pytest.mark.parametrize(
    ("text", "code", "details"),
    [
        ("", ErrorCode.NOTE_REQUIRED, {}),
        (" \n", ErrorCode.NOTE_REQUIRED, {}),
        ("n" * 4_001, ErrorCode.NOTE_TOO_LONG, {"max": 4_000}),
    ],
)
def test_a_bad_note_is_refused(text: str, code: ErrorCode, details: dict[str, object]) -> None:
    given(DRAFT).when(replace(NOTE, text=text)).then_rejected(code, **details)


def test_a_note_that_is_not_there_is_not_found() -> None:
    redact = RedactOrderNote(order_id=ORDER, note_id="n2")
    given(DRAFT, NOTE).when(redact).then_rejected(ErrorCode.NOTE_NOT_FOUND)
