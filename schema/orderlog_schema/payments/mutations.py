"""Told: what a payment can be asked for after its authorization."""

import strawberry

from orderlog_projections.order_page.queries import NAME
from orderlog_schema.commands import Answer, mutation
from orderlog_schema.context import Info
from orderlog_schema.cost import ASKING
from orderlog_schema.fields import asked
from orderlog_schema.payments import inputs
from orderlog_schema.payments.queries import payment_of
from orderlog_schema.payments.types import Payment
from orderlog_schema.permissions import FINANCE


@strawberry.type
class PaymentAnswer(Answer):
    @asked("The payment as it is now; null if nothing was done.", ASKING)
    async def payment(self, info: Info) -> Payment | None:
        payment_id = await self.changed(info, "payment-", NAME)
        return None if payment_id is None else await payment_of(info.context, payment_id)


@strawberry.type
class PaymentMutations:
    capture_payment = mutation(
        inputs.CapturePaymentInput,
        PaymentAnswer,
        "Asks the gateway for money that is authorized. The outcome follows as an event.",
        to=FINANCE,
    )
    void_payment = mutation(
        inputs.VoidPaymentInput,
        PaymentAnswer,
        "Gives back what is authorized and not captured. The outcome follows as an event.",
        to=FINANCE,
    )
    refund_payment = mutation(
        inputs.RefundPaymentInput,
        PaymentAnswer,
        "Gives back what was captured. The outcome follows as an event.",
        to=FINANCE,
    )
