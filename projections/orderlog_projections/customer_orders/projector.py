"""How an order stands with its customer: from draft to total, status and refunds."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from orderlog.domain.aggregate import Event
from orderlog.domain.money import exponent_of
from orderlog.domain.orders.events import (
    DraftDiscarded,
    OrderCancelled,
    OrderConfirmed,
    OrderCustomerAssigned,
    OrderDrafted,
    OrderExpired,
    OrderImported,
    OrderPlaced,
    OrderRejected,
    OrderStatus,
)
from orderlog.domain.payments.events import RefundSucceeded
from orderlog.domain.related import order_of
from orderlog_projections.columns import saturated
from orderlog_projections.customer_orders.tables import CUSTOMER_ORDERS, CustomerOrder
from orderlog_projections.drafts import placed_at_of
from orderlog_projections.projection import Fold, Projection


def drafted(_: None, event: OrderDrafted) -> CustomerOrder:
    return _begun(event)


def imported(_: None, event: OrderImported) -> CustomerOrder:
    return placed(_begun(event), event)


def _begun(event: OrderDrafted | OrderImported) -> CustomerOrder:
    return CustomerOrder(
        order_id=event.order_id,
        channel_id=event.channel_id,
        customer_id=event.customer_id,
        status=OrderStatus.DRAFT,
        currency=event.currency,
        exponent=exponent_of(event.currency),
    )


def placed(order: CustomerOrder, event: OrderPlaced | OrderImported) -> CustomerOrder:
    return replace(
        order,
        status=OrderStatus.PENDING,
        number=event.order_number,
        placed_at=placed_at_of(event),
        grand_total=event.grand_total,
    )


def customer_assigned(order: CustomerOrder, event: OrderCustomerAssigned) -> CustomerOrder:
    return replace(order, customer_id=event.customer_id)


def refunded(order: CustomerOrder, event: RefundSucceeded) -> CustomerOrder:
    return replace(order, refunded_minor=saturated(order.refunded_minor + event.amount))


def _became(status: OrderStatus) -> Callable[[CustomerOrder, Event], CustomerOrder]:
    return lambda order, _: replace(order, status=status)


def stamped(order: CustomerOrder, _: Event, position: int) -> CustomerOrder:
    return replace(order, position=position)


REACTIONS: Final[Mapping[type[Event], Callable[[Any, Any], CustomerOrder]]] = {
    OrderDrafted: drafted,
    OrderImported: imported,
    OrderCustomerAssigned: customer_assigned,
    OrderPlaced: placed,
    OrderConfirmed: _became(OrderStatus.CONFIRMED),
    OrderRejected: _became(OrderStatus.REJECTED),
    OrderExpired: _became(OrderStatus.EXPIRED),
    OrderCancelled: _became(OrderStatus.CANCELLED),
    DraftDiscarded: _became(OrderStatus.DISCARDED),
    RefundSucceeded: refunded,
}

ORDERS: Final = Fold(table=CUSTOMER_ORDERS, key=order_of, reactions=REACTIONS, stamp=stamped)
PROJECTION: Final = Projection(
    name="customer_orders",
    question="What did a customer order?",
    parts=(ORDERS,),
)
