"""What a customer ordered."""

from functools import partial

from orderlog.domain.orders.commands import order_stream
from orderlog.domain.orders.events import OrderCustomerAssigned, OrderStatus
from orderlog_projections.customer_orders.queries import (
    CustomerTurnover,
    list_customer_orders,
    summarise_customer,
)
from orderlog_projections.paging import Window
from tests.projections.kept import Kept
from tests.projections.shop import Log, OrderStory


def ordered(log: Log, number: str, price: int, customer_id: str | None = "C1") -> OrderStory:
    order = OrderStory(log, customer_id=customer_id)
    order.line("MUG", 1, price)
    order.place(number)
    order.request_payment()
    order.authorize()
    order.confirm()
    order.capture()
    return order


def test_a_customer_is_shown_what_stands(kept: Kept) -> None:
    log = Log()
    OrderStory(log, customer_id="C1").line("MUG")
    first = log.now
    ordered(log, "1", 1_000).refund(300)
    ordered(log, "2", 500).cancel()
    ordered(log, "9", 900, customer_id="C2")
    kept.tell(log)
    page = kept.ask(partial(list_customer_orders, customer_id="C1", window=Window(first=5)))
    assert [(one.number, one.status, one.refunded_minor) for one in page.rows] == [
        ("2", OrderStatus.CANCELLED, 0),
        ("1", OrderStatus.CONFIRMED, 300),
    ]
    summary = kept.ask(partial(summarise_customer, customer_id="C1"))
    assert summary is not None
    assert summary.orders_placed == 2
    assert first < summary.first_placed_at < summary.last_placed_at
    assert summary.turnover == (CustomerTurnover("GBP", 2, 1, 1_000, 300),)


def test_a_guest_order_waits_for_its_customer(kept: Kept) -> None:
    log = Log()
    order = ordered(log, "1", 1_000, customer_id=None)
    kept.tell(log)
    assert kept.ask(partial(summarise_customer, customer_id="C1")) is None
    log.add(order_stream(order.order_id), OrderCustomerAssigned, customer_id="C1")
    kept.tell(log)
    page = kept.ask(partial(list_customer_orders, customer_id="C1"))
    assert [one.number for one in page.rows] == ["1"]
