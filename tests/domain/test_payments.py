"""A payment: asked for once, answered once, whatever the gateway repeats or mixes up."""

from dataclasses import replace

import pytest

from orderlog.domain.money import Money
from orderlog.domain.payments.commands import (
    CapturePayment,
    DeclinePayment,
    FailCapture,
    FailPayment,
    FailRefund,
    PaymentCommand,
    RecordGatewayNotification,
    RecordOutcomeUnknown,
    RequestCapture,
    RequestPayment,
    RequestRefund,
    RequestVoid,
    SucceedRefund,
    VoidPayment,
)
from orderlog.domain.payments.events import (
    CaptureFailed,
    CaptureRequested,
    GatewayNotificationRecorded,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentDeclined,
    PaymentFailed,
    PaymentOperation,
    PaymentOutcomeUnknown,
    PaymentRequested,
    PaymentStatus,
    PaymentVoided,
    RefundFailed,
    RefundRequested,
    RefundSucceeded,
    VoidRequested,
)
from orderlog.domain.payments.payment import Payment
from orderlog.domain.rejections import ErrorCode
from tests.domain.examples import ORDER, PAYMENT, authorize, capture, payment_of
from tests.support.scenario import Scenario, given, happened

DECLINE = DeclinePayment(
    payment_id=PAYMENT, code="insufficient_funds", retryable=True, psp_event_id="evt-declined"
)
FAIL = FailPayment(payment_id=PAYMENT, code="gateway_error", psp_event_id="evt-failed")
UNKNOWN = RecordOutcomeUnknown(
    payment_id=PAYMENT, operation=PaymentOperation.AUTHORIZE, gateway_key="key-1"
)
REQUEST_VOID = RequestVoid(payment_id=PAYMENT)
VOID = VoidPayment(payment_id=PAYMENT, amount_minor=1_000, psp_event_id="evt-void")
NOTIFICATION = RecordGatewayNotification(
    payment_id=PAYMENT, psp_event_id="evt-note", kind="PAYOUT", digest="paid out"
)
REQUESTED = (payment_of(1_000),)
AUTHORIZED = (*REQUESTED, authorize(1_000))


def request_capture(capture_id: str, amount_minor: int | None = None) -> RequestCapture:
    return RequestCapture(payment_id=PAYMENT, capture_id=capture_id, amount_minor=amount_minor)


def request_refund(refund_id: str, amount_minor: int | None = None) -> RequestRefund:
    return RequestRefund(
        payment_id=PAYMENT, refund_id=refund_id, reason_code="RETURN", amount_minor=amount_minor
    )


def refund(refund_id: str, amount_minor: int, psp_event_id: str | None = None) -> SucceedRefund:
    return SucceedRefund(
        payment_id=PAYMENT,
        refund_id=refund_id,
        amount_minor=amount_minor,
        psp_event_id=psp_event_id or f"evt-{refund_id}",
    )


def fail_capture(capture_id: str) -> FailCapture:
    return FailCapture(
        payment_id=PAYMENT, capture_id=capture_id, code="expired", psp_event_id="evt-no-capture"
    )


def fail_refund(refund_id: str) -> FailRefund:
    return FailRefund(
        payment_id=PAYMENT, refund_id=refund_id, code="closed", psp_event_id="evt-no-refund"
    )


CAPTURED = (*AUTHORIZED, request_capture("c1"), capture("c1", 1_000))


def status(payment: Scenario) -> PaymentStatus:
    return payment.state(Payment).status


def test_a_payment_is_requested_and_authorized() -> None:
    payment = given().when(payment_of(1_000)).then(happened(PaymentRequested, amount=1_000))
    payment.when(authorize(1_000)).then(
        happened(PaymentAuthorized, order_id=ORDER, amount=1_000, psp_reference="psp-1")
    )
    assert status(payment) is PaymentStatus.AUTHORIZED


