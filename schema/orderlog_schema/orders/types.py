"""An order, as it is shown: what lists show is at hand, the rest is loaded with its page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Self

import strawberry
from strawberry import ID, UNSET

from orderlog.domain.money import PriceMode
from orderlog.domain.orders.events import (
    AddressKind,
    NoteVisibility,
    OrderSource,
    OrderStatus,
)
from orderlog.domain.processes.commands import placement_stream
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.values import PostalAddress
from orderlog_projections.order_list.tables import OrderListRow
from orderlog_projections.order_page.tables import (
    OrderPage,
)
from orderlog_projections.paging import Page
from orderlog_projections.statuses import FulfillmentStatus, OrderPaymentStatus
from orderlog_schema.context import Info
from orderlog_schema.cost import ASKING, COUNTING, listed, paged
from orderlog_schema.events.types import DomainEventConnection
from orderlog_schema.fields import asked, shown
from orderlog_schema.given import given, given_or
from orderlog_schema.money import Money, money
from orderlog_schema.orders.enums import OrderAction
from orderlog_schema.orders.history import order_history
from orderlog_schema.orders.parts import (
    OrderAddress,
    OrderDiscount,
    OrderLine,
    OrderNote,
    OrderShortage,
    ShippingMethod,
)
from orderlog_schema.payments.types import Payment
from orderlog_schema.permissions import OWNERS_AND_STAFF, PERSONAL, STAFF
from orderlog_schema.processes.queries import process_of
from orderlog_schema.processes.types import Process
from orderlog_schema.relay import Node, PageInfo, names_asked, node_id, page_info_of
from orderlog_schema.scalars import CurrencyCode, Position


@strawberry.type(
    description=(
        "An order. Money, lines, addresses and notes come from its page, which is loaded once, and "
        "for all orders of a list together."
    ),
    directives=[OWNERS_AND_STAFF],
)
class Order(Node):
    row: strawberry.Private[OrderListRow | OrderPage]
    page: strawberry.Private[OrderPage | None]
    until: strawberry.Private[int | None] = None
    id: ID = node_id("Order", "row.order_id")
    order_id: ID = shown("row.order_id", "Its UUID, as events have it.")
    channel_id: str = shown("row.channel_id", "The channel that it came through.")
    number: str | None = shown("row.number", "Its number, once placed.")
    customer_id: ID | None = shown("row.customer_id", "The customer; null for a guest.")
    lifecycle: OrderStatus = shown("row.status", "Where it is in its life.")
    payment_status: OrderPaymentStatus = shown("row.payment_status", "How far it is paid.")
    fulfillment_status: FulfillmentStatus = shown(
        "row.fulfillment_status", "How far it is shipped."
    )
    source: OrderSource = shown("row.source", "Where it was begun.")
    currency: CurrencyCode = shown("row.currency", "The currency of all its amounts.")
    total: Money = shown(
        money("row.grand_total"),
        "What the customer owes; of a draft, what it would cost if placed now.",
    )
    paid: Money = shown(money("row.paid_minor"), "What was captured.")
    refunded: Money = shown(money("row.refunded_minor"), "What was captured and given back.")
    item_count: int = shown("row.item_count", "Units ordered, over all lines.")
    line_count: int = shown("row.line_count", "Lines.")
    placed_at: datetime | None = shown("row.placed_at", "When it was placed.")
    created_at: datetime = shown("row.created_at", "When it was begun.")
    updated_at: datetime = shown("row.updated_at", "When it last changed.")
    version: int = shown("row.version", "Its version: good for `expectedVersion`.")
    position: Position = shown(
        "row.position", "The position of the last event of it or its payments."
    )
    is_stale: bool = strawberry.field(
        default=False, description="Whether the read model had not reached `minPosition` in time."
    )

    lines: list[OrderLine] = shown(
        lambda order: [
            OrderLine(row=line, currency=order.row.currency) for line in order.loaded.lines
        ],
        "Its lines: up to 2,000.",
        listed(20),
    )

    @asked("Its addresses, one of each kind at most.", listed(2))
    async def addresses(self, info: Info) -> list[OrderAddress]:
        return [
            OrderAddress.of(address, await info.context.opened(address.sealed, PostalAddress))
            for address in self.loaded.addresses
        ]

    @asked("The name on its shipping address; null where erased.", to=PERSONAL)
    async def customer_name(self, info: Info) -> str | None:
        for address in self.loaded.addresses:
            if address.kind is AddressKind.SHIPPING:
                opened = await info.context.opened(address.sealed, PostalAddress)
                return None if opened is None else opened.name
        return None

    @asked("The e-mail address of a guest; null where erased.", to=PERSONAL)
    async def guest_email(self, info: Info) -> str | None:
        return await info.context.opened(self.loaded.guest_email, str)

    @asked("Its notes, oldest first; to customers those that were written for them.", listed(5))
    def notes(self, info: Info) -> list[OrderNote]:
        is_customer = info.context.principal.customer_id is not None
        return [
            OrderNote.of(note)
            for note in self.loaded.notes
            if note.visibility is NoteVisibility.CUSTOMER or not is_customer
        ]

    discounts: list[OrderDiscount] = shown(
        lambda order: [OrderDiscount.of(one) for one in order.loaded.discounts],
        "Its discounts.",
        listed(2),
    )
    shipping_method: ShippingMethod | None = shown(
        lambda order: ShippingMethod.of(order.loaded), "How it travels."
    )
    payments: list[Payment] = shown(
        lambda order: [Payment(row=one) for one in order.loaded.payments],
        "Every attempt to pay it, oldest first.",
        listed(2),
    )
    subtotal: Money = shown(money("loaded.subtotal"), "The sum of its lines, before discount.")
    discount_total: Money = shown(money("loaded.discount_total"), "What its discounts take off.")
    shipping_total: Money = shown(
        money("loaded.shipping_total"), "What shipping costs, after discount."
    )
    tax_total: Money = shown(money("loaded.tax_total"), "Tax, contained in the total.")
    price_mode: PriceMode | None = shown(
        "loaded.price_mode", "Whether its prices contain their tax; null for a draft."
    )
    external_id: str | None = shown(
        "loaded.external_id", "Its id in the system that it was imported from."
    )
    confirmed_at: datetime | None = shown("loaded.confirmed_at", "When it was confirmed.")
    closed_at: datetime | None = shown(
        "loaded.closed_at", "When it was rejected, cancelled, discarded, or expired."
    )
    payment_due_at: datetime | None = shown("loaded.payment_due_at", "When it must be paid.")
    closing_reason: str | None = shown(
        lambda order: order.loaded.reject_code or order.loaded.cancel_reason,
        "Why it was rejected or cancelled: a code.",
    )
    shortages: list[OrderShortage] = shown(
        lambda order: [OrderShortage(row=item) for item in order.loaded.shortages],
        "What there was not enough of, where it was rejected for that.",
        listed(2),
    )
    allowed_actions: list[OrderAction] = shown(
        lambda order: allowed_actions(order.row.status, order.row.fulfillment_status),
        "What can be done with it in this state.",
        listed(10),
    )

    @asked(
        "All that happened to it, its payments and its process. 1 query per page.",
        ASKING,
        paged("first"),
    )
    async def history(
        self,
        info: Info,
        first: Annotated[
            int | None, strawberry.argument(description="How many, 100 at most; 25 if not given.")
        ] = UNSET,
        after: Annotated[
            Position | None, strawberry.argument(description="Only what happened after.")
        ] = UNSET,
    ) -> DomainEventConnection:
        start = given_or(after, 0)
        return await order_history(info.context, self.row.order_id, given(first), start, self.until)

    @asked("The process that placed it; null until it is placed.", ASKING, to=STAFF)
    async def process(self, info: Info) -> Process | None:
        return await process_of(info.context, placement_stream(self.row.order_id), self.until)

    @property
    def loaded(self) -> OrderPage:
        """The page of this order: who asks for something of it has had it loaded."""
        if self.page is None:
            message = f"The page of order {self.row.order_id} is being rebuilt; try again soon."
            raise Rejected(ErrorCode.ORDER_NOT_FOUND, message)
        return self.page

    @classmethod
    def of(cls, page: OrderPage, *, is_stale: bool = False, until: int | None = None) -> Self:
        """`until`: of the past, with nothing in it that came after this position."""
        return cls(row=page, page=page, until=until, is_stale=is_stale)


OF_PAGE: Final = frozenset(
    {
        *("lines", "addresses", "customerName", "guestEmail", "notes", "discounts", "payments"),
        *("shippingMethod", "subtotal", "discountTotal", "shippingTotal", "taxTotal", "priceMode"),
        *("externalId", "confirmedAt", "closedAt", "paymentDueAt", "closingReason", "shortages"),
    }
)
"""The fields of an order for which a row of the list is not enough."""


def wants_pages(info: Info) -> bool:
    return not OF_PAGE.isdisjoint(names_asked(info))


async def orders_of(info: Info, rows: Sequence[OrderListRow]) -> list[Order]:
    """Orders of a list, with their pages, loaded together, where something of them is asked for."""
    pages: Mapping[str, OrderPage] = {}
    if wants_pages(info):
        pages = await info.context.pages_of([row.order_id for row in rows])
    return [Order(row=row, page=pages.get(row.order_id)) for row in rows]


ACTIONS: Final[Mapping[OrderStatus, tuple[OrderAction, ...]]] = {
    OrderStatus.DRAFT: (OrderAction.EDIT, OrderAction.PLACE, OrderAction.DISCARD),
    OrderStatus.PENDING: (OrderAction.CANCEL,),
    OrderStatus.CONFIRMED: (
        OrderAction.CANCEL,
        OrderAction.CANCEL_LINES,
        OrderAction.SHIP,
        OrderAction.DELIVER,
        OrderAction.RETURN,
    ),
    OrderStatus.COMPLETED: (OrderAction.RETURN,),
}
NOTHING_SHIPPED: Final = frozenset(
    {
        FulfillmentStatus.UNFULFILLED,
        FulfillmentStatus.BACKORDERED,
        FulfillmentStatus.ON_HOLD,
        FulfillmentStatus.NOT_REQUIRED,
    }
)


def allowed_actions(status: OrderStatus, fulfillment: FulfillmentStatus) -> list[OrderAction]:
    """What an order in these states can be asked; single units may still be refused."""
    actions = [*ACTIONS.get(status, ()), OrderAction.ADD_NOTE]
    if fulfillment not in NOTHING_SHIPPED and OrderAction.CANCEL in actions:
        actions.remove(OrderAction.CANCEL)
    return actions


@strawberry.type(description="An order and its place in a list.", directives=[OWNERS_AND_STAFF])
class OrderEdge:
    cursor: str = strawberry.field(description="The place.")
    node: Order = strawberry.field(description="The order.")


@strawberry.type(description="A page of orders.", directives=[OWNERS_AND_STAFF])
class OrderConnection:
    edges: list[OrderEdge] = strawberry.field(description="Orders with their cursors.")
    nodes: list[Order] = strawberry.field(description="Orders without.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")
    total_count: int = strawberry.field(
        description="How many match, counted up to 10,000.", directives=[COUNTING]
    )
    total_count_is_capped: bool = strawberry.field(
        description="Whether there are more, and counting stopped."
    )
    position: Position = strawberry.field(
        description="What the read model had read of the log: good for `after`."
    )
    is_stale: bool = strawberry.field(
        description="Whether it had not reached `minPosition` in time."
    )

    @classmethod
    def of(cls, page: Page[Any], nodes: Sequence[Order], *, is_stale: bool = False) -> Self:
        pairs = zip(page.cursors, nodes, strict=True)
        return cls(
            edges=[OrderEdge(cursor=cursor, node=node) for cursor, node in pairs],
            nodes=list(nodes),
            page_info=page_info_of(page),
            total_count=page.total_count or 0,
            total_count_is_capped=page.is_count_capped,
            position=Position(page.position),
            is_stale=is_stale,
        )


@strawberry.type(description="An order that has changed.", directives=[OWNERS_AND_STAFF])
class OrderChange:
    position: Position = strawberry.field(description="Go on `after` this one.")
    order: Order = strawberry.field(description="The order as it is now.")
    matches: bool = strawberry.field(
        description="Whether it passes the filter; one that does not may have left: take it away."
    )
