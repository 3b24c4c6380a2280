"""What can have happened to a payment. Amounts are minor units of its currency.

Every event names the order too, so that a reader of the log needs no look-up.
"""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from orderlog.domain.aggregate import Created, Event


class PaymentStatus(StrEnum):
    """The state of one payment (an order's payment status is derived in the read models)."""

    REQUESTED = "REQUESTED"
    AUTHORIZED = "AUTHORIZED"
    PARTIALLY_CAPTURED = "PARTIALLY_CAPTURED"
    CAPTURED = "CAPTURED"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"
    DECLINED = "DECLINED"
    FAILED = "FAILED"
    VOIDED = "VOIDED"


class PaymentOperation(StrEnum):
    AUTHORIZE = "AUTHORIZE"
    CAPTURE = "CAPTURE"
    VOID = "VOID"
    REFUND = "REFUND"


class PaymentRequested(Created, frozen=True, kw_only=True):
    TOPIC = "PaymentRequested"
    payment_id: str
    order_id: str
    amount: int
    currency: str
    method: str
    gateway: str
    capture_mode: str


class PaymentAuthorized(Event, frozen=True, kw_only=True):
    TOPIC = "PaymentAuthorized"
    order_id: str
    amount: int
    psp_reference: str
    psp_event_id: str
    authorized_until: datetime | None = None


class PaymentDeclined(Event, frozen=True, kw_only=True):
    TOPIC = "PaymentDeclined"
    order_id: str
    code: str
    retryable: bool
    psp_event_id: str


class PaymentFailed(Event, frozen=True, kw_only=True):
    TOPIC = "PaymentFailed"
    order_id: str
    code: str
    psp_event_id: str


class PaymentOutcomeUnknown(Event, frozen=True, kw_only=True):
    """The gateway did not answer: ask again with the same key, never with a new one."""

    TOPIC = "PaymentOutcomeUnknown"
    order_id: str
    operation: PaymentOperation
    gateway_key: str


class CaptureRequested(Event, frozen=True, kw_only=True):
    TOPIC = "CaptureRequested"
    order_id: str
    capture_id: str
    amount: int


class PaymentCaptured(Event, frozen=True, kw_only=True):
    TOPIC = "PaymentCaptured"
    order_id: str
    capture_id: str
    amount: int
    psp_reference: str
    psp_event_id: str


class CaptureFailed(Event, frozen=True, kw_only=True):
    TOPIC = "CaptureFailed"
    order_id: str
    capture_id: str
    code: str
    psp_event_id: str


class VoidRequested(Event, frozen=True, kw_only=True):
    TOPIC = "VoidRequested"
    order_id: str
    amount: int


class PaymentVoided(Event, frozen=True, kw_only=True):
    TOPIC = "PaymentVoided"
    order_id: str
    amount: int
    psp_event_id: str


class RefundRequested(Event, frozen=True, kw_only=True):
    TOPIC = "RefundRequested"
    order_id: str
    refund_id: str
    amount: int
    reason_code: str


class RefundSucceeded(Event, frozen=True, kw_only=True):
    TOPIC = "RefundSucceeded"
    order_id: str
    refund_id: str
    amount: int
    psp_event_id: str


class RefundFailed(Event, frozen=True, kw_only=True):
    TOPIC = "RefundFailed"
    order_id: str
    refund_id: str
    code: str
    psp_event_id: str


class GatewayNotificationRecorded(Event, frozen=True, kw_only=True):
    TOPIC = "GatewayNotificationRecorded"
    order_id: str
    psp_event_id: str
    kind: str
    digest: str


PaymentEvent: TypeAlias = (
    PaymentRequested
    | PaymentAuthorized
    | PaymentDeclined
    | PaymentFailed
    | PaymentOutcomeUnknown
    | CaptureRequested
    | PaymentCaptured
    | CaptureFailed
    | VoidRequested
    | PaymentVoided
    | RefundRequested
    | RefundSucceeded
    | RefundFailed
    | GatewayNotificationRecorded
)