def test_a_payment_is_requested_once() -> None:
    given(*REQUESTED).when(payment_of(1_000)).then_rejected(ErrorCode.ALREADY_EXISTS)


def test_what_was_never_requested_is_not_found() -> None:
    given().when(authorize(1_000)).then_rejected(ErrorCode.PAYMENT_NOT_FOUND)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (payment_of(0), ErrorCode.INVALID_AMOUNT),
        (payment_of(-1), ErrorCode.INVALID_AMOUNT),
        (payment_of(2**63), ErrorCode.MONEY_OVERFLOW),
        (replace(payment_of(1), payment_id="p1"), ErrorCode.INVALID_ID),
        (replace(payment_of(1), amount=Money(1, "XYZ")), ErrorCode.UNKNOWN_CURRENCY),
        (replace(payment_of(1), method=""), ErrorCode.INVALID_VALUE),
    ],
)
def test_a_bad_request_is_refused(command: RequestPayment, code: ErrorCode) -> None:
    given().when(command).then_rejected(code)


def test_an_authorization_may_be_partial_and_never_more_than_was_asked() -> None:
    given(*REQUESTED).when(authorize(400)).then(happened(PaymentAuthorized, amount=400))
    given(*REQUESTED).when(authorize(1_001)).then_rejected(ErrorCode.INVALID_AMOUNT, max=1_000)


@pytest.mark.parametrize(
    ("outcome", "ending"),
    [(DECLINE, PaymentStatus.DECLINED), (FAIL, PaymentStatus.FAILED)],
)
def test_a_late_authorization_of_a_payment_that_is_over_changes_nothing(
    outcome: DeclinePayment | FailPayment, ending: PaymentStatus
) -> None:
    payment = given(*REQUESTED, outcome)
    payment.when(authorize(1_000)).then(happened(GatewayNotificationRecorded, kind="AUTHORIZED"))
    assert status(payment) is ending
    payment.when(authorize(1_000)).then_nothing()
    payment.when(request_capture("c1")).then_rejected(ErrorCode.INVALID_STATE, status=ending)


def test_declines_and_failures_say_why() -> None:
    given(*REQUESTED).when(DECLINE).then(
        happened(PaymentDeclined, code="insufficient_funds", retryable=True)
    )
    given(*REQUESTED).when(FAIL).then(happened(PaymentFailed, code="gateway_error"))


def test_a_decline_after_the_authorization_changes_nothing() -> None:
    payment = given(*AUTHORIZED)
    payment.when(DECLINE).then(happened(GatewayNotificationRecorded, kind="DECLINED"))
    payment.when(FAIL).then(happened(GatewayNotificationRecorded, kind="FAILED"))
    assert status(payment) is PaymentStatus.AUTHORIZED


def test_an_unknown_outcome_waits_for_the_answer() -> None:
    payment = given(*REQUESTED).when(UNKNOWN).then(PaymentOutcomeUnknown)
    payment.when(UNKNOWN).then_nothing()
    assert payment.state(Payment).is_outcome_unknown
    payment.when(authorize(1_000)).then(PaymentAuthorized)
    assert not payment.state(Payment).is_outcome_unknown
    payment.when(replace(UNKNOWN, gateway_key="key-2")).then_nothing()


@pytest.mark.parametrize(
    ("past", "operation"),
    [
        ([*AUTHORIZED, request_capture("c1")], PaymentOperation.CAPTURE),
        ([*AUTHORIZED, REQUEST_VOID], PaymentOperation.VOID),
        ([*CAPTURED, request_refund("f1")], PaymentOperation.REFUND),
    ],
)
def test_any_operation_in_flight_may_be_unknown(
    past: list[PaymentCommand], operation: PaymentOperation
) -> None:
    given(*past).when(replace(UNKNOWN, operation=operation)).then(PaymentOutcomeUnknown)
    given(*AUTHORIZED).when(replace(UNKNOWN, operation=operation)).then_nothing()


