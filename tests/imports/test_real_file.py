"""The real shop: the facts of its file hold in our plan, and the whole of it can be imported."""

import io
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from orderlog.domain.rejections import ErrorCode
from orderlog_server.imports.online_retail import run_import
from orderlog_server.imports.online_retail.plan import Plan, plan_import
from orderlog_server.imports.online_retail.rows import Row, read_rows
from orderlog_server.imports.online_retail.steps import Bucket, Place
from orderlog_server.settings import load_settings

FILE = Path(__file__).parents[3] / "shared/data/online-retail.csv.xz"
LINES = 541_909

pytestmark = [
    pytest.mark.skipif(not FILE.exists(), reason=f"the real shop's file is not at {FILE}"),
    pytest.mark.xdist_group("real file"),
]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(read_rows(FILE))


@pytest.fixture(scope="module")
def plan(rows: list[Row]) -> Plan:
    return plan_import(rows)


def is_clean(order: Place) -> bool:
    """Every quantity and every price is above zero."""
    return all(row.price.amount > 0 for some in order.rows.values() for row in some)


def test_the_file_is_read_whole(rows: list[Row]) -> None:
    invoices = Counter(number[0] for number in {row.invoice for row in rows})
    assert (len(rows), len({row.sku for row in rows})) == (LINES, 4_070)
    assert invoices == {"5": 22_061, "C": 3_836, "A": 3}
    assert len({row.customer for row in rows} - {None}) == 4_372


def test_clean_orders_come_to_what_the_shop_sold(plan: Plan) -> None:
    orders = [step for step in plan.steps if isinstance(step, Place)]
    clean = [order for order in orders if is_clean(order)]
    registered = [order for order in clean if order.customer is not None]
    sold = [row for order in registered for some in order.rows.values() for row in some]
    pounds = sum(row.quantity * row.price.amount * 10 ** (3 - row.price.scale) for row in sold)
    assert (len(orders), len(registered), len(clean) - len(registered)) == (20_725, 18_502, 1_404)
    assert (len(sold), pounds) == (397_327, 8_895_529_314)


def test_every_line_ends_in_one_bucket(plan: Plan) -> None:
    counts = Counter(dict.fromkeys(Bucket, 0) | {Bucket.REJECTED: len(plan.refused)})
    for step in plan.steps:
        counts.update({bucket: len(some) for bucket, some in step.rows.items()})
    assert counts == {
        Bucket.ORDER_LINE: 528_959,
        Bucket.SHIPPING: 1_981,
        Bucket.FEE: 342,
        Bucket.DISCOUNT: 0,
        Bucket.CANCELLATION: 871,
        Bucket.RETURN: 6_659,
        Bucket.STOCK_ADJUSTMENT: 1_336,
        Bucket.REJECTED: 1_761,
    }
    assert sum(counts.values()) == plan.row_count == LINES


def test_credits_find_their_purchases(plan: Plan) -> None:
    """7,516 of 9,288 whole, 54 in part, 1,718 not at all: orders with a free line count, too."""
    codes = Counter(code for _, code in plan.refused)
    assert codes == {
        ErrorCode.ORDER_NOT_FOUND: 1_718,
        ErrorCode.LINE_NOT_FOUND: 40,
        ErrorCode.NEGATIVE_PRICE: 3,
    }
    assert len(plan.remainders) == 54


def test_the_drama_of_december_is_cancelled_whole(plan: Plan) -> None:
    story = [step for step in plan.steps if "581483" in step.key]
    assert [step.key for step in story] == ["place/581483", "cancel/C581484/581483"]
    assert [sum(step.booked.values()) for step in story] == [16_846_960, -16_846_960]


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_the_whole_file_reconciles_and_a_second_import_adds_nothing(sqlite_url: str) -> None:
    settings, console = load_settings(database_url=sqlite_url), Console(file=io.StringIO())
    first = run_import(FILE, settings, None, 1.0, console)
    second = run_import(FILE, settings, None, 1.0, console)
    found = first.reconciliation
    assert found.is_reconciled
    assert (found.lines, found.orders_confirmed) == (LINES, 20_640)
    assert (second.events_added, second.reconciliation) == (0, found)
    assert second.seconds < 20
