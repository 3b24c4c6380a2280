"""What payments can be told. The gateway is asked afterwards, and its answer is an event."""

from collections.abc import Mapping

import strawberry
from strawberry import ID, UNSET

from orderlog.application.metadata import new_id
from orderlog.domain.payments.commands import RequestCapture, RequestRefund, RequestVoid
from orderlog_schema.commands import CommandInput
from orderlog_schema.given import given
from orderlog_schema.money import MoneyInput, minor_of
from orderlog_schema.relay import uuid_of


@strawberry.input
class ToPayment(CommandInput):
    """What every command to a payment has."""

    payment_id: ID = strawberry.field(description="The payment: its global id, or its UUID.")

    @property
    def payment(self) -> str:
        return uuid_of("Payment", self.payment_id, "paymentId")


@strawberry.input(description="Asks the gateway for money that is authorized.")
class CapturePaymentInput(ToPayment):
    amount: MoneyInput | None = strawberry.field(
        default=UNSET, description="How much; all that is left if not given."
    )
    capture_id: ID | None = strawberry.field(
        default=UNSET, description="A UUID for the capture; made here if not given."
    )

    def amounts(self) -> Mapping[str, MoneyInput | None]:
        return {"amount": self.amount}

    def command(self) -> RequestCapture:
        return RequestCapture(
            payment_id=self.payment,
            capture_id=given(self.capture_id) or new_id(),
            amount_minor=minor_of(self.amount, "amount"),
        )


@strawberry.input(description="Gives back what is authorized and not captured.")
class VoidPaymentInput(ToPayment):
    def command(self) -> RequestVoid:
        return RequestVoid(payment_id=self.payment)


@strawberry.input(description="Gives back what was captured.")
class RefundPaymentInput(ToPayment):
    reason_code: str = strawberry.field(description="Why: a code of yours.")
    amount: MoneyInput | None = strawberry.field(
        default=UNSET, description="How much; all that is left if not given."
    )
    refund_id: ID | None = strawberry.field(
        default=UNSET, description="A UUID for the refund; made here if not given."
    )

    def amounts(self) -> Mapping[str, MoneyInput | None]:
        return {"amount": self.amount}

    def command(self) -> RequestRefund:
        return RequestRefund(
            payment_id=self.payment,
            refund_id=given(self.refund_id) or new_id(),
            reason_code=self.reason_code,
            amount_minor=minor_of(self.amount, "amount"),
        )
