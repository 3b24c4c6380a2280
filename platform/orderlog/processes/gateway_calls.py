"""Between payment events and a gateway: which call an event asks for, what an answer tells."""

from typing import Final, TypeAlias, assert_never

from orderlog.domain.aggregate import Event
from orderlog.domain.payments.commands import (
    AuthorizePayment,
    CapturePayment,
    DeclinePayment,
    FailCapture,
    FailPayment,
    FailRefund,
    PaymentCommand,
    SucceedRefund,
    VoidPayment,
    payment_stream,
)
from orderlog.domain.payments.events import (
    CaptureRequested,
    PaymentOperation,
    PaymentRequested,
    RefundRequested,
    VoidRequested,
)
from orderlog.gateways.port import (
    Answer,
    Authorized,
    Captured,
    Charge,
    Declined,
    Failed,
    GatewayKey,
    PaymentGateway,
    Refunded,
    Unknown,
    Voided,
)

Request: TypeAlias = PaymentRequested | CaptureRequested | VoidRequested | RefundRequested
REQUESTS: Final = (PaymentRequested, CaptureRequested, VoidRequested, RefundRequested)


def payment_of(event: Event) -> str:
    return event.originator_id.removeprefix(payment_stream(""))


def key_of(event: Request) -> GatewayKey:
    """One for each thing asked for, the same however often the event is delivered."""
    payment_id = payment_of(event)
    match event:
        case PaymentRequested():
            return GatewayKey(payment_id, PaymentOperation.AUTHORIZE)
        case CaptureRequested():
            return GatewayKey(payment_id, PaymentOperation.CAPTURE, event.capture_id)
        case VoidRequested():
            return GatewayKey(payment_id, PaymentOperation.VOID)
        case RefundRequested():
            return GatewayKey(payment_id, PaymentOperation.REFUND, event.refund_id)


async def call(gateway: PaymentGateway, key: GatewayKey, charge: Charge) -> Answer:
    match key.operation:
        case PaymentOperation.AUTHORIZE:
            return await gateway.authorize(key, charge)
        case PaymentOperation.CAPTURE:
            return await gateway.capture(key, charge)
        case PaymentOperation.VOID:
            return await gateway.void(key, charge)
        case PaymentOperation.REFUND:
            return await gateway.refund(key, charge)


def outcome_of(  # noqa: PLR0911 - one per answer
    key: GatewayKey, answer: Answer
) -> PaymentCommand | None:
    """What the payment is told; None where nothing is known yet."""
    payment_id, psp_event_id = key.payment_id, answer.psp_event_id
    match answer:
        case Authorized():
            return AuthorizePayment(
                payment_id=payment_id,
                amount_minor=answer.amount_minor,
                psp_reference=answer.psp_reference,
                psp_event_id=psp_event_id,
                authorized_until=answer.authorized_until,
            )
        case Declined():
            return DeclinePayment(
                payment_id=payment_id,
                code=answer.code,
                retryable=answer.retryable,
                psp_event_id=psp_event_id,
            )
        case Captured():
            return CapturePayment(
                payment_id=payment_id,
                capture_id=key.n,
                amount_minor=answer.amount_minor,
                psp_reference=answer.psp_reference,
                psp_event_id=psp_event_id,
            )
        case Voided():
            return VoidPayment(
                payment_id=payment_id, amount_minor=answer.amount_minor, psp_event_id=psp_event_id
            )
        case Refunded():
            return SucceedRefund(
                payment_id=payment_id,
                refund_id=key.n,
                amount_minor=answer.amount_minor,
                psp_event_id=psp_event_id,
            )
        case Failed():
            return _failure_of(key, answer)
        case Unknown():
            return None
        case _:
            assert_never(answer)


def _failure_of(key: GatewayKey, answer: Failed) -> PaymentCommand | None:
    """A void that fails has not given the money back: it is asked for until it has."""
    payment_id, code, psp_event_id = key.payment_id, answer.code, answer.psp_event_id
    match key.operation:
        case PaymentOperation.AUTHORIZE:
            return FailPayment(payment_id=payment_id, code=code, psp_event_id=psp_event_id)
        case PaymentOperation.CAPTURE:
            return FailCapture(
                payment_id=payment_id, capture_id=key.n, code=code, psp_event_id=psp_event_id
            )
        case PaymentOperation.REFUND:
            return FailRefund(
                payment_id=payment_id, refund_id=key.n, code=code, psp_event_id=psp_event_id
            )
        case PaymentOperation.VOID:
            return None
