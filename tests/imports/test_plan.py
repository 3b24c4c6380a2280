"""What each row of the file becomes, before anything is sent: the rules, one story each."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orderlog.domain.money import UnitPrice
from orderlog.domain.rejections import ErrorCode
from orderlog_server.imports.online_retail import plan as planning
from orderlog_server.imports.online_retail.plan import Plan, plan_import
from orderlog_server.imports.online_retail.rows import Row, read_rows
from orderlog_server.imports.online_retail.steps import (
    Adjust,
    AnyStep,
    Bucket,
    CancelSome,
    CancelWhole,
    Place,
    Ship,
    TakeBack,
)

NOON = datetime(2020, 12, 1, 12, tzinfo=UTC)
LATER = {"hours": 25}


class Invoices:
    """Writes rows as the file would hold them."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def row(
        self,
        invoice: str,
        sku: str,
        quantity: int,
        price: str = "2.50",
        *,
        customer: str | None = "7",
        after: timedelta = timedelta(),
    ) -> "Invoices":
        pence = int(price.replace(".", ""))
        row = Row(
            len(self.rows) + 2,
            invoice,
            sku,
            sku,
            quantity,
            NOON + after,
            UnitPrice(pence, 2),
            customer,
            "GB",
        )
        self.rows.append(row)
        return self

    def plan(self) -> Plan:
        return plan_import(self.rows)


def kinds(plan: Plan) -> list[type[AnyStep]]:
    return [type(step) for step in plan.steps]


def booked(plan: Plan) -> dict[Bucket, int]:
    sums: dict[Bucket, int] = {}
    for step in plan.steps:
        for bucket, amount in step.booked.items():
            sums[bucket] = sums.get(bucket, 0) + amount
    return sums


@pytest.fixture
def small_plan(small_shop: Path) -> Plan:
    return plan_import(read_rows(small_shop))


def test_every_row_ends_in_exactly_one_place(small_plan: Plan) -> None:
    in_steps = [
        row.line for step in small_plan.steps for rows in step.rows.values() for row in rows
    ]
    refused = [row.line for row, _ in small_plan.refused]
    assert sorted(in_steps + refused) == list(range(2, 37))
    assert small_plan.row_count == 35


def test_steps_come_in_order_of_time(small_plan: Plan) -> None:
    times = [step.at for step in small_plan.steps]
    assert times == sorted(times)


def test_a_sale_is_an_order_with_lines_shipping_fees_and_discount() -> None:
    shop = Invoices().row("1", "MUG", 2).row("1", "POST", 1, "4.00").row("1", "m", 1, "3.00")
    plan = shop.row("1", "D", -1, "1.00").row("1", "S", 1, "0.00").plan()
    order = plan.steps[0]
    assert isinstance(order, Place)
    assert [(sold.row.sku, sold.is_goods) for sold in order.lines] == [
        ("MUG", True),
        ("m", False),
        ("S", True),
    ]
    assert (order.shipping_minor, order.discount_minor, order.total_minor) == (400, 100, 1_100)
    assert kinds(plan) == [Place, Ship]


def test_the_first_time_of_an_invoice_counts_for_all_of_it() -> None:
    shop = Invoices().row("1", "MUG", 1).row("1", "TEA", 1, after=timedelta(minutes=1))
    assert [step.at for step in shop.plan().steps] == [NOON, NOON + timedelta(hours=24)]


def test_a_whole_order_is_cancelled_within_a_day_and_never_shipped() -> None:
    shop = Invoices().row("1", "MUG", 2).row("1", "POST", 1)
    shop.row("C2", "MUG", -2, after=timedelta(hours=24))
    plan = shop.row("C2", "POST", -1, after=timedelta(hours=24)).plan()
    assert kinds(plan) == [Place, CancelWhole]
    assert booked(plan)[Bucket.CANCELLATION] == -750


def test_without_the_shipping_charge_only_the_lines_are_cancelled() -> None:
    shop = Invoices().row("1", "MUG", 2).row("1", "POST", 1)
    plan = shop.row("C2", "MUG", -2, after=timedelta(hours=1)).plan()
    assert kinds(plan) == [Place, CancelSome]
    assert booked(plan)[Bucket.CANCELLATION] == -500


def test_part_of_an_order_is_cancelled_and_the_rest_shipped() -> None:
    plan = Invoices().row("1", "MUG", 5).row("C2", "MUG", -2, after=timedelta(hours=1)).plan()
    _, cancelled, shipped = plan.steps
    assert isinstance(cancelled, CancelSome)
    assert isinstance(shipped, Ship)
    assert list(cancelled.units.values()) == [2]
    assert list(shipped.units.values()) == [3]


def test_after_a_day_units_are_returned_newest_purchase_first() -> None:
    shop = Invoices().row("1", "MUG", 5).row("2", "MUG", 2, after=timedelta(hours=1))
    plan = shop.row("C3", "MUG", -4, after=timedelta(hours=26)).plan()
    returns = [step for step in plan.steps if isinstance(step, TakeBack)]
    assert [(step.order.invoice, list(step.units.values())) for step in returns] == [
        ("2", [2]),
        ("1", [2]),
    ]
    assert [len(step.rows[Bucket.RETURN]) for step in returns] == [1, 0]


