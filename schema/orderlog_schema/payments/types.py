"""A payment, as it is shown."""

from datetime import datetime
from typing import Self

import strawberry
from strawberry import ID

from orderlog.domain.payments.events import PaymentStatus
from orderlog_projections.order_page.tables import PagePayment
from orderlog_schema.money import Money, money_of
from orderlog_schema.permissions import OWNERS_AND_STAFF
from orderlog_schema.relay import Node, global_id
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
    payment_id: ID = strawberry.field(description="Its UUID, as events have it.")
    status: PaymentStatus = strawberry.field(description="Where it is.")
    method: str = strawberry.field(description="What the gateway knows the instrument by.")
    gateway: str = strawberry.field(description="The gateway.")
    amount: Money = strawberry.field(description="What was asked for.")
    authorized: Money = strawberry.field(description="What was secured.")
    captured: Money = strawberry.field(description="What was taken.")
    voided: Money = strawberry.field(description="What was secured and given back.")
    refunded: Money = strawberry.field(description="What was taken and given back.")
    failure_code: str | None = strawberry.field(description="Why it was declined or failed.")
    is_outcome_unknown: bool = strawberry.field(
        description="Whether the gateway has not said yet how an operation ended."
    )
    requested_at: datetime = strawberry.field(description="When it was asked for.")

    @classmethod
    def of(cls, row: PagePayment) -> Self:
        return cls(
            id=global_id("Payment", row.payment_id),
            payment_id=ID(row.payment_id),
            status=row.status,
            method=row.method,
            gateway=row.gateway,
            amount=money_of(row.amount, row.currency),
            authorized=money_of(row.authorized, row.currency),
            captured=money_of(row.captured, row.currency),
            voided=money_of(row.voided, row.currency),
            refunded=money_of(row.refunded, row.currency),
            failure_code=row.failure_code,
            is_outcome_unknown=row.is_outcome_unknown,
            requested_at=row.requested_at,
        )
