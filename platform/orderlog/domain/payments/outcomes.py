"""What a gateway answered, applied once and in whatever order it comes."""

from typing import TypeAlias, assert_never

from orderlog.domain.envelope import EnvelopeSequence
from orderlog.domain.payments.commands import (
    AuthorizePayment,
    CapturePayment,
    DeclinePayment,
    FailCapture,
    FailPayment,
    FailRefund,
    RecordGatewayNotification,
    SucceedRefund,
    VoidPayment,
)
from orderlog.domain.payments.events import (
    CaptureFailed,
    GatewayNotificationRecorded,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentDeclined,
    PaymentFailed,
    PaymentStatus,
    PaymentVoided,
    RefundFailed,
    RefundSucceeded,
)
from orderlog.domain.payments.state import (
    CAPTURABLE,
    Operation,
    OperationStatus,
    PaymentState,
    require_within,
)
from orderlog.domain.rejections import ErrorCode, invalid_state
from orderlog.domain.values import require_text

Outcome: TypeAlias = (
    AuthorizePayment
    | DeclinePayment
    | FailPayment
    | CapturePayment
    | FailCapture
    | VoidPayment
    | SucceedRefund
    | FailRefund
    | RecordGatewayNotification
)


class Hearing(PaymentState):
    def hear(self, outcome: Outcome, envelopes: EnvelopeSequence) -> None:
        """Each outcome once, by the gateway's own event id."""
        require_text(outcome.psp_event_id, "pspEventId")
        if outcome.psp_event_id not in self.psp_event_ids:
            self._apply(outcome, envelopes)

    def _apply(self, outcome: Outcome, envelopes: EnvelopeSequence) -> None:
        match outcome:
            case AuthorizePayment():
                self.authorize(outcome, envelopes)
            case DeclinePayment():
                self.decline(outcome, envelopes)
            case FailPayment():
                self.fail(outcome, envelopes)
            case CapturePayment():
                self.capture(outcome, envelopes)
            case FailCapture():
                self.fail_capture(outcome, envelopes)
            case VoidPayment():
                self.void(outcome, envelopes)
            case SucceedRefund():
                self.refund(outcome, envelopes)
            case FailRefund():
                self.fail_refund(outcome, envelopes)
            case RecordGatewayNotification():
                self._notice(envelopes, outcome, outcome.kind, outcome.digest)
            case _:
                assert_never(outcome)

    def authorize(self, command: AuthorizePayment, envelopes: EnvelopeSequence) -> None:
        amount = command.amount_minor
        if self.status is not PaymentStatus.REQUESTED:
            self._notice(envelopes, command, "AUTHORIZED", str(amount))
            return
        require_within(amount, self.requested, ErrorCode.INVALID_AMOUNT)
        self.record(
            envelopes,
            PaymentAuthorized,
            order_id=self.order_id,
            amount=amount,
            psp_reference=command.psp_reference,
            psp_event_id=command.psp_event_id,
            authorized_until=command.authorized_until,
        )

    def decline(self, command: DeclinePayment, envelopes: EnvelopeSequence) -> None:
        if self.status is not PaymentStatus.REQUESTED:
            self._notice(envelopes, command, "DECLINED", command.code)
            return
        self.record(
            envelopes,
            PaymentDeclined,
            order_id=self.order_id,
            code=command.code,
            retryable=command.retryable,
            psp_event_id=command.psp_event_id,
        )

    def fail(self, command: FailPayment, envelopes: EnvelopeSequence) -> None:
        if self.status is not PaymentStatus.REQUESTED:
            self._notice(envelopes, command, "FAILED", command.code)
            return
        self.record(
            envelopes,
            PaymentFailed,
            order_id=self.order_id,
            code=command.code,
            psp_event_id=command.psp_event_id,
        )

    def capture(self, command: CapturePayment, envelopes: EnvelopeSequence) -> None:
        """One that nobody here asked for is taken too: the gateway's word is a fact."""
        amount, capture_id = command.amount_minor, command.capture_id
        if self.status is PaymentStatus.REQUESTED:
            message = "The authorization of this payment has not been heard of yet."
            raise invalid_state(self.status, *CAPTURABLE, because=message)
        is_over = self.voided or not self.uncaptured
        if is_over or _is_settled(self.captures, capture_id):
            self._notice(envelopes, command, "CAPTURED", f"{capture_id} {amount}")
            return
        maximum = self.capturable + _pending(self.captures, capture_id)
        require_within(amount, maximum, ErrorCode.CAPTURE_EXCEEDS_AUTHORIZED)
        self.record(
            envelopes,
            PaymentCaptured,
            order_id=self.order_id,
            capture_id=capture_id,
            amount=amount,
            psp_reference=command.psp_reference,
            psp_event_id=command.psp_event_id,
        )

    def fail_capture(self, command: FailCapture, envelopes: EnvelopeSequence) -> None:
        if not _pending(self.captures, command.capture_id):
            digest = f"{command.capture_id} {command.code}"
            self._notice(envelopes, command, "CAPTURE_FAILED", digest)
            return
        self.record(
            envelopes,
            CaptureFailed,
            order_id=self.order_id,
            capture_id=command.capture_id,
            code=command.code,
            psp_event_id=command.psp_event_id,
        )

    def void(self, command: VoidPayment, envelopes: EnvelopeSequence) -> None:
        amount = command.amount_minor
        if not self.uncaptured or self.voided:
            self._notice(envelopes, command, "VOIDED", str(amount))
            return
        require_within(amount, self.uncaptured, ErrorCode.INVALID_AMOUNT)
        self.record(
            envelopes,
            PaymentVoided,
            order_id=self.order_id,
            amount=amount,
            psp_event_id=command.psp_event_id,
        )

    def refund(self, command: SucceedRefund, envelopes: EnvelopeSequence) -> None:
        amount, refund_id = command.amount_minor, command.refund_id
        if _is_settled(self.refunds, refund_id):
            self._notice(envelopes, command, "REFUNDED", f"{refund_id} {amount}")
            return
        maximum = self.refundable + _pending(self.refunds, refund_id)
        require_within(amount, maximum, ErrorCode.REFUND_EXCEEDS_REFUNDABLE)
        self.record(
            envelopes,
            RefundSucceeded,
            order_id=self.order_id,
            refund_id=refund_id,
            amount=amount,
            psp_event_id=command.psp_event_id,
        )

    def fail_refund(self, command: FailRefund, envelopes: EnvelopeSequence) -> None:
        if not _pending(self.refunds, command.refund_id):
            digest = f"{command.refund_id} {command.code}"
            self._notice(envelopes, command, "REFUND_FAILED", digest)
            return
        self.record(
            envelopes,
            RefundFailed,
            order_id=self.order_id,
            refund_id=command.refund_id,
            code=command.code,
            psp_event_id=command.psp_event_id,
        )

    def _notice(
        self, envelopes: EnvelopeSequence, outcome: Outcome, kind: str, digest: str
    ) -> None:
        self.record(
            envelopes,
            GatewayNotificationRecorded,
            order_id=self.order_id,
            psp_event_id=outcome.psp_event_id,
            kind=kind,
            digest=digest,
        )


def _is_settled(operations: dict[str, Operation], operation_id: str) -> bool:
    operation = operations.get(operation_id)
    return operation is not None and operation.status is not OperationStatus.PENDING


def _pending(operations: dict[str, Operation], operation_id: str) -> int:
    operation = operations.get(operation_id)
    is_pending = operation is not None and operation.status is OperationStatus.PENDING
    return operation.amount if operation and is_pending else 0
