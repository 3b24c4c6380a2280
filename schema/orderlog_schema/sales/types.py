"""Sales of a period, as they are shown."""

from typing import Self

import strawberry

from orderlog_projections.sales_by_period.queries import Sales as SalesRow
from orderlog_projections.sales_by_period.queries import SalesPeriod
from orderlog_schema.money import Money, money_of
from orderlog_schema.permissions import SALES
from orderlog_schema.scalars import CurrencyCode, describe_enum

describe_enum(
    SalesPeriod,
    "How long a period is, in UTC.",
    {"DAY": "A calendar day.", "MONTH": "A calendar month."},
)


@strawberry.type(description="What was sold in a period, in one currency.", directives=[SALES])
class Sales:
    period: str = strawberry.field(description="The period: `2026-11-23` or `2026-11`.")
    currency: CurrencyCode = strawberry.field(description="The currency.")
    orders: int = strawberry.field(description="Orders confirmed, less those cancelled.")
    units: int = strawberry.field(description="Units confirmed, less cancelled and returned ones.")
    gross: Money = strawberry.field(description="What was confirmed.")
    cancelled: Money = strawberry.field(description="What cancellations took back.")
    returned: Money = strawberry.field(description="What returns took back.")
    revenue: Money = strawberry.field(description="Gross, less cancelled and returned.")

    @classmethod
    def of(cls, row: SalesRow) -> Self:
        return cls(
            period=row.label,
            currency=CurrencyCode(row.currency),
            orders=row.orders,
            units=row.units,
            gross=money_of(row.gross, row.currency),
            cancelled=money_of(row.cancelled, row.currency),
            returned=money_of(row.returned, row.currency),
            revenue=money_of(row.revenue, row.currency),
        )
