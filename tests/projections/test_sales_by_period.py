"""What was sold on a day or in a month."""

from datetime import date, timedelta
from functools import partial

import pytest

from orderlog.domain.money import Money
from orderlog_projections.columns import INTEGER_MAX
from orderlog_projections.sales_by_period.projector import DAYS
from orderlog_projections.sales_by_period.queries import SalesPeriod, list_sales
from tests.projections.kept import Kept, row_of
from tests.projections.shop import Log, OrderStory

list_days = partial(list_sales, period=SalesPeriod.DAY)
list_months = partial(list_sales, period=SalesPeriod.MONTH)


def sold(log: Log, price: int, quantity: int = 1, currency: str = "GBP") -> OrderStory:
    order = OrderStory(log, currency=currency)
    order.line("MUG", quantity, price)
    order.place()
    order.confirm()
    return order


def test_what_is_taken_back_is_booked_when_it_happens(kept: Kept) -> None:
    log = Log()
    first, second = sold(log, 1_000, 3), sold(log, 500, 2)
    log.now += timedelta(days=1)
    first.cancel_units(0, 1)
    first.return_units(0, 1)
    second.cancel()
    log.now += timedelta(days=40)
    sold(log, 700)
    kept.tell(log)
    days = [
        (s.label, s.orders, s.units, s.gross, s.cancelled, s.returned, s.revenue)
        for s in kept.ask(list_days)
    ]
    assert days == [
        ("2010-12-01", 2, 5, 4_000, 0, 0, 4_000),
        ("2010-12-02", -1, -4, 0, 2_000, 1_000, -3_000),
        ("2011-01-11", 1, 1, 700, 0, 0, 700),
    ]
    months = [(s.label, s.start, s.orders, s.units, s.revenue) for s in kept.ask(list_months)]
    assert months == [
        ("2010-12", date(2010, 12, 1), 1, 1, 1_000),
        ("2011-01", date(2011, 1, 1), 1, 1, 700),
    ]


def test_an_order_that_was_never_confirmed_was_no_sale() -> None:
    log = Log()
    order = OrderStory(log)
    order.line("MUG")
    order.place()
    order.cancel(was_confirmed=False)
    day = row_of(DAYS, log)
    assert (day.orders, day.units, day.gross, day.cancelled) == (0, 0, 0, 0)


def test_currencies_and_days_are_chosen(kept: Kept) -> None:
    log = Log()
    sold(log, 100)
    sold(log, 200, currency="EUR")
    log.now += timedelta(days=1)
    sold(log, 300)
    kept.tell(log)

    def amounts(**where: object) -> list[Money]:
        return [
            Money(sales.revenue, sales.currency) for sales in kept.ask(partial(list_days, **where))
        ]

    assert amounts() == [Money(200, "EUR"), Money(100, "GBP"), Money(300, "GBP")]
    assert amounts(currency="EUR") == [Money(200, "EUR")]
    assert amounts(start=date(2010, 12, 2)) == [Money(300, "GBP")]
    assert amounts(before=date(2010, 12, 2), currency="GBP") == [Money(100, "GBP")]
    assert amounts(limit=1) == [Money(200, "EUR")]


@pytest.mark.parametrize("price", [INTEGER_MAX // 2])
def test_huge_orders_do_not_stop_the_figures(kept: Kept, price: int) -> None:
    log = Log()
    for _ in range(3):
        sold(log, price)
    kept.tell(log)
    (day,) = kept.ask(list_days)
    assert (day.orders, day.gross) == (3, INTEGER_MAX)
