"""What a payment remembers, and how each event changes it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, assert_never

from orderlog.domain.aggregate import Aggregate
from orderlog.domain.payments.events import (
    CaptureFailed,
    CaptureRequested,
    GatewayNotificationRecorded,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentDeclined,
    PaymentEvent,
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
from orderlog.domain.rejections import ErrorCode, Rejected

CAPTURABLE: Final = (PaymentStatus.AUTHORIZED, PaymentStatus.PARTIALLY_CAPTURED)
REFUNDABLE: Final = (
    PaymentStatus.PARTIALLY_CAPTURED,
    PaymentStatus.CAPTURED,
    PaymentStatus.PARTIALLY_REFUNDED,
)


class OperationStatus(StrEnum):
    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@dataclass(slots=True)
class Operation:
    """A capture or a refund that was asked for, in minor units."""

    amount: int
    status: OperationStatus


@dataclass(eq=False, repr=False)
class PaymentState(Aggregate):
    """Amounts are minor units; pending ones are asked for and not answered yet."""

    payment_id: str = ""
    order_id: str = ""
    channel_id: str = ""
    currency: str = ""
    status: PaymentStatus = PaymentStatus.REQUESTED
    requested: int = 0
    authorized: int = 0
    captured: int = 0
    capture_pending: int = 0
    voided: int = 0
    void_pending: int = 0
    refunded: int = 0
    refund_pending: int = 0
    captures: dict[str, Operation] = field(default_factory=dict[str, Operation])
    refunds: dict[str, Operation] = field(default_factory=dict[str, Operation])
    unknown: dict[str, PaymentOperation] = field(default_factory=dict[str, PaymentOperation])
    psp_event_ids: set[str] = field(default_factory=set[str])

    @property
    def uncaptured(self) -> int:
        """Authorized, and neither captured nor given back."""
        return self.authorized - self.captured - self.voided

    @property
    def capturable(self) -> int:
        return self.uncaptured - self.capture_pending - self.void_pending

    @property
    def refundable(self) -> int:
        return self.captured - self.refunded - self.refund_pending

    @property
    def is_outcome_unknown(self) -> bool:
        return bool(self.unknown)

    def evolve(self, event: PaymentEvent) -> None:  # noqa: C901, PLR0912 - an arm each
        match event:
            case PaymentRequested():
                self.payment_id = event.payment_id
                self.order_id = event.order_id
                self.channel_id = event.envelope.channel_id
                self.currency = event.currency
                self.requested = event.amount
            case PaymentAuthorized():
                self._hear(event.psp_event_id, PaymentOperation.AUTHORIZE)
                self.authorized = event.amount
                self.status = self._settled_status()
            case PaymentDeclined():
                self._hear(event.psp_event_id, PaymentOperation.AUTHORIZE)
                self.status = PaymentStatus.DECLINED
            case PaymentFailed():
                self._hear(event.psp_event_id, PaymentOperation.AUTHORIZE)
                self.status = PaymentStatus.FAILED
            case PaymentOutcomeUnknown():
                self.unknown[event.gateway_key] = event.operation
            case CaptureRequested():
                self.captures[event.capture_id] = Operation(event.amount, OperationStatus.PENDING)
                self.capture_pending += event.amount
            case PaymentCaptured():
                self._hear(event.psp_event_id, PaymentOperation.CAPTURE)
                self.capture_pending -= _settle(self.captures, event.capture_id, event.amount)
                self.captured += event.amount
                self.status = self._settled_status()
            case CaptureFailed():
                self._hear(event.psp_event_id, PaymentOperation.CAPTURE)
                self.capture_pending -= _settle(self.captures, event.capture_id, None)
            case VoidRequested():
                self.void_pending += event.amount
            case PaymentVoided():
                self._hear(event.psp_event_id, PaymentOperation.VOID)
                self._void(event.amount)
            case RefundRequested():
                self.refunds[event.refund_id] = Operation(event.amount, OperationStatus.PENDING)
                self.refund_pending += event.amount
            case RefundSucceeded():
                self._hear(event.psp_event_id, PaymentOperation.REFUND)
                self.refund_pending -= _settle(self.refunds, event.refund_id, event.amount)
                self.refunded += event.amount
                self.status = self._settled_status()
            case RefundFailed():
                self._hear(event.psp_event_id, PaymentOperation.REFUND)
                self.refund_pending -= _settle(self.refunds, event.refund_id, None)
            case GatewayNotificationRecorded():
                self.psp_event_ids.add(event.psp_event_id)
            case _:
                assert_never(event)

    def _hear(self, psp_event_id: str, operation: PaymentOperation) -> None:
        self.psp_event_ids.add(psp_event_id)
        self.unknown = {key: one for key, one in self.unknown.items() if one is not operation}

    def _void(self, amount: int) -> None:
        """Whatever was still to be captured cannot be any more: an answer to it comes too late."""
        self.voided += amount
        self.void_pending = 0
        for capture_id in self.captures:
            self.capture_pending -= _settle(self.captures, capture_id, None)
        self.status = self._settled_status()

    def _settled_status(self) -> PaymentStatus:
        if self.refunded:
            is_all = self.refunded == self.captured and not self.uncaptured
            return PaymentStatus.REFUNDED if is_all else PaymentStatus.PARTIALLY_REFUNDED
        if self.captured:
            return PaymentStatus.PARTIALLY_CAPTURED if self.uncaptured else PaymentStatus.CAPTURED
        return PaymentStatus.VOIDED if self.voided else PaymentStatus.AUTHORIZED


def _settle(operations: dict[str, Operation], operation_id: str, amount: int | None) -> int:
    """Closes an operation, with the amount that moved or None, and returns what was pending."""
    status = OperationStatus.FAILED if amount is None else OperationStatus.SUCCEEDED
    operation = operations.setdefault(operation_id, Operation(amount or 0, status))
    if operation.status is not OperationStatus.PENDING:
        return 0
    operation.status = status
    return operation.amount


def require_within(amount: int, maximum: int, exceeds: ErrorCode) -> None:
    """Raises the code with `max` above the maximum, `INVALID_AMOUNT` for nothing or less."""
    if amount > maximum or not maximum:
        message = f"At most {maximum} minor units are possible here."
        raise Rejected(exceeds, message, path=("amount",), max=maximum)
    if amount <= 0:
        message = "An amount is more than nothing."
        raise Rejected(ErrorCode.INVALID_AMOUNT, message, path=("amount",))
