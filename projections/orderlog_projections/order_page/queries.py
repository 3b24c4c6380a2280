"""Asking for the page of an order."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from orderlog_projections.columns import storable
from orderlog_projections.order_page.tables import ORDER_PAGES, OrderPage

NAME: Final = "order_page"


def get_order(connection: Connection, order_id: str) -> OrderPage | None:
    pages = find_order_pages(connection, [order_id])
    return pages[0] if pages else None


def find_order_pages(connection: Connection, order_ids: Sequence[str]) -> list[OrderPage]:
    """The pages of these orders, in no order; unknown ids are left out."""
    return ORDER_PAGES.find(connection, [storable(order_id) for order_id in order_ids])
