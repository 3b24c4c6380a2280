"""What a payment can be asked. Amounts are minor units of the payment's currency.

`Request…` asks for something outside; the outcome comes back as one of the others, with the
gateway's own event id, so that the same answer twice is applied once.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from orderlog.domain.money import Money
from orderlog.domain.payments.events import PaymentOperation


def payment_stream(payment_id: str) -> str:
    return f"payment-{payment_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _ToPayment:
    payment_id: str

    @property
    def stream_id(self) -> str:
        return payment_stream(self.payment_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPayment(_ToPayment):
    """`method` is what the gateway knows the instrument by, e.g. `sandbox:approve`."""

    order_id: str
    amount: Money
    method: str
    gateway: str
    capture_mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizePayment(_ToPayment):
    amount_minor: int
    psp_reference: str
    psp_event_id: str
    authorized_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclinePayment(_ToPayment):
    code: str
    retryable: bool
    psp_event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailPayment(_ToPayment):
    code: str
    psp_event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOutcomeUnknown(_ToPayment):
    operation: PaymentOperation
    gateway_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCapture(_ToPayment):
    """No `amount_minor` means all that is authorized and not yet captured."""

    capture_id: str
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturePayment(_ToPayment):
    capture_id: str
    amount_minor: int
    psp_reference: str
    psp_event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailCapture(_ToPayment):
    capture_id: str
    code: str
    psp_event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestVoid(_ToPayment):
    """Gives back what is authorized and not captured. No event where there is nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidPayment(_ToPayment):
    amount_minor: int
    psp_event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefund(_ToPayment):
    """No `amount_minor` means all that is captured and not yet refunded."""

    refund_id: str
    reason_code: str
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SucceedRefund(_ToPayment):
    refund_id: str
    amount_minor: int
    psp_event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailRefund(_ToPayment):
    refund_id: str
    code: str
    psp_event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordGatewayNotification(_ToPayment):
    """A notification that says nothing new: recorded once, never applied."""

    psp_event_id: str
    kind: str
    digest: str


PaymentCommand: TypeAlias = (
    RequestPayment
    | AuthorizePayment
    | DeclinePayment
    | FailPayment
    | RecordOutcomeUnknown
    | RequestCapture
    | CapturePayment
    | FailCapture
    | RequestVoid
    | VoidPayment
    | RequestRefund
    | SucceedRefund
    | FailRefund
    | RecordGatewayNotification
)
