"""Every command is driven and every event class recorded and replayed, at least once.

The library checks the arguments of an event at run time only: this is where a slip would show.
"""

from dataclasses import replace
from datetime import timedelta
from typing import get_args

from orderlog.domain.aggregate import EVENT_TYPES, Event
from orderlog.domain.commands import Command
from orderlog.domain.orders.commands import (
    AddOrderNote,
    ApplyDiscount,
    AssignCustomer,
    CancelOrder,
    CancelOrderLines,
    ChangeOrderLineQuantity,
    DiscardDraft,
    ExpireOrder,
    RecordLinesDelivered,
    RecordLinesReturned,
    RecordLinesShipped,
    RedactOrderNote,
    RejectOrder,
    RemoveDiscount,
    RemoveOrderLine,
)
from orderlog.domain.orders.events import DiscountKind, OrderEvent
from orderlog.domain.payments.events import PaymentEvent
from orderlog.domain.processes.commands import CompleteProcess
from orderlog.domain.processes.events import InterventionAction, ProcessEvent, ProcessOutcome
from orderlog.domain.routing import AGGREGATES, ROUTES, rebuild
from orderlog.domain.stock.events import StockEvent
from tests.domain import test_payments as pay
from tests.domain import test_process as process
from tests.domain import test_stock as stock
from tests.domain.examples import (
    DRAFT,
    DUE,
    MUG,
    ORDER,
    PEN,
    authorize,
    capture,
    confirmed,
    delivery,
    line,
    payment_of,
    placed,
    reserve,
    units,
)
from tests.domain.test_placing import IMPORTED
from tests.support.scenario import given

PENS = line(PEN, 3, "1.00")
NOTE = AddOrderNote(order_id=ORDER, note_id="n1", text="Ring twice.")
DISCOUNT = ApplyDiscount(order_id=ORDER, discount_id="d1", kind=DiscountKind.FIXED, value=10)
DRAFTING: list[Command] = [
    DRAFT,
    PENS,
    line(MUG, 1, "8.00"),
    ChangeOrderLineQuantity(order_id=ORDER, line_id=PEN, quantity=2),
    RemoveOrderLine(order_id=ORDER, line_id=MUG),
    DISCOUNT,
    RemoveDiscount(order_id=ORDER, discount_id="d1"),
    AssignCustomer(order_id=ORDER, customer_id="bob"),
    NOTE,
    RedactOrderNote(order_id=ORDER, note_id="n1"),
    DiscardDraft(order_id=ORDER),
]
FULFILLING: list[Command] = [
    *confirmed(PENS),
    CancelOrderLines(order_id=ORDER, lines=units(pen=1), reason_code="SHORTAGE"),
    RecordLinesShipped(order_id=ORDER, lines=units(pen=2), ref="parcel-1"),
    RecordLinesDelivered(order_id=ORDER, lines=units(pen=2), ref="parcel-1"),
    RecordLinesReturned(order_id=ORDER, lines=units(pen=1), ref="rma-1"),
]
STOCKING: list[Command] = [
    *stock.FOUR_COMMITTED,
    stock.SHIP,
    stock.RELEASE,
    reserve("r1", 2),
    replace(stock.EXTEND, expires_at=DUE + timedelta(days=1)),
    replace(stock.EXPIRE, now=DUE + timedelta(days=1)),
    reserve("r2", 8),
    reserve("r3", 1),
    stock.WRITE_OFF,
    stock.RESTOCK,
    replace(stock.ADJUST, delta=-1),
    delivery(1),
]
PAYING: list[Command] = [
    payment_of(1_000),
    pay.UNKNOWN,
    authorize(1_000),
    pay.request_capture("c1", 100),
    pay.fail_capture("c1"),
    pay.request_capture("c2", 400),
    capture("c2", 400),
    pay.REQUEST_VOID,
    replace(pay.VOID, amount_minor=600),
    pay.request_refund("f1", 100),
    pay.fail_refund("f1"),
    pay.request_refund("f2", 100),
    pay.refund("f2", 100),
    pay.NOTIFICATION,
]
LIVES: list[list[Command]] = [
    DRAFTING,
    FULFILLING,
    [*placed(PENS), RejectOrder(order_id=ORDER, code="INSUFFICIENT_STOCK")],
    [*placed(PENS), ExpireOrder(order_id=ORDER, now=DUE)],
    [IMPORTED, CancelOrder(order_id=ORDER, reason_code="CHANGED_MIND")],
    STOCKING,
    PAYING,
    [payment_of(1_000), pay.DECLINE],
    [payment_of(1_000), pay.FAIL],
    [
        *process.STUCK_AT_AUTHORIZE,
        process.intervene(InterventionAction.RETRY),
        process.TIMED_OUT,
        process.RETRY,
        process.GIVE_UP,
        process.undone("reserve"),
        CompleteProcess(process_id=process.ID, outcome=ProcessOutcome.COMPENSATED),
    ],
]


def own_event_types() -> set[type[Event]]:
    """Those of the domain: a test elsewhere may define events of its own."""
    return {one for one in EVENT_TYPES.values() if one.__module__.startswith("orderlog.domain")}


def test_every_command_is_driven() -> None:
    driven = {type(command) for life in LIVES for command in life}
    assert ROUTES.keys() - driven == set()


def test_every_event_class_is_recorded_and_replayed() -> None:
    lives = [given(*life) for life in LIVES]
    assert own_event_types() - {type(event) for life in lives for event in life.events} == set()
    for life in lives:
        assert rebuild(life.events) == life.aggregate


def test_a_past_may_be_told_in_events_as_well() -> None:
    past = given(*FULFILLING)
    assert given(*past.events).aggregate == past.aggregate


def test_every_event_class_is_in_the_union_that_its_aggregate_evolves_by() -> None:
    unions = (OrderEvent, StockEvent, PaymentEvent, ProcessEvent)
    assert {one for union in unions for one in get_args(union)} == own_event_types()


def test_events_are_named_as_they_are_stored() -> None:
    assert {one.__name__ for one in own_event_types()} == {one.TOPIC for one in own_event_types()}


def test_every_command_goes_to_one_aggregate() -> None:
    commands = [command for route in AGGREGATES for command in route.commands]
    assert len(commands) == len(set(commands)) == len(ROUTES)
    assert all(set(route.creating) <= set(route.commands) for route in AGGREGATES)
