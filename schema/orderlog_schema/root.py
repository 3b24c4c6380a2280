"""The three roots: each feature adds its fields."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Final

import strawberry
from strawberry import ID

import orderlog
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog_projections.paging import PAGE_ROWS_MAX
from orderlog_schema.context import Context, Info
from orderlog_schema.cost import ASKING, by_ids
from orderlog_schema.customers.queries import CustomerQueries, customer_of
from orderlog_schema.customers.types import Customer
from orderlog_schema.events.queries import EventQueries
from orderlog_schema.fields import asked
from orderlog_schema.orders.exporting import ExportQueries
from orderlog_schema.orders.mutations import OrderMutations
from orderlog_schema.orders.queries import OrderQueries, order_of
from orderlog_schema.orders.subscriptions import OrderSubscriptions
from orderlog_schema.orders.types import Order
from orderlog_schema.payments.mutations import PaymentMutations
from orderlog_schema.payments.queries import payment_of
from orderlog_schema.payments.types import Payment
from orderlog_schema.permissions import EVERYBODY, rule_of
from orderlog_schema.processes.mutations import ProcessMutations
from orderlog_schema.processes.queries import ProcessQueries, process_of
from orderlog_schema.processes.types import Process
from orderlog_schema.projections.mutations import ProjectionMutations
from orderlog_schema.projections.queries import ProjectionQueries
from orderlog_schema.relay import Node, parse_global_id
from orderlog_schema.sales.queries import SalesQueries
from orderlog_schema.stock.mutations import StockMutations
from orderlog_schema.stock.queries import StockQueries, stock_item_of
from orderlog_schema.stock.subscriptions import StockSubscriptions
from orderlog_schema.stock.types import StockItem

Find = Callable[[Context, str], Awaitable[Node | None]]
NODES: Final[Mapping[str, tuple[type[Node], Find]]] = {
    "Customer": (Customer, customer_of),
    "Order": (Order, order_of),
    "Payment": (Payment, payment_of),
    "Process": (Process, process_of),
    "StockItem": (StockItem, stock_item_of),
}
"""How something with a global id is found, by the name of its type."""


async def node_of(context: Context, id: str) -> Node | None:
    """Nothing, where its type is for others: an id alone says that it is there.

    Raises `INVALID_ID` for what is no global id of ours.
    """
    type_name, key = parse_global_id(id) or ("", "")
    if type_name not in NODES:
        message = f"{id[:40]!r} is not a global id."
        raise Rejected(ErrorCode.INVALID_ID, message, path=("id",))
    kind, find = NODES[type_name]
    if rule_of(kind).isdisjoint(context.principal.audiences):
        return None
    return await find(context, key)


@strawberry.type(description="What can be asked.")
class Query(
    OrderQueries,
    ExportQueries,
    StockQueries,
    CustomerQueries,
    SalesQueries,
    ProcessQueries,
    EventQueries,
    ProjectionQueries,
):
    @asked("Anything by its global id; null where it is gone. 1 query.", ASKING, to=EVERYBODY)
    async def node(
        self,
        info: Info,
        id: Annotated[ID, strawberry.argument(description="A global id.")],
    ) -> Node | None:
        return await node_of(info.context, id)

    @asked(
        "Several things by their global ids, in the order of these. 1 query for each.",
        ASKING,
        by_ids("ids"),
        to=EVERYBODY,
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[ID], strawberry.argument(description="Global ids, 100 at most.")],
    ) -> list[Node | None]:
        if len(ids) > PAGE_ROWS_MAX:
            message = f"Ask for at most {PAGE_ROWS_MAX} at once."
            raise Rejected(ErrorCode.PAGE_TOO_LARGE, message, path=("ids",), max=PAGE_ROWS_MAX)
        return list(await asyncio.gather(*(node_of(info.context, one) for one in ids)))

    @asked("The version of the platform.", to=EVERYBODY)
    def version(self) -> str:
        return orderlog.__version__


@strawberry.type(description="What can be told: each sends one command, or mends a read model.")
class Mutation(
    OrderMutations, StockMutations, PaymentMutations, ProcessMutations, ProjectionMutations
):
    pass


@strawberry.type(description="What can be watched: history first, if wanted, then live.")
class Subscription(OrderSubscriptions, StockSubscriptions):
    pass
