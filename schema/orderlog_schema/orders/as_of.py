"""Asked: an order as it was, folded from the log instead of read from its page."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from orderlog_projections.order_page.as_of import Moment, order_as_of
from orderlog_schema.context import Context, in_thread
from orderlog_schema.given import at_path, given, given_or
from orderlog_schema.orders.types import Order
from orderlog_schema.scalars import Position


@strawberry.input(one_of=True, description="A moment in the past, said in one of these ways.")
class AsOf:
    position: Position | None = strawberry.field(
        default=UNSET, description="Right after the event at this position of the log."
    )
    time: datetime | None = strawberry.field(
        default=UNSET,
        description="After all that was recorded up to then; an import was recorded when it ran.",
    )

    @property
    def moment(self) -> Moment:
        """GraphQL sees to it that exactly one is given."""
        time = given(self.time)
        return given_or(self.position, Position(0)) if time is None else time


async def past_order(context: Context, order_id: str, as_of: AsOf) -> Order | None:
    """None where it was not begun, or somebody else's then.

    Raises `INVALID_VALUE` where the moment is yet to come.
    """
    database = context.read_models.database
    with at_path("asOf"):
        page = await in_thread(order_as_of, context.log, database, order_id, as_of.moment)
    if page is None or not context.reach.covers(page):
        return None
    return Order.of(page, until=page.position)
