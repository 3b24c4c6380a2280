"""A payment: one attempt with one instrument. Requests go out, outcomes come back in any order.

An outcome is applied once, by the gateway's own event id. One for an operation that is settled
already is recorded as a notification and changes nothing.
"""

from typing import Self

from orderlog.domain.envelope import EnvelopeSequence
from orderlog.domain.money import AMOUNT_MINOR_MAX, Money
from orderlog.domain.payments.commands import (
    PaymentCommand,
    RecordOutcomeUnknown,
    RequestCapture,
    RequestPayment,
    RequestRefund,
    RequestVoid,
)
from orderlog.domain.payments.events import (
    CaptureRequested,
    PaymentOperation,
    PaymentOutcomeUnknown,
    PaymentRequested,
    PaymentStatus,
    RefundRequested,
    VoidRequested,
)
from orderlog.domain.payments.outcomes import Hearing
from orderlog.domain.payments.state import CAPTURABLE, REFUNDABLE, require_within
from orderlog.domain.rejections import ErrorCode, Rejected, invalid_state
from orderlog.domain.values import require_canonical_uuid, require_reason, require_text


class Payment(Hearing):
    TOPIC = "payment"

    @classmethod
    def begin(cls, command: RequestPayment, envelopes: EnvelopeSequence) -> Self:
        require_canonical_uuid(command.payment_id, "paymentId")
        require_text(command.order_id, "orderId")
        require_text(command.method, "method")
        require_text(command.gateway, "gateway")
        require_text(command.capture_mode, "captureMode")
        amount = Money.of(command.amount.amount_minor, command.amount.currency)
        require_within(amount.amount_minor, AMOUNT_MINOR_MAX, ErrorCode.MONEY_OVERFLOW)
        return cls.start(
            command.stream_id,
            envelopes,
            PaymentRequested,
            payment_id=command.payment_id,
            order_id=command.order_id,
            amount=amount.amount_minor,
            currency=amount.currency,
            method=command.method,
            gateway=command.gateway,
            capture_mode=command.capture_mode,
        )

    def handle(self, command: PaymentCommand, envelopes: EnvelopeSequence) -> None:
        match command:
            case RequestPayment():
                message = "This payment exists already."
                raise Rejected(ErrorCode.ALREADY_EXISTS, message, path=("paymentId",))
            case RequestCapture():
                self.request_capture(command, envelopes)
            case RequestVoid():
                self.request_void(envelopes)
            case RequestRefund():
                self.request_refund(command, envelopes)
            case RecordOutcomeUnknown():
                self.record_unknown(command, envelopes)
            case _:
                self.hear(command, envelopes)

    def request_capture(self, command: RequestCapture, envelopes: EnvelopeSequence) -> None:
        require_text(command.capture_id, "captureId")
        if command.capture_id in self.captures:
            return
        if not self.authorized or self.voided or self.void_pending:
            raise invalid_state(self.status, *CAPTURABLE)
        amount = self.capturable if command.amount_minor is None else command.amount_minor
        require_within(amount, self.capturable, ErrorCode.CAPTURE_EXCEEDS_AUTHORIZED)
        self.record(
            envelopes,
            CaptureRequested,
            order_id=self.order_id,
            capture_id=command.capture_id,
            amount=amount,
        )

    def request_void(self, envelopes: EnvelopeSequence) -> None:
        if self.capture_pending:
            message = "A capture is under way: its outcome decides between a void and a refund."
            raise invalid_state(self.status, *CAPTURABLE, because=message)
        if self.capturable:
            self.record(envelopes, VoidRequested, order_id=self.order_id, amount=self.capturable)

    def request_refund(self, command: RequestRefund, envelopes: EnvelopeSequence) -> None:
        require_text(command.refund_id, "refundId")
        require_reason(command.reason_code)
        if command.refund_id in self.refunds:
            return
        if not self.captured:
            raise invalid_state(self.status, *REFUNDABLE)
        amount = self.refundable if command.amount_minor is None else command.amount_minor
        require_within(amount, self.refundable, ErrorCode.REFUND_EXCEEDS_REFUNDABLE)
        self.record(
            envelopes,
            RefundRequested,
            order_id=self.order_id,
            refund_id=command.refund_id,
            amount=amount,
            reason_code=command.reason_code,
        )

    def record_unknown(self, command: RecordOutcomeUnknown, envelopes: EnvelopeSequence) -> None:
        """Only of what is still in flight: the outcome may have come in the meantime."""
        require_text(command.gateway_key, "gatewayKey")
        if command.gateway_key not in self.unknown and self._is_in_flight(command.operation):
            self.record(
                envelopes,
                PaymentOutcomeUnknown,
                order_id=self.order_id,
                operation=command.operation,
                gateway_key=command.gateway_key,
            )

    def _is_in_flight(self, operation: PaymentOperation) -> bool:
        match operation:
            case PaymentOperation.AUTHORIZE:
                return self.status is PaymentStatus.REQUESTED
            case PaymentOperation.CAPTURE:
                return self.capture_pending > 0
            case PaymentOperation.VOID:
                return self.void_pending > 0
            case PaymentOperation.REFUND:
                return self.refund_pending > 0
