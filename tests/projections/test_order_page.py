"""What there is to know about one order."""

import pytest

from orderlog.domain.orders.events import OrderStatus, RefundPolicy
from orderlog.domain.payments.events import PaymentStatus
from orderlog.domain.processes.events import ProcessOutcome, ProcessStatus
from orderlog_projections.order_list.projector import ORDERS
from orderlog_projections.order_page.projector import PAGES
from orderlog_projections.order_page.queries import get_order
from orderlog_projections.statuses import FulfillmentStatus, OrderPaymentStatus
from tests.projections.kept import Kept, row_of, rows_of
from tests.projections.shop import Log, OrderStory, shop


def placed_order(log: Log) -> OrderStory:
    order = OrderStory(log)
    order.line("MUG", 3, 250)
    order.line("TEA", 2, 500)
    order.ship_to("FR", price=350)
    order.place()
    return order


def test_a_draft_adds_up_while_lines_come_and_go() -> None:
    log = Log()
    order = OrderStory(log, customer_id=None)
    order.line("MUG", 3, 250)
    order.line("TEA", 2, 500)
    order.change_quantity(0, 1)
    order.ship_to("FR", price=350)
    order.discount_by(50)
    page = row_of(PAGES, log)
    assert [(line.sku, line.ordered, line.total, line.discount) for line in page.lines] == [
        ("MUG", 1, 250, 50),
        ("TEA", 2, 1_000, 0),
    ]
    assert (page.subtotal, page.discount_total, page.shipping_total) == (1_250, 50, 350)
    assert page.grand_total == 1_250 - 50 + 350
    assert page.guest_email is not None
    assert [(address.country, address.sealed is None) for address in page.addresses] == [
        ("FR", False)
    ]


def test_units_move_through_their_buckets() -> None:
    log = Log()
    order = placed_order(log)
    order.confirm()
    order.ship(0, 2)
    order.deliver(0, 2)
    order.cancel_units(0, 1)
    order.return_units(0, 1)
    page = row_of(PAGES, log)
    mug, tea = page.lines
    assert (mug.ordered, mug.cancelled, mug.shipped, mug.delivered, mug.returned) == (3, 1, 2, 2, 1)
    assert mug.refunded_minor == page.granted_minor == 500
    assert (tea.ordered, tea.shipped) == (2, 0)
    assert page.fulfillment_status is FulfillmentStatus.PARTIALLY_DELIVERED


def test_a_payment_is_taken_and_given_back() -> None:
    log = Log()
    order = placed_order(log)
    order.request_payment()
    order.decline()
    order.request_payment()
    order.authorize()
    order.confirm()
    order.capture()
    order.refund(100)
    page = row_of(PAGES, log)
    declined, taken = page.payments
    assert (declined.status, declined.failure_code) == (PaymentStatus.DECLINED, "CARD_DECLINED")
    assert (taken.status, taken.captured, taken.refunded) == (
        PaymentStatus.PARTIALLY_REFUNDED,
        order.total,
        100,
    )
    assert page.payment_status is OrderPaymentStatus.PARTIALLY_REFUNDED
    assert (page.paid_minor, page.refunded_minor) == (order.total, 100)


def test_a_cancelled_order_owes_its_money_until_it_is_refunded() -> None:
    log = Log()
    order = placed_order(log)
    order.request_payment()
    order.authorize()
    order.confirm()
    order.capture()
    order.cancel(refund=RefundPolicy.FULL)
    assert row_of(PAGES, log).payment_status is OrderPaymentStatus.OVERPAID
    order.refund(order.total)
    page = row_of(PAGES, log)
    assert (page.status, page.payment_status) == (
        OrderStatus.CANCELLED,
        OrderPaymentStatus.REFUNDED,
    )
    assert [line.cancelled for line in page.lines] == [3, 2]
    assert page.cancel_reason == "CHANGED_MIND"
    assert page.closed_at is not None


def test_a_rejected_order_says_what_was_short() -> None:
    log = Log()
    order = placed_order(log)
    order.start_process()
    order.request_step("reserve")
    order.undo_process("reserve", "INSUFFICIENT_STOCK")
    order.reject()
    page = row_of(PAGES, log)
    assert (page.status, page.reject_code) == (OrderStatus.REJECTED, "INSUFFICIENT_STOCK")
    assert [(item.sku, item.requested, item.available) for item in page.shortages] == [
        ("MUG", 3, 0)
    ]
    assert page.process is not None
    assert (page.process.status, page.process.outcome) == (
        ProcessStatus.COMPLETED,
        ProcessOutcome.COMPENSATED,
    )


def test_a_redacted_note_loses_its_text() -> None:
    log = Log()
    order = placed_order(log)
    note_id = order.note("rings twice")
    order.note("gift wrap")
    order.redact(note_id)
    page = row_of(PAGES, log)
    assert [note.text for note in page.notes] == [None, "gift wrap"]
    assert page.notes[0].redacted_at == log.now


@pytest.mark.parametrize("seed", range(5))
def test_list_and_page_agree_on_every_order(seed: int) -> None:
    events = shop(seed, orders=40)
    listed, pages = rows_of(ORDERS, events), rows_of(PAGES, events)
    shown = [
        "number",
        "status",
        "payment_status",
        "fulfillment_status",
        "grand_total",
        "paid_minor",
        "refunded_minor",
        "item_count",
        "line_count",
        "placed_at",
        "version",
        "customer_id",
        "source",
    ]
    assert {
        order_id: {name: getattr(row, name) for name in shown} for order_id, row in listed.items()
    } == {
        order_id: {name: getattr(page, name) for name in shown} for order_id, page in pages.items()
    }
    assert len(listed) == 40


def test_a_page_is_read_as_it_was_folded(kept: Kept) -> None:
    log = Log()
    order = placed_order(log)
    order.note("\x00 and ☂")
    kept.tell(log)
    assert kept.ask(lambda connection: get_order(connection, order.order_id)) == row_of(PAGES, log)
    assert kept.ask(lambda connection: get_order(connection, "unknown\x00")) is None