def test_a_purchase_at_the_same_price_comes_before_newer_ones() -> None:
    shop = Invoices().row("1", "MUG", 1, "2.50").row("2", "MUG", 1, "9.00")
    plan = shop.row("C3", "MUG", -1, "2.50", after=timedelta(days=2)).plan()
    assert [s.order.invoice for s in plan.steps if isinstance(s, TakeBack)] == ["1"]


def test_a_refund_is_the_files_amount_but_never_more_than_was_paid() -> None:
    shop = (
        Invoices().row("1", "MUG", 3, "1.00").row("C2", "MUG", -1, "9.00", after=timedelta(**LATER))
    )
    plan = shop.row("C3", "MUG", -1, "0.40", after=timedelta(days=3)).plan()
    assert [s.refund_minor for s in plan.steps if isinstance(s, TakeBack)] == [100, 40]


def test_a_fee_is_never_shipped_and_so_cancelled_at_any_time() -> None:
    shop = Invoices().row("1", "M", 1, "12.00")
    plan = shop.row("C2", "M", -1, "10.00", after=timedelta(days=30)).plan()
    assert kinds(plan) == [Place, CancelSome]
    assert booked(plan) == {Bucket.FEE: 1_200, Bucket.CANCELLATION: -1_200}


def test_units_beyond_what_was_bought_remain_without_an_order() -> None:
    plan = Invoices().row("1", "MUG", 1).row("C2", "MUG", -3, after=timedelta(days=2)).plan()
    assert [(row.invoice, units) for row, units in plan.remainders] == [("C2", -2)]
    assert plan.refused == []


@pytest.mark.parametrize(
    ("invoice", "sku", "quantity", "price", "customer", "code"),
    [
        ("C2", "MUG", -1, "2.50", None, ErrorCode.ORDER_NOT_FOUND),
        ("C2", "MUG", -1, "2.50", "8", ErrorCode.ORDER_NOT_FOUND),
        ("C2", "TEA", -1, "2.50", "7", ErrorCode.ORDER_NOT_FOUND),
        ("C2", "POST", -1, "2.50", "7", ErrorCode.LINE_NOT_FOUND),
        ("C2", "MUG", 1, "2.50", "7", ErrorCode.INVALID_QUANTITY),
        ("A2", "B", 1, "50.00", None, ErrorCode.NEGATIVE_PRICE),
        ("2", "MUG", 1, "-2.50", "7", ErrorCode.NEGATIVE_PRICE),
        ("2", "MUG", 0, "2.50", "7", ErrorCode.INVALID_QUANTITY),
        ("2", "MUG", 1_000_001, "2.50", "7", ErrorCode.INVALID_QUANTITY),
        ("2", "M", -1, "2.50", "7", ErrorCode.INVALID_QUANTITY),
        ("2", "POST", -1, "2.50", "7", ErrorCode.INVALID_QUANTITY),
        ("2", "MUG", 1_000_000, "99999999999999.00", "7", ErrorCode.MONEY_OVERFLOW),
    ],
)
def test_what_cannot_be_taken_has_a_code(
    invoice: str, sku: str, quantity: int, price: str, customer: str | None, code: ErrorCode
) -> None:
    shop = Invoices().row("1", "MUG", 1).row("1", "POST", 1)
    shop.row(invoice, sku, quantity, price, customer=customer, after=timedelta(hours=1))
    plan = shop.plan()
    assert [refusal for _, refusal in plan.refused] == [code]
    assert kinds(plan) == [Place, Ship]


def test_a_negative_quantity_of_a_sale_is_an_adjustment() -> None:
    plan = Invoices().row("1", "MUG", -7, "0.00", customer=None).plan()
    (step,) = plan.steps
    assert isinstance(step, Adjust)
    assert (step.sku, step.delta, step.reason) == ("MUG", -7, "MUG")
    assert plan.opening == {"MUG": 7}


def test_opening_stock_is_the_peak_of_what_is_out_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(planning, "ORDERS_PER_WINDOW", 1)
    shop = Invoices().row("1", "MUG", 5).row("C2", "MUG", -4, after=timedelta(days=2))
    plan = shop.row("3", "MUG", 3, after=timedelta(days=3)).plan()
    assert plan.opening == {"MUG": 5}


def test_a_limit_counts_lines_in_whole_invoices_and_fills_the_shelves_for_all() -> None:
    shop = Invoices().row("1", "MUG", 1).row("1", "TEA", 1).row("2", "MUG", 1).row("2", "TEA", 1)
    plan = plan_import(shop.rows, limit=3)
    assert (plan.row_count, kinds(plan)) == (2, [Place])
    assert plan.opening == {"MUG": 2, "TEA": 2}


def test_the_small_shop_by_month(small_plan: Plan) -> None:
    months: dict[str, int] = {}
    for step in small_plan.steps:
        if step.key != "place/100016":  # has no lines: the platform will refuse it
            label = f"{step.at:%Y-%m}"
            months[label] = months.get(label, 0) + sum(step.booked.values())
    assert months == {"2020-12": 13_150, "2021-01": 833, "2021-02": -681}
