"""Asked: what was sold on a day or in a month."""

from datetime import date
from typing import Annotated

import strawberry
from strawberry import UNSET

from orderlog_projections.sales_by_period.queries import SalesPeriod, list_sales
from orderlog_schema.context import Info
from orderlog_schema.cost import ASKING, listed
from orderlog_schema.fields import asked
from orderlog_schema.given import given
from orderlog_schema.permissions import SALES
from orderlog_schema.sales.types import Sales
from orderlog_schema.scalars import CurrencyCode


@strawberry.type
class SalesQueries:
    @asked(
        "Sales by day or month, oldest first: up to 1,000 entries. 1 query.",
        ASKING,
        listed(100),
        to=SALES,
    )
    async def sales_by_period(
        self,
        info: Info,
        period: Annotated[SalesPeriod, strawberry.argument(description="Days or months.")],
        from_: Annotated[
            date | None,
            strawberry.argument(name="from", description="From this day on."),
        ] = UNSET,
        to: Annotated[
            date | None, strawberry.argument(description="Up to this day, and without it.")
        ] = UNSET,
        currency: Annotated[
            CurrencyCode | None,
            strawberry.argument(description="One currency; all of them if not given."),
        ] = UNSET,
    ) -> list[Sales]:
        rows = await info.context.read_models.read(
            lambda connection: list_sales(
                connection,
                period,
                currency=given(currency),
                start=given(from_),
                before=given(to),
                reach=info.context.reach,
            )
        )
        return [Sales.of(row) for row in rows]
