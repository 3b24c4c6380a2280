"""Asking for orders: filtered, sorted, in keyset pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from orderlog.domain.orders.events import OrderStatus
from orderlog_projections.columns import micros, saturated, storable
from orderlog_projections.order_list.tables import ORDER_LIST, ORDER_SKUS, OrderListRow
from orderlog_projections.paging import (
    WALKED_ROWS,
    Condition,
    Keyset,
    Listing,
    Page,
    PageQuery,
    Window,
)
from orderlog_projections.reach import EVERYTHING, Reach
from orderlog_projections.statuses import FulfillmentStatus, OrderPaymentStatus

NAME: Final = "order_list"
QUERIES_KEPT_MAX: Final = 64
OrderListPage = Page[OrderListRow]

_ORDERS: Final = Listing(NAME, ORDER_LIST, shown=len(ORDER_LIST.columns) - 1)
"""All columns but the workings, which no list shows."""


class OrderSort(StrEnum):
    """Drafts have not been placed yet: they are sorted by when they were created."""

    PLACED_AT_DESC = "PLACED_AT_DESC"
    PLACED_AT_ASC = "PLACED_AT_ASC"
    TOTAL_DESC = "TOTAL_DESC"
    TOTAL_ASC = "TOTAL_ASC"
    NUMBER_DESC = "NUMBER_DESC"
    NUMBER_ASC = "NUMBER_ASC"
    UPDATED_AT_DESC = "UPDATED_AT_DESC"
    UPDATED_AT_ASC = "UPDATED_AT_ASC"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """All that is given must hold. A set of statuses holds if one of them does; empty: none does.

    Totals are minor units, and mean orders in `currency` where that is given.
    """

    statuses: frozenset[OrderStatus] | None = None
    payment_statuses: frozenset[OrderPaymentStatus] | None = None
    fulfillment_statuses: frozenset[FulfillmentStatus] | None = None
    customer_id: str | None = None
    number: str | None = None
    number_prefix: str | None = None
    sku: str | None = None
    channel_id: str | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None
    total_min: int | None = None
    total_max: int | None = None
    currency: str | None = None
    reach: Reach = EVERYTHING

    @property
    def lasting(self) -> "OrderFilter":
        """What of it an order keeps for life: one that fails the rest may have passed before."""
        return replace(
            self,
            statuses=None,
            payment_statuses=None,
            fulfillment_statuses=None,
            total_min=None,
            total_max=None,
        )


EVERY_ORDER: Final = OrderFilter()

_SORTED_BY: Final = {
    "PLACED_AT": ORDER_LIST.c.sorted_at,
    "TOTAL": ORDER_LIST.c.grand_total,
    "NUMBER": ORDER_LIST.c.sorted_number,
    "UPDATED_AT": ORDER_LIST.c.updated_at,
}


class ChangedOrder(NamedTuple):
    """An order as it is now, and whether it passes a filter."""

    row: OrderListRow
    matches: bool

    @property
    def position(self) -> int:
        return self.row.position


def list_orders(
    connection: Connection,
    where: OrderFilter = EVERY_ORDER,
    sort: OrderSort = OrderSort.PLACED_AT_DESC,
    window: Window = Window(),  # noqa: B008 - frozen
    *,
    with_count: bool = True,
) -> OrderListPage:
    """Raises `PAGE_TOO_LARGE`, `INVALID_CURSOR`. Without a count a page is cheaper."""
    return _ORDERS.page(connection, _query(where, sort, window), with_count=with_count)


@lru_cache(QUERIES_KEPT_MAX)
def _query(where: OrderFilter, sort: OrderSort, window: Window) -> PageQuery:
    return _ORDERS.query(list(_conditions(where)), _keyset(sort), window)


class EveryOrder(NamedTuple):
    """Orders of one moment, in pages: to be read while the connection's transaction lasts."""

    position: int
    pages: Iterator[list[OrderListRow]]


