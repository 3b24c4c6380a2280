"""A payment: one attempt with one instrument. Requests go out, outcomes come back in any order.

An outcome is applied once, by the gateway's own event id. One for an operation that is settled
already is recorded as a notification and changes nothing.
"""

from typing import Final, Self, TypeAlias, assert_never

from orderlog.domain.envelope import EnvelopeSequence
from orderlog.domain.money import AMOUNT_MINOR_MAX, Money
from orderlog.domain.payments.commands import (
    AuthorizePayment,
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
from orderlog.domain.payments.state import Operation, OperationStatus, PaymentState
from orderlog.domain.rejections import ErrorCode, Rejected, invalid_state
from orderlog.domain.values import require_canonical_uuid, require_reason, require_text

CAPTURABLE: Final = (PaymentStatus.AUTHORIZED, PaymentStatus.PARTIALLY_CAPTURED)
REFUNDABLE: Final = (
    PaymentStatus.PARTIALLY_CAPTURED,
    PaymentStatus.CAPTURED,
    PaymentStatus.PARTIALLY_REFUNDED,
)

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


class Payment(PaymentState):
    TOPIC = "payment"

    @classmethod
    def begin(cls, command: RequestPayment, envelopes: EnvelopeSequence) -> Self:
        require_canonical_uuid(command.payment_id, "paymentId")
        require_text(command.order_id, "orderId")
        require_text(command.method, "method")
        require_text(command.gateway, "gateway")
        require_text(command.capture_mode, "captureMode")
        amount = Money.of(command.amount.amount_minor, command.amount.currency)
        _require_within(amount.amount_minor, AMOUNT_MINOR_MAX, ErrorCode.MONEY_OVERFLOW)
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
                require_text(command.psp_event_id, "pspEventId")
                if command.psp_event_id not in self.psp_event_ids:
                    self._settle(command, envelopes)

    def _settle(self, outcome: Outcome, envelopes: EnvelopeSequence) -> None:
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

    def request_capture(self, command: RequestCapture, envelopes: EnvelopeSequence) -> None:
        require_text(command.capture_id, "captureId")
        if command.capture_id in self.captures:
            return
        if not self.authorized or self.voided or self.void_pending:
            raise invalid_state(self.status, *CAPTURABLE)
        amount = self.capturable if command.amount_minor is None else command.amount_minor
        _require_within(amount, self.capturable, ErrorCode.CAPTURE_EXCEEDS_AUTHORIZED)
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
        _require_within(amount, self.refundable, ErrorCode.REFUND_EXCEEDS_REFUNDABLE)
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

    def authorize(self, command: AuthorizePayment, envelopes: EnvelopeSequence) -> None:
        amount = command.amount_minor
        if self.status is not PaymentStatus.REQUESTED:
            self._notice(envelopes, command, "AUTHORIZED", str(amount))
            return
        _require_within(amount, self.requested, ErrorCode.INVALID_AMOUNT)
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
        if not self.uncaptured or _is_settled(self.captures, capture_id):
            self._notice(envelopes, command, "CAPTURED", f"{capture_id} {amount}")
            return
        maximum = self.capturable + _pending(self.captures, capture_id)
        _require_within(amount, maximum, ErrorCode.CAPTURE_EXCEEDS_AUTHORIZED)
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
        _require_within(amount, self.uncaptured, ErrorCode.INVALID_AMOUNT)
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
        _require_within(amount, maximum, ErrorCode.REFUND_EXCEEDS_REFUNDABLE)
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


def _is_settled(operations: dict[str, Operation], operation_id: str) -> bool:
    operation = operations.get(operation_id)
    return operation is not None and operation.status is not OperationStatus.PENDING


def _pending(operations: dict[str, Operation], operation_id: str) -> int:
    operation = operations.get(operation_id)
    is_pending = operation is not None and operation.status is OperationStatus.PENDING
    return operation.amount if operation and is_pending else 0


def _require_within(amount: int, maximum: int, exceeds: ErrorCode) -> None:
    """Raises the code with `max` above the maximum, `INVALID_AMOUNT` for nothing or less."""
    if amount > maximum or not maximum:
        message = f"At most {maximum} minor units are possible here."
        raise Rejected(exceeds, message, path=("amount",), max=maximum)
    if amount <= 0:
        message = "An amount is more than nothing."
        raise Rejected(ErrorCode.INVALID_AMOUNT, message, path=("amount",))
