"""Pages of the order list, near the beginning and far from it, among few orders and many.

    python3 dev.py bench paging [--quick] [--database sqlite|postgres] [--keep]

A page has ten orders and the count above it, as the console asks for it. The baseline is the same
page among 10,000 orders.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from orderlog.application.metadata import new_id
from orderlog.domain.orders.events import OrderSource, OrderStatus
from orderlog.eventstore.urls import parse_url
from orderlog_projections.database import ReadDatabase
from orderlog_projections.order_list.queries import list_orders
from orderlog_projections.order_list.tables import ORDER_LIST, OrderListRow
from orderlog_projections.paging import Window
from orderlog_projections.registry import open_read_models
from orderlog_projections.statuses import FulfillmentStatus, OrderPaymentStatus
from tests.benchmarks.kernel.comparison import Figures, Line, in_turns, percentile, ratio_at_most
from tests.benchmarks.kernel.databases import Kind
from tests.benchmarks.kernel.program import Run, run

FEW: Final = 10_000
ROWS_PER_PAGE: Final = 10
FAR: Final = 1_000
BATCH: Final = 5_000
OPENING: Final = datetime(2011, 1, 1, tzinfo=UTC)
STATUSES: Final = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.COMPLETED)


def order(number: int) -> OrderListRow:
    at = OPENING + timedelta(seconds=97 * number)
    return OrderListRow(
        order_id=new_id(),
        channel_id="default",
        number=f"{number:07}",
        customer_id=f"customer-{number % 997}",
        status=STATUSES[number % len(STATUSES)],
        payment_status=OrderPaymentStatus.PAID,
        fulfillment_status=FulfillmentStatus.UNFULFILLED,
        source=OrderSource.WEB,
        currency="GBP",
        exponent=2,
        grand_total=1_000 + number * 7_919 % 100_000,
        paid_minor=0,
        refunded_minor=0,
        item_count=3,
        line_count=3,
        placed_at=at,
        created_at=at,
        updated_at=at,
        version=5,
        position=number + 1,
        sorted_at=at,
        sorted_number=f"{number:010}",
    )


def filled(url: str, count: int) -> ReadDatabase:
    database = open_read_models(parse_url(url))
    for first in range(0, count, BATCH):
        with database.write() as connection:
            ORDER_LIST.insert(connection, map(order, range(first, first + BATCH)))
    return database


def cursor_before(database: ReadDatabase, page: int) -> str | None:
    """Where a page begins, found as a reader finds it: page by page."""
    cursor, wanted = None, (page - 1) * ROWS_PER_PAGE
    while wanted:
        window = Window(first=min(100, wanted), after=cursor)
        found = database.read(partial(list_orders, window=window, with_count=False))
        cursor, wanted = found.cursors[-1], wanted - len(found.rows)
    return cursor


def turned(database: ReadDatabase, cursor: str | None, times: int) -> Figures:
    spent: list[float] = []
    window = Window(first=ROWS_PER_PAGE, after=cursor)
    for _ in range(times):
        begun = time.perf_counter()
        page = database.read(partial(list_orders, window=window))
        spent.append(time.perf_counter() - begun)
        assert len(page.rows) == ROWS_PER_PAGE
    return {"p50": percentile(spent, 50) * 1_000, "p99": percentile(spent, 99) * 1_000}


def measure(run: Run) -> Iterator[Line]:
    for kind in run.kinds:
        few = filled(run.databases.url(kind), FEW)
        many_count = run.of(quick=100_000, full=1_000_000)
        many = filled(run.databases.url(kind), many_count)
        for page in (1, FAR):
            yield line(run, kind, page, few, many, many_count)
        few.close()
        many.close()


def line(
    run: Run, kind: Kind, page: int, few: ReadDatabase, many: ReadDatabase, many_count: int
) -> Line:
    times = run.of(quick=150, full=300)
    found = in_turns(
        run.of(quick=5, full=9),
        {
            "few": partial(turned, few, cursor_before(few, page), times),
            "many": partial(turned, many, cursor_before(many, page), times),
        },
    )
    return Line(
        what=f"{kind.label}, {many_count:,} orders, page {page:,}, p99",
        unit="ms",
        reached=found["many"]["p99"],
        beside=f"{FEW:,} orders",
        baseline=found["few"]["p99"],
        targets=(ratio_at_most(1.5),),
    )


if __name__ == "__main__":
    run("paging", "Is a page of a long list as quick as one of a short list?", measure)