def every_order(
    connection: Connection, where: OrderFilter = EVERY_ORDER, rows_at_once: int = WALKED_ROWS
) -> EveryOrder:
    """All orders that pass a filter, however many, the oldest first."""
    oldest_first = _keyset(OrderSort.PLACED_AT_ASC)
    pages = _ORDERS.walk(connection, list(_conditions(where)), oldest_first, rows_at_once)
    return EveryOrder(_ORDERS.position(connection), pages)


def find_orders(connection: Connection, order_ids: Sequence[str]) -> list[OrderListRow]:
    """The rows of these orders, in no order; unknown ids are left out."""
    return ORDER_LIST.find(connection, [storable(order_id) for order_id in order_ids])


def matching_orders(
    connection: Connection, order_ids: Sequence[str], where: OrderFilter
) -> list[OrderListRow]:
    """Those of these orders that pass a filter: what a subscription to a list asks."""
    among = ORDER_LIST.c.order_id.in_(order_ids)
    return _ORDERS.rows(connection, [among, *_conditions(where)])


def changed_and_left_orders(
    connection: Connection, where: OrderFilter, after: int, limit: int
) -> list[ChangedOrder]:
    """As `changed_orders`, with those that a filter may have let through before."""
    rows = changed_orders(connection, where.lasting, after, limit)
    return _judged(connection, rows, where)


def present_and_left_orders(
    connection: Connection, order_ids: Sequence[str], where: OrderFilter
) -> list[ChangedOrder]:
    """As `matching_orders`, with those that a filter may have let through before."""
    rows = matching_orders(connection, order_ids, where.lasting)
    return _judged(connection, rows, where)


def _judged(
    connection: Connection, rows: Sequence[OrderListRow], where: OrderFilter
) -> list[ChangedOrder]:
    if where == where.lasting:
        return [ChangedOrder(row, matches=True) for row in rows]
    passing = matching_orders(connection, [row.order_id for row in rows], where)
    order_ids = {row.order_id for row in passing}
    return [ChangedOrder(row, row.order_id in order_ids) for row in rows]


def changed_orders(
    connection: Connection, where: OrderFilter, after: int, limit: int
) -> list[OrderListRow]:
    """Orders that changed after a position and pass a filter, by position."""
    return _ORDERS.changed(connection, list(_conditions(where)), after, limit)


def _keyset(sort: OrderSort) -> Keyset:
    field, _, direction = sort.rpartition("_")
    return Keyset(sort.value, _SORTED_BY[field], ORDER_LIST.c.order_id, direction == "DESC")


def _conditions(where: OrderFilter) -> Iterator[Condition]:
    c = ORDER_LIST.c
    yield from where.reach.conditions(c)
    for column, wanted in (
        (c.status, where.statuses),
        (c.payment_status, where.payment_statuses),
        (c.fulfillment_status, where.fulfillment_statuses),
    ):
        if wanted is not None:
            yield column.in_(sorted(str(one) for one in wanted))
    for column, text in (
        (c.customer_id, where.customer_id),
        (c.number, where.number),
        (c.channel_id, where.channel_id),
        (c.currency, where.currency),
    ):
        if text is not None:
            yield column == storable(text)
    if where.number_prefix is not None:
        yield c.number.startswith(storable(where.number_prefix), autoescape=True)
    if where.sku is not None:
        yield c.order_id.in_(
            sa.select(ORDER_SKUS.c.order_id).where(ORDER_SKUS.c.sku == storable(where.sku))
        )
    yield from _ranges(where)


def _ranges(where: OrderFilter) -> Iterator[Condition]:
    c = ORDER_LIST.c
    if where.placed_from is not None:
        yield c.placed_at >= micros(where.placed_from)
    if where.placed_before is not None:
        yield c.placed_at < micros(where.placed_before)
    if where.total_min is not None:
        yield c.grand_total >= saturated(where.total_min)
    if where.total_max is not None:
        yield c.grand_total <= saturated(where.total_max)