def test_all_that_is_authorized_is_captured() -> None:
    payment = given(*AUTHORIZED).when(request_capture("c1"))
    payment.then(happened(CaptureRequested, capture_id="c1", amount=1_000))
    payment.when(capture("c1", 1_000)).then(happened(PaymentCaptured, amount=1_000))
    assert status(payment) is PaymentStatus.CAPTURED


def test_a_payment_is_captured_in_parts() -> None:
    payment = given(*AUTHORIZED, request_capture("c1", 400), request_capture("c2"))
    payment.when(capture("c2", 600)).then(PaymentCaptured)
    assert status(payment) is PaymentStatus.PARTIALLY_CAPTURED
    payment.when(capture("c1", 400)).then(PaymentCaptured)
    assert status(payment) is PaymentStatus.CAPTURED


def test_never_more_is_captured_than_was_authorized() -> None:
    payment = given(*AUTHORIZED, request_capture("c1", 700))
    payment.when(request_capture("c2", 301))
    payment.then_rejected(ErrorCode.CAPTURE_EXCEEDS_AUTHORIZED, max=300)
    payment.when(request_capture("c2", 0)).then_rejected(ErrorCode.INVALID_AMOUNT)
    payment.when(capture("c1", 1_001))
    payment.then_rejected(ErrorCode.CAPTURE_EXCEEDS_AUTHORIZED, max=1_000)


def test_the_same_request_again_is_no_news() -> None:
    given(*AUTHORIZED, request_capture("c1")).when(request_capture("c1")).then_nothing()
    given(*CAPTURED, request_refund("f1")).when(request_refund("f1")).then_nothing()
    given(*AUTHORIZED, REQUEST_VOID).when(REQUEST_VOID).then_nothing()


def test_the_same_answer_twice_is_applied_once() -> None:
    payment = given(*CAPTURED)
    payment.when(capture("c1", 1_000)).then_nothing()
    payment.when(capture("c1", 1_000, "evt-other")).then(
        happened(GatewayNotificationRecorded, kind="CAPTURED", psp_event_id="evt-other")
    )
    assert payment.state(Payment).captured == 1_000


def test_a_failed_capture_gives_its_amount_free() -> None:
    payment = given(*AUTHORIZED, request_capture("c1"))
    payment.when(fail_capture("c1")).then(happened(CaptureFailed, code="expired"))
    payment.when(replace(fail_capture("c1"), psp_event_id="evt-again")).then(
        happened(GatewayNotificationRecorded, kind="CAPTURE_FAILED")
    )
    payment.when(request_capture("c2")).then(happened(CaptureRequested, amount=1_000))


def test_a_capture_that_nobody_asked_for_is_a_fact_too() -> None:
    payment = given(*AUTHORIZED).when(capture("from-their-dashboard", 250)).then(PaymentCaptured)
    assert payment.state(Payment).capturable == 750


def test_a_capture_before_its_authorization_is_told_again_later() -> None:
    given(*REQUESTED).when(capture("c1", 1_000)).then_rejected(ErrorCode.INVALID_STATE)


def test_what_was_not_captured_is_given_back() -> None:
    payment = given(*AUTHORIZED).when(REQUEST_VOID).then(happened(VoidRequested, amount=1_000))
    payment.when(VOID).then(happened(PaymentVoided, amount=1_000))
    assert status(payment) is PaymentStatus.VOIDED
    payment.when(replace(VOID, psp_event_id="evt-2")).then(
        happened(GatewayNotificationRecorded, kind="VOIDED")
    )


def test_nothing_is_captured_after_a_void() -> None:
    for past in ([*AUTHORIZED, REQUEST_VOID], [*AUTHORIZED, VOID]):
        given(*past).when(request_capture("c1")).then_rejected(ErrorCode.INVALID_STATE)
    payment = given(*AUTHORIZED, request_capture("c1"), VOID)
    payment.when(capture("c1", 1_000)).then(happened(GatewayNotificationRecorded, kind="CAPTURED"))
    assert payment.state(Payment).captured == 0


