"""A payment, as it is shown."""

from datetime import datetime

import strawberry
from strawberry import ID

from orderlog.domain.payments.events import PaymentStatus
from orderlog_projections.order_page.tables import PagePayment
from orderlog_schema.fields import shown
from orderlog_schema.money import Money, money
from orderlog_schema.permissions import OWNERS_AND_STAFF
from orderlog_schema.relay import Node, node_id
from orderlog_schema.scalars import describe_enum

describe_enum(
    PaymentStatus,
    "Where one payment is. An order's `paymentStatus` sums up all of its payments.",
    {
        "REQUESTED": "The gateway was asked and has not answered yet.",
        "AUTHORIZED": "The amount is secured, and nothing captured yet.",
        "PARTIALLY_CAPTURED": "Some of it is captured.",
        "CAPTURED": "All of it is captured.",
        "PARTIALLY_REFUNDED": "Some of what was captured was given back.",
        "REFUNDED": "All that was captured was given back.",
        "DECLINED": "The gateway refused.",
        "FAILED": "The gateway could not do it.",
        "VOIDED": "The authorization was given back.",
    },
)


@strawberry.type(
    description="One attempt to pay an order with one instrument.", directives=[OWNERS_AND_STAFF]
)
class Payment(Node):
    row: strawberry.Private[PagePayment]
    id: ID = node_id("Payment", "row.payment_id")
    payment_id: ID = shown("row.payment_id", "Its UUID, as events have it.")
    status: PaymentStatus = shown("row.status", "Where it is.")
    method: str = shown("row.method", "What the gateway knows the instrument by.")
    gateway: str = shown("row.gateway", "The gateway.")
    amount: Money = shown(money("row.amount"), "What was asked for.")
    authorized: Money = shown(money("row.authorized"), "What was secured.")
    captured: Money = shown(money("row.captured"), "What was taken.")
    voided: Money = shown(money("row.voided"), "What was secured and given back.")
    refunded: Money = shown(money("row.refunded"), "What was taken and given back.")
    failure_code: str | None = shown("row.failure_code", "Why it was declined or failed.")
    is_outcome_unknown: bool = shown(
        "row.is_outcome_unknown", "Whether the gateway has not said yet how an operation ended."
    )
    requested_at: datetime = shown("row.requested_at", "When it was asked for.")
