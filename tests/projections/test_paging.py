"""Keyset pages: each row once, whatever the order, and no foreign cursor."""

import base64
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog_projections.order_list.queries import (
    OrderListPage,
    OrderSort,
    every_order,
    list_orders,
)
from orderlog_projections.paging import Window
from orderlog_projections.stock_levels.queries import list_stock
from tests.projections.kept import Kept, keep
from tests.projections.shop import Log, OrderStory, shop

ORDERS = 37


@pytest.fixture(scope="module")
def busy_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    path: Path = tmp_path_factory.mktemp("shop") / "orderlog.db"
    with keep(f"sqlite:///{path}") as kept:
        log = Log()
        log.events = shop(seed=7, orders=ORDERS)
        kept.tell(log)
        yield kept


def read(kept: Kept, sort: OrderSort, window: Window) -> OrderListPage:
    return kept.ask(partial(list_orders, sort=sort, window=window))


def walk(kept: Kept, sort: OrderSort, size: int, *, backwards: bool) -> list[str]:
    """All order ids, page by page, in the order of the list."""
    seen: list[str] = []
    window = Window(last=size) if backwards else Window(first=size)
    while True:
        page = read(kept, sort, window)
        ids = [row.order_id for row in page.rows]
        seen = ids + seen if backwards else seen + ids
        if not (page.has_previous if backwards else page.has_next):
            return seen
        window = (
            Window(last=size, before=page.cursors[0])
            if backwards
            else Window(first=size, after=page.cursors[-1])
        )


@settings(max_examples=40, deadline=None)
@given(sort=st.sampled_from(OrderSort), size=st.integers(1, 100), backwards=st.booleans())
def test_every_row_is_visited_once(
    busy_shop: Kept, sort: OrderSort, size: int, *, backwards: bool
) -> None:
    everything = [row.order_id for row in read(busy_shop, sort, Window(first=100)).rows]
    assert len(set(everything)) == ORDERS
    assert walk(busy_shop, sort, size, backwards=backwards) == everything


@pytest.mark.parametrize("field", ["PLACED_AT", "TOTAL", "NUMBER", "UPDATED_AT"])
def test_up_and_down_are_mirrored_on_both_databases(kept: Kept, field: str) -> None:
    log = Log()
    log.events = shop(seed=3, orders=12)
    kept.tell(log)
    down = walk(kept, OrderSort(f"{field}_DESC"), 5, backwards=False)
    assert down == walk(kept, OrderSort(f"{field}_ASC"), 5, backwards=False)[::-1]
    assert down == walk(kept, OrderSort(f"{field}_DESC"), 5, backwards=True)


def test_numbers_are_sorted_as_people_count(busy_shop: Kept) -> None:
    rows = read(busy_shop, OrderSort.NUMBER_ASC, Window(first=100)).rows
    numbers = [int(row.number) for row in rows if row.number is not None]
    assert numbers == sorted(numbers)
    assert numbers[0] < 1_000 < numbers[-1]


def test_a_page_lies_between_two_cursors(busy_shop: Kept) -> None:
    whole = read(busy_shop, OrderSort.TOTAL_ASC, Window(first=10))
    part = Window(first=100, after=whole.cursors[2], before=whole.cursors[6])
    assert read(busy_shop, OrderSort.TOTAL_ASC, part).rows == whole.rows[3:6]


def test_a_page_without_a_count_is_the_same_page(busy_shop: Kept) -> None:
    page = busy_shop.ask(partial(list_orders, with_count=False))
    assert page.total_count is None
    assert page.rows == busy_shop.ask(list_orders).rows


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "é",
        "not a cursor!",
        encoded("{}"),
        encoded('["PLACED_AT_DESC", "text", "id"]'),
        encoded('["PLACED_AT_DESC", 99999999999999999999999, "id"]'),
        encoded('["PLACED_AT_DESC", 1, "\\u0000"]'),
        encoded('["NUMBER_ASC", "1", "id"]'),
    ],
)
def test_a_broken_or_foreign_cursor_is_refused(busy_shop: Kept, cursor: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(busy_shop, OrderSort.PLACED_AT_DESC, Window(first=1, after=cursor))
    assert refusal.value.code is ErrorCode.INVALID_CURSOR


@pytest.mark.parametrize(
    ("window", "code"),
    [
        (Window(first=101), ErrorCode.PAGE_TOO_LARGE),
        (Window(last=101), ErrorCode.PAGE_TOO_LARGE),
        (Window(first=-1), ErrorCode.INVALID_VALUE),
        (Window(first=1, last=1), ErrorCode.INVALID_VALUE),
    ],
)
def test_a_page_of_an_impossible_size_is_refused(
    busy_shop: Kept, window: Window, code: ErrorCode
) -> None:
    with pytest.raises(Rejected) as refusal:
        busy_shop.ask(partial(list_stock, window=window))
    assert refusal.value.code is code


def test_a_page_of_no_rows_is_a_page(busy_shop: Kept) -> None:
    page = read(busy_shop, OrderSort.TOTAL_ASC, Window(first=0))
    assert (page.rows, page.has_next, page.total_count) == ([], True, ORDERS)


def test_a_walk_visits_every_row_of_one_moment(kept: Kept) -> None:
    log = Log()
    log.events = shop(seed=7, orders=ORDERS)
    kept.tell(log)

    def walk_while_others_write(connection: Connection) -> tuple[int, list[str]]:
        orders = every_order(connection, rows_at_once=10)
        seen = [row.order_id for row in next(orders.pages)]
        OrderStory(log)
        kept.tell(log)
        return orders.position, seen + [row.order_id for page in orders.pages for row in page]

    position, seen = kept.ask(walk_while_others_write)
    rows = read(kept, OrderSort.PLACED_AT_ASC, Window(first=100)).rows
    (newcomer,) = {row.order_id for row in rows} - set(seen)
    assert seen == [row.order_id for row in rows if row.order_id != newcomer]
    assert position == kept.store.head() - 1
