"""Asked: one payment, through the page of its order."""

from orderlog.domain.payments.commands import payment_stream
from orderlog.domain.payments.payment import Payment as PaymentRecord
from orderlog_schema.context import Context
from orderlog_schema.payments.types import Payment


async def payment_of(context: Context, payment_id: str) -> Payment | None:
    order_id = await context.bus.inspect(
        payment_stream(payment_id),
        lambda payment: payment.order_id if isinstance(payment, PaymentRecord) else None,
    )
    if order_id is None:
        return None
    page = (await context.pages_of([order_id])).get(order_id)
    found = (one for one in page.payments if one.payment_id == payment_id) if page else ()
    return next((Payment(row=one) for one in found), None)