def test_a_void_waits_for_a_capture_under_way() -> None:
    payment = given(*AUTHORIZED, request_capture("c1", 400))
    payment.when(REQUEST_VOID).then_rejected(ErrorCode.INVALID_STATE)
    payment.when(capture("c1", 400))
    payment.when(REQUEST_VOID).then(happened(VoidRequested, amount=600))
    payment.when(VOID).then_rejected(ErrorCode.INVALID_AMOUNT, max=600)
    payment.when(replace(VOID, amount_minor=600)).then(PaymentVoided)
    assert status(payment) is PaymentStatus.CAPTURED


@pytest.mark.parametrize("past", [REQUESTED, [*REQUESTED, DECLINE], CAPTURED])
def test_where_there_is_nothing_to_void_nothing_happens(past: list[PaymentCommand]) -> None:
    given(*past).when(REQUEST_VOID).then_nothing()


def test_a_payment_is_refunded_in_parts_and_then_whole() -> None:
    payment = given(*CAPTURED).when(request_refund("f1", 300))
    payment.then(happened(RefundRequested, amount=300, reason_code="RETURN"))
    payment.when(refund("f1", 300)).then(happened(RefundSucceeded, amount=300))
    assert status(payment) is PaymentStatus.PARTIALLY_REFUNDED
    payment.when(request_refund("f2")).then(happened(RefundRequested, amount=700))
    payment.when(refund("f2", 700)).then(RefundSucceeded)
    assert status(payment) is PaymentStatus.REFUNDED


def test_never_more_is_refunded_than_was_captured() -> None:
    payment = given(*CAPTURED, request_refund("f1", 800))
    payment.when(request_refund("f2", 201))
    payment.then_rejected(ErrorCode.REFUND_EXCEEDS_REFUNDABLE, max=200)
    payment.when(refund("f1", 1_001))
    payment.then_rejected(ErrorCode.REFUND_EXCEEDS_REFUNDABLE, max=1_000)
    payment.when(refund("f1", 800)).then(RefundSucceeded)
    payment.when(refund("f1", 800, "evt-other")).then(
        happened(GatewayNotificationRecorded, kind="REFUNDED")
    )


def test_what_was_not_captured_is_not_refunded() -> None:
    given(*AUTHORIZED).when(request_refund("f1")).then_rejected(
        ErrorCode.INVALID_STATE, status="AUTHORIZED"
    )


def test_a_failed_refund_can_be_asked_for_again_under_another_id() -> None:
    payment = given(*CAPTURED, request_refund("f1"))
    payment.when(fail_refund("f1")).then(happened(RefundFailed, code="closed"))
    payment.when(replace(fail_refund("f1"), psp_event_id="evt-again")).then(
        happened(GatewayNotificationRecorded, kind="REFUND_FAILED")
    )
    payment.when(request_refund("f2")).then(happened(RefundRequested, amount=1_000))


def test_a_refund_has_a_reason() -> None:
    command = replace(request_refund("f1"), reason_code="")
    given(*CAPTURED).when(command).then_rejected(ErrorCode.REASON_REQUIRED)


def test_a_notification_is_recorded_once() -> None:
    payment = given(*CAPTURED).when(NOTIFICATION)
    payment.then(happened(GatewayNotificationRecorded, kind="PAYOUT", digest="paid out"))
    payment.when(NOTIFICATION).then_nothing()


@pytest.mark.parametrize(
    "outcome",
    [
        authorize(1_000),
        DECLINE,
        FAIL,
        capture("c1", 1_000),
        fail_capture("c1"),
        VOID,
        refund("f1", 1_000),
        fail_refund("f1"),
        NOTIFICATION,
    ],
)
def test_every_answer_has_the_gateways_own_id(outcome: CapturePayment) -> None:
    nameless = replace(outcome, psp_event_id="")
    given(*REQUESTED).when(nameless).then_rejected(ErrorCode.INVALID_VALUE)
