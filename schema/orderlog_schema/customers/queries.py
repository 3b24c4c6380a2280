"""Asked: one customer."""

from typing import Annotated

import strawberry
from strawberry import ID

from orderlog_projections.customer_orders.queries import summarise_customer
from orderlog_schema.context import Context, Info
from orderlog_schema.cost import ASKING
from orderlog_schema.customers.types import Customer
from orderlog_schema.fields import asked
from orderlog_schema.permissions import OWNERS_AND_STAFF
from orderlog_schema.relay import key_of


async def customer_of(context: Context, customer_id: str) -> Customer | None:
    summary = await context.read_models.read(
        lambda connection: summarise_customer(connection, customer_id, context.reach)
    )
    return None if summary is None else Customer.of(summary)


@strawberry.type
class CustomerQueries:
    @asked(
        "A customer; null for one who has placed no order. 1 query.", ASKING, to=OWNERS_AND_STAFF
    )
    async def customer(
        self,
        info: Info,
        id: Annotated[ID, strawberry.argument(description="A global id, or the customer's own.")],
    ) -> Customer | None:
        return await customer_of(info.context, key_of("Customer", id, "id"))
