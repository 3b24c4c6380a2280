"""Which orders there are, and how they stand."""

from datetime import timedelta
from functools import partial

from orderlog.domain.orders.events import OrderStatus
from orderlog_projections.order_list.projector import ORDERS, SKUS
from orderlog_projections.order_list.queries import (
    OrderFilter,
    changed_orders,
    find_orders,
    list_orders,
    matching_orders,
)
from orderlog_projections.statuses import FulfillmentStatus, OrderPaymentStatus
from tests.projections.kept import Kept, row_of
from tests.projections.shop import OPENING, Log, OrderStory


def test_a_draft_shows_what_it_would_cost() -> None:
    log = Log()
    order = OrderStory(log)
    order.line("MUG", 3, 250)
    order.line("TEA", 2, 499)
    order.change_quantity(0, 2)
    order.remove_line(1)
    order.ship_to(price=350)
    order.discount_by(100)
    row = row_of(ORDERS, log)
    assert (row.status, row.grand_total) == (OrderStatus.DRAFT, 2 * 250 + 350 - 100)
    assert (row.item_count, row.line_count) == (2, 1)
    assert (row.number, row.placed_at) == (None, None)
    assert row.sorted_at == row.created_at


def test_a_placed_order_shows_its_frozen_total() -> None:
    log = Log()
    order = OrderStory(log, customer_id="C7")
    order.line("MUG", 3, 250)
    order.place("A-42")
    row = row_of(ORDERS, log)
    assert (row.status, row.number, row.customer_id) == (OrderStatus.PENDING, "A-42", "C7")
    assert (row.grand_total, row.currency, row.exponent) == (750, "GBP", 2)
    assert row.placed_at == log.now
    assert (row.version, row.position) == (3, 3)


def test_payments_move_the_position_and_not_the_version() -> None:
    log = Log()
    order = OrderStory(log)
    order.line("MUG")
    order.place()
    order.request_payment()
    row = row_of(ORDERS, log)
    assert (row.version, row.position) == (3, 4)
    assert row.payment_status is OrderPaymentStatus.PENDING


def test_an_order_goes_out_in_parts() -> None:
    log = Log()
    order = OrderStory(log)
    order.line("MUG", 3)
    order.line("GIFT-CARD", 1, requires_shipping=False)
    order.place()
    order.confirm()
    seen = [row_of(ORDERS, log).fulfillment_status]
    steps = [
        partial(order.ship, 0, 1),
        partial(order.deliver, 0, 1),
        partial(order.ship, 0, 1),
        partial(order.cancel_units, 0, 1),
        partial(order.deliver, 0, 1),
    ]
    for step in steps:
        step()
        seen.append(row_of(ORDERS, log).fulfillment_status)
    assert seen == [
        FulfillmentStatus.UNFULFILLED,
        FulfillmentStatus.PARTIALLY_SHIPPED,
        FulfillmentStatus.PARTIALLY_DELIVERED,
        FulfillmentStatus.PARTIALLY_DELIVERED,
        FulfillmentStatus.PARTIALLY_DELIVERED,
        FulfillmentStatus.DELIVERED,
    ]


def test_a_sku_on_two_lines_is_remembered_once() -> None:
    log = Log()
    order = OrderStory(log)
    order.line("MUG")
    order.line("MUG")
    order.line("TEA")
    order.place()
    placed = log.events[-1]
    assert [row.sku for row in SKUS.reactions[type(placed)](placed, 5)] == ["MUG", "TEA"]


def four_orders(log: Log) -> dict[str, str]:
    """What each order is, by its id."""
    draft = OrderStory(log, customer_id="C1")
    draft.line("MUG")
    paid = OrderStory(log, customer_id="C1")
    paid.line("MUG", 2, 1_000)
    paid.place("A_1")
    paid.request_payment()
    paid.authorize()
    paid.confirm()
    paid.capture()
    euro = OrderStory(log, customer_id="C2", currency="EUR")
    euro.line("TEA", 1, 500)
    euro.place("AB2")
    cancelled = OrderStory(log, customer_id=None)
    cancelled.line("MUG", 1, 300)
    cancelled.place("B3")
    cancelled.cancel(was_confirmed=False)
    stories = {"draft": draft, "paid": paid, "euro": euro, "cancelled": cancelled}
    return {story.order_id: name for name, story in stories.items()}


EVERY_STATUS = frozenset(OrderStatus)


FILTERS = [
    (OrderFilter(), "cancelled euro paid draft"),
    (OrderFilter(statuses=frozenset({OrderStatus.DRAFT})), "draft"),
    (OrderFilter(statuses=frozenset()), ""),
    (OrderFilter(statuses=EVERY_STATUS - {OrderStatus.DRAFT}), "cancelled euro paid"),
    (OrderFilter(payment_statuses=frozenset({OrderPaymentStatus.PAID})), "paid"),
    (
        OrderFilter(fulfillment_statuses=frozenset({FulfillmentStatus.NOT_REQUIRED})),
        "cancelled",
    ),
    (OrderFilter(customer_id="C1"), "paid draft"),
    (OrderFilter(number="A_1"), "paid"),
    (OrderFilter(number_prefix="A"), "euro paid"),
    (OrderFilter(number_prefix="A_"), "paid"),
    (OrderFilter(sku="MUG"), "cancelled paid"),
    (OrderFilter(sku="MUG\x00"), ""),
    (OrderFilter(customer_id="\ud800"), ""),
    (OrderFilter(channel_id="default", currency="EUR"), "euro"),
    (OrderFilter(total_min=300, total_max=500), "cancelled euro"),
    (OrderFilter(total_min=-(2**99), total_max=2**99), "cancelled euro paid draft"),
    (OrderFilter(placed_from=OPENING), "cancelled euro paid"),
    (OrderFilter(placed_before=OPENING + timedelta(minutes=6)), "paid"),
]


def test_a_filter_finds_what_passes_it(kept: Kept) -> None:
    log = Log()
    names = four_orders(log)
    kept.tell(log)
    for where, expected in FILTERS:
        page = kept.ask(partial(list_orders, where=where))
        assert [names[row.order_id] for row in page.rows] == expected.split(), where
        assert page.total_count == len(expected.split())
        assert page.position == kept.store.head()


def test_rows_are_found_by_id(kept: Kept) -> None:
    log = Log()
    names = four_orders(log)
    kept.tell(log)
    ids = [*names, "unknown"]
    found = kept.ask(lambda connection: find_orders(connection, ids))
    assert {names[row.order_id] for row in found} == set(names.values())
    mugs = kept.ask(lambda connection: matching_orders(connection, ids, OrderFilter(sku="MUG")))
    assert {names[row.order_id] for row in mugs} == {"paid", "cancelled"}


def test_what_changed_after_a_position_is_found(kept: Kept) -> None:
    log = Log()
    names = four_orders(log)
    kept.tell(log)
    middle = len(log.events) // 2
    changed = kept.ask(
        lambda connection: changed_orders(connection, OrderFilter(sku="MUG"), middle, limit=5)
    )
    assert [names[row.order_id] for row in changed] == ["paid", "cancelled"]
