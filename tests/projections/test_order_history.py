"""What happened to one order, when, and who did it."""

from functools import partial
from typing import get_args

from orderlog.domain.orders.events import OrderEvent
from orderlog.domain.payments.events import PaymentEvent
from orderlog.domain.processes.events import ProcessEvent
from orderlog_projections.order_history.queries import history_after, history_before
from orderlog_projections.order_history.sentences import SENTENCES
from tests.projections.kept import Kept
from tests.projections.shop import Log, OrderStory


def test_every_event_of_an_order_has_a_sentence() -> None:
    kinds = {*get_args(OrderEvent), *get_args(PaymentEvent), *get_args(ProcessEvent)}
    assert SENTENCES.keys() == kinds


def test_a_story_is_told_in_plain_lines(kept: Kept) -> None:
    log = Log()
    order, other = OrderStory(log), OrderStory(log)
    order.line("MUG", 6, 250)
    other.line("TEA")
    order.place("A-1")
    order.start_process()
    order.request_payment()
    order.decline()
    note_id = order.note("secret\x00")
    order.redact(note_id)
    kept.tell(log)
    entries = kept.ask(partial(history_after, order_id=order.order_id))
    assert [entry.summary for entry in entries] == [
        "Order begun for customer C1, in GBP",
        "Line added: 6 × MUG at 2.50",
        "Order A-1 placed: 1 line, 15.00 GBP",
        "Process started: placement",
        "Payment of 15.00 GBP requested by card",
        "Payment declined: card declined",
        "Note added for staff",
        "Note redacted",
    ]
    assert entries[0].actor_id == "clerk"
    assert entries[-1].occurred_at == log.now
    assert entries[3].stream_id == f"process-placement-{order.order_id}"


def test_history_is_read_from_either_end(kept: Kept) -> None:
    log = Log()
    order = OrderStory(log)
    for _ in range(4):
        order.line("MUG")
    kept.tell(log)
    forward = partial(history_after, order_id=order.order_id)
    backward = partial(history_before, order_id=order.order_id)
    assert [e.position for e in kept.ask(partial(forward, after=2, limit=2))] == [3, 4]
    assert [e.position for e in kept.ask(partial(backward, limit=2))] == [5, 4]
    assert [e.position for e in kept.ask(partial(backward, before=4))] == [3, 2, 1]
    assert kept.ask(partial(forward, after=2**80)) == []
    assert kept.ask(partial(history_after, order_id="unknown")) == []
