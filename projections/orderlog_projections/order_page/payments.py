"""How each event of a payment changes it on the page of its order."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from orderlog.domain.aggregate import Event
from orderlog.domain.payments.events import (
    CaptureFailed,
    CaptureRequested,
    GatewayNotificationRecorded,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentDeclined,
    PaymentFailed,
    PaymentOutcomeUnknown,
    PaymentRequested,
    PaymentStatus,
    PaymentVoided,
    RefundFailed,
    RefundRequested,
    RefundSucceeded,
    VoidRequested,
)
from orderlog_projections.order_page.tables import OrderPage, PagePayment

_PREFIX: Final = len("payment-")


def requested(page: OrderPage, event: PaymentRequested) -> OrderPage:
    payment = PagePayment(
        payment_id=event.payment_id,
        status=PaymentStatus.REQUESTED,
        method=event.method,
        gateway=event.gateway,
        amount=event.amount,
        currency=event.currency,
        requested_at=event.envelope.occurred_at,
    )
    return replace(page, payments=(*page.payments, payment))


def _authorized(payment: PagePayment, event: PaymentAuthorized) -> PagePayment:
    return _settled(replace(payment, authorized=event.amount))


def _declined(payment: PagePayment, event: PaymentDeclined) -> PagePayment:
    return _failed(payment, PaymentStatus.DECLINED, event.code)


def _failed_wholly(payment: PagePayment, event: PaymentFailed) -> PagePayment:
    return _failed(payment, PaymentStatus.FAILED, event.code)


def _failed(payment: PagePayment, status: PaymentStatus, code: str) -> PagePayment:
    return replace(payment, status=status, failure_code=code, is_outcome_unknown=False)


def _outcome_unknown(payment: PagePayment, _: PaymentOutcomeUnknown) -> PagePayment:
    return replace(payment, is_outcome_unknown=True)


def _captured(payment: PagePayment, event: PaymentCaptured) -> PagePayment:
    return _settled(replace(payment, captured=payment.captured + event.amount))


def _voided(payment: PagePayment, event: PaymentVoided) -> PagePayment:
    return _settled(replace(payment, voided=payment.voided + event.amount))


def _refunded(payment: PagePayment, event: RefundSucceeded) -> PagePayment:
    return _settled(replace(payment, refunded=payment.refunded + event.amount))


def _not_done(payment: PagePayment, event: CaptureFailed | RefundFailed) -> PagePayment:
    """A capture or refund failed: the payment stays what it was."""
    return replace(payment, failure_code=event.code, is_outcome_unknown=False)


def _noted(payment: PagePayment, _: Event) -> PagePayment:
    return payment


def _settled(payment: PagePayment) -> PagePayment:
    """An outcome has come: the status follows from the amounts, as in the payment itself."""
    return replace(payment, status=_status_of(payment), failure_code=None, is_outcome_unknown=False)


def _status_of(payment: PagePayment) -> PaymentStatus:
    uncaptured = payment.authorized - payment.captured - payment.voided
    if payment.refunded:
        is_all = payment.refunded == payment.captured and not uncaptured
        return PaymentStatus.REFUNDED if is_all else PaymentStatus.PARTIALLY_REFUNDED
    if payment.captured:
        return PaymentStatus.PARTIALLY_CAPTURED if uncaptured else PaymentStatus.CAPTURED
    return PaymentStatus.VOIDED if payment.voided else PaymentStatus.AUTHORIZED


def _on_its_payment(
    change: Callable[[PagePayment, Any], PagePayment],
) -> Callable[[OrderPage, Any], OrderPage]:
    def react(page: OrderPage, event: Event) -> OrderPage:
        payment_id = event.originator_id[_PREFIX:]
        payments = tuple(
            change(payment, event) if payment.payment_id == payment_id else payment
            for payment in page.payments
        )
        return replace(page, payments=payments)

    return react


_CHANGES: Final[Mapping[type[Event], Callable[[PagePayment, Any], PagePayment]]] = {
    PaymentAuthorized: _authorized,
    PaymentDeclined: _declined,
    PaymentFailed: _failed_wholly,
    PaymentOutcomeUnknown: _outcome_unknown,
    CaptureRequested: _noted,
    PaymentCaptured: _captured,
    CaptureFailed: _not_done,
    VoidRequested: _noted,
    PaymentVoided: _voided,
    RefundRequested: _noted,
    RefundSucceeded: _refunded,
    RefundFailed: _not_done,
    GatewayNotificationRecorded: _noted,
}

REACTIONS: Final[Mapping[type[Event], Callable[[Any, Any], OrderPage]]] = {
    PaymentRequested: requested,
    **{event_type: _on_its_payment(change) for event_type, change in _CHANGES.items()},
}
