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
from orderlog_schema.fields import asked
from orderlog_schema.given import given, given_or
from orderlog_schema.money import Money, money_of
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
from orderlog_schema.relay import Node, PageInfo, global_id, page_info_of
from orderlog_schema.scalars import CurrencyCode, Position


@strawberry.type(
    description=(
        "An order. Money, lines, addresses and notes come from its page, which is loaded once, and "
        "for all orders of a list together."
    ),
    directives=[OWNERS_AND_STAFF],
)
class Order(Node):
    page: strawberry.Private[OrderPage | None]
    until: strawberry.Private[int | None]
    order_id: ID = strawberry.field(description="Its UUID, as events have it.")
    channel_id: str = strawberry.field(description="The channel that it came through.")
    number: str | None = strawberry.field(description="Its number, once placed.")
    customer_id: ID | None = strawberry.field(description="The customer; null for a guest.")
    lifecycle: OrderStatus = strawberry.field(description="Where it is in its life.")
    payment_status: OrderPaymentStatus = strawberry.field(description="How far it is paid.")
    fulfillment_status: FulfillmentStatus = strawberry.field(description="How far it is shipped.")
    source: OrderSource = strawberry.field(description="Where it was begun.")
    currency: CurrencyCode = strawberry.field(description="The currency of all its amounts.")
    total: Money = strawberry.field(
        description="What the customer owes; of a draft, what it would cost if placed now."
    )
    paid: Money = strawberry.field(description="What was captured.")
    refunded: Money = strawberry.field(description="What was captured and given back.")
    item_count: int = strawberry.field(description="Units ordered, over all lines.")
    line_count: int = strawberry.field(description="Lines.")
    placed_at: datetime | None = strawberry.field(description="When it was placed.")
    created_at: datetime = strawberry.field(description="When it was begun.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    version: int = strawberry.field(description="Its version: good for `expectedVersion`.")
    position: Position = strawberry.field(
        description="The position of the last event of it or its payments."
    )
    is_stale: bool = strawberry.field(
        default=False, description="Whether the read model had not reached `minPosition` in time."
    )

    @classmethod
    def of(
        cls, row: OrderListRow | OrderPage, *, is_stale: bool = False, until: int | None = None
    ) -> Self:
        """`until`: of the past, with nothing in it that came after this position."""
        return cls(
            page=row if isinstance(row, OrderPage) else None,
            until=until,
            id=global_id("Order", row.order_id),
            order_id=ID(row.order_id),
            channel_id=row.channel_id,
            number=row.number,
            customer_id=None if row.customer_id is None else ID(row.customer_id),
            lifecycle=row.status,
            payment_status=row.payment_status,
            fulfillment_status=row.fulfillment_status,
            source=row.source,
            currency=CurrencyCode(row.currency),
            total=money_of(row.grand_total, row.currency),
            paid=money_of(row.paid_minor, row.currency),
            refunded=money_of(row.refunded_minor, row.currency),
            item_count=row.item_count,
            line_count=row.line_count,
            placed_at=row.placed_at,
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
            position=Position(row.position),
            is_stale=is_stale,
        )

    async def loaded(self, info: Info) -> OrderPage:
        """The page of this order, loaded together with those of its neighbours in a list."""
        if self.page is None:
            self.page = await info.context.order_pages.load(self.order_id)
        return self.page

    async def _money(self, info: Info, name: str) -> Money:
        page = await self.loaded(info)
        return money_of(getattr(page, name), page.currency)

    @asked("Its lines: up to 2,000.", listed(20))
    async def lines(self, info: Info) -> list[OrderLine]:
        page = await self.loaded(info)
        return [OrderLine.of(line, page.currency) for line in page.lines]

    @asked("Its addresses, one of each kind at most.", listed(2))
    async def addresses(self, info: Info) -> list[OrderAddress]:
        page = await self.loaded(info)
        return [
            OrderAddress.of(address, await info.context.opened(address.sealed, PostalAddress))
            for address in page.addresses
        ]

    @asked("The name on its shipping address; null where erased.", to=PERSONAL)
    async def customer_name(self, info: Info) -> str | None:
        page = await self.loaded(info)
        for address in page.addresses:
            if address.kind is AddressKind.SHIPPING:
                opened = await info.context.opened(address.sealed, PostalAddress)
                return None if opened is None else opened.name
        return None

    @asked("The e-mail address of a guest; null where erased.", to=PERSONAL)
    async def guest_email(self, info: Info) -> str | None:
        page = await self.loaded(info)
        return await info.context.opened(page.guest_email, str)

    @asked("Its notes, oldest first; to customers those that were written for them.", listed(5))
    async def notes(self, info: Info) -> list[OrderNote]:
        page, is_customer = await self.loaded(info), info.context.principal.customer_id is not None
        return [
            OrderNote.of(note)
            for note in page.notes
            if note.visibility is NoteVisibility.CUSTOMER or not is_customer
        ]

    @asked("Its discounts.", listed(2))
    async def discounts(self, info: Info) -> list[OrderDiscount]:
        page = await self.loaded(info)
        return [OrderDiscount.of(discount) for discount in page.discounts]

    @asked("How it travels.")
    async def shipping_method(self, info: Info) -> ShippingMethod | None:
        page = await self.loaded(info)
        method = page.shipping
        if method is None:
            return None
        return ShippingMethod(
            id=ID(method.method_id),
            name=method.name,
            price=money_of(method.price, page.currency),
            tax_rate_ppm=method.tax_rate_ppm,
        )

    @asked("Every attempt to pay it, oldest first.", listed(2))
    async def payments(self, info: Info) -> list[Payment]:
        page = await self.loaded(info)
        return [Payment.of(payment) for payment in page.payments]

    @asked("The sum of its lines, before discount.")
    async def subtotal(self, info: Info) -> Money:
        return await self._money(info, "subtotal")

    @asked("What its discounts take off.")
    async def discount_total(self, info: Info) -> Money:
        return await self._money(info, "discount_total")

    @asked("What shipping costs, after discount.")
    async def shipping_total(self, info: Info) -> Money:
        return await self._money(info, "shipping_total")

    @asked("Tax, contained in the total.")
    async def tax_total(self, info: Info) -> Money:
        return await self._money(info, "tax_total")

    @asked("Whether its prices contain their tax; null for a draft.")
    async def price_mode(self, info: Info) -> PriceMode | None:
        return (await self.loaded(info)).price_mode

    @asked("Its id in the system that it was imported from.")
    async def external_id(self, info: Info) -> str | None:
        return (await self.loaded(info)).external_id

    @asked("When it was confirmed.")
    async def confirmed_at(self, info: Info) -> datetime | None:
        return (await self.loaded(info)).confirmed_at

    @asked("When it was rejected, cancelled, discarded, or expired.")
    async def closed_at(self, info: Info) -> datetime | None:
        return (await self.loaded(info)).closed_at

    @asked("When it must be paid.")
    async def payment_due_at(self, info: Info) -> datetime | None:
        return (await self.loaded(info)).payment_due_at

    @asked("Why it was rejected or cancelled: a code.")
    async def closing_reason(self, info: Info) -> str | None:
        page = await self.loaded(info)
        return page.reject_code or page.cancel_reason

    @asked("What there was not enough of, where it was rejected for that.", listed(2))
    async def shortages(self, info: Info) -> list[OrderShortage]:
        page = await self.loaded(info)
        return [
            OrderShortage(
                line_id=ID(item.line_id),
                sku=item.sku,
                requested=item.requested,
                available=item.available,
            )
            for item in page.shortages
        ]

    @asked("What can be done with it in this state.", listed(10))
    def allowed_actions(self) -> list[OrderAction]:
        return allowed_actions(self.lifecycle, self.fulfillment_status)

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
        return await order_history(info.context, self.order_id, given(first), start, self.until)

    @asked("The process that placed it; null until it is placed.", ASKING, to=STAFF)
    async def process(self, info: Info) -> Process | None:
        return await process_of(info.context, placement_stream(self.order_id), self.until)


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
