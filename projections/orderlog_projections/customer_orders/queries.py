"""Asking what a customer ordered: the orders, and what they add up to."""

from collections import defaultdict
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection

from orderlog.domain.orders.events import OrderStatus
from orderlog_projections.columns import storable
from orderlog_projections.customer_orders.tables import CUSTOMER_ORDERS, CustomerOrder
from orderlog_projections.paging import Condition, Keyset, Listing, Page, Window
from orderlog_projections.reach import EVERYTHING, Reach

NAME: Final = "customer_orders"
CustomerOrderPage = Page[CustomerOrder]

_STANDING: Final = frozenset({OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.COMPLETED})
_ORDERS: Final = Listing(NAME, CUSTOMER_ORDERS)
_BY_DATE: Final = Keyset(
    "PLACED_AT", CUSTOMER_ORDERS.c.placed_at, CUSTOMER_ORDERS.c.order_id, is_descending=True
)


class CustomerTurnover(msgspec.Struct, frozen=True):
    """Orders in one currency that stand (not rejected, expired or cancelled), in minor units."""

    currency: str
    exponent: int
    orders: int
    total: int
    refunded: int


class CustomerSummary(msgspec.Struct, frozen=True):
    """`orders_placed` counts every order that was placed, whatever became of it."""

    customer_id: str
    orders_placed: int
    first_placed_at: datetime
    last_placed_at: datetime
    turnover: tuple[CustomerTurnover, ...]


def list_customer_orders(
    connection: Connection,
    customer_id: str,
    window: Window = Window(),  # noqa: B008 - frozen
    *,
    reach: Reach = EVERYTHING,
    with_count: bool = True,
) -> CustomerOrderPage:
    """Placed orders, the latest first. Raises `PAGE_TOO_LARGE`, `INVALID_CURSOR`."""
    conditions = _placed_by(customer_id, reach)
    query = _ORDERS.query(conditions, _BY_DATE, window)
    return _ORDERS.page(connection, query, with_count=with_count)


def summarise_customer(
    connection: Connection, customer_id: str, reach: Reach = EVERYTHING
) -> CustomerSummary | None:
    """None for a customer who has placed no order."""
    orders = _ORDERS.rows(connection, _placed_by(customer_id, reach))
    placed = [order.placed_at for order in orders if order.placed_at is not None]
    if not placed:
        return None
    return CustomerSummary(
        customer_id=customer_id,
        orders_placed=len(placed),
        first_placed_at=min(placed),
        last_placed_at=max(placed),
        turnover=_turnover(orders),
    )


def _placed_by(customer_id: str, reach: Reach) -> list[Condition]:
    c = CUSTOMER_ORDERS.c
    return [
        c.customer_id == storable(customer_id),
        c.placed_at.is_not(None),
        *reach.conditions(c),
    ]


def _turnover(orders: list[CustomerOrder]) -> tuple[CustomerTurnover, ...]:
    by_currency: dict[str, list[CustomerOrder]] = defaultdict(list)
    for order in orders:
        by_currency[order.currency].append(order)
    return tuple(
        CustomerTurnover(
            currency=currency,
            exponent=group[0].exponent,
            orders=sum(order.status in _STANDING for order in group),
            total=sum(order.grand_total for order in group if order.status in _STANDING),
            refunded=sum(order.refunded_minor for order in group),
        )
        for currency, group in sorted(by_currency.items())
    )
