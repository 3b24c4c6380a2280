"""Whatever is asked of stock, payments and processes, their invariants hold after every command."""

from typing import Final

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from orderlog.domain.aggregate import Event
from orderlog.domain.commands import Command
from orderlog.domain.payments.commands import (
    FailCapture,
    FailRefund,
    RequestVoid,
    VoidPayment,
)
from orderlog.domain.payments.events import (
    PaymentAuthorized,
    PaymentCaptured,
    PaymentDeclined,
    PaymentFailed,
    PaymentRequested,
    PaymentStatus,
    PaymentVoided,
)
from orderlog.domain.payments.payment import Payment
from orderlog.domain.processes.commands import (
    FailStep,
    Intervene,
    MarkStuck,
    RetryStep,
    StartCompensation,
    SucceedStep,
)
from orderlog.domain.processes.events import (
    InterventionAction,
    ProcessCompleted,
    ProcessOutcome,
    StepCompensated,
    StepRequested,
    StepSucceeded,
)
from orderlog.domain.stock.commands import (
    AdjustStock,
    CommitReservation,
    ExpireReservation,
    ReleaseReason,
    ReleaseReservation,
    RestockReturn,
    ShipStock,
    WriteOffStock,
)
from orderlog.domain.stock.events import (
    StockShortfallDetected,
)
from orderlog.domain.stock.stock_item import StockItem
from tests.domain.examples import (
    DUE,
    MUGS,
    PAYMENT,
    authorize,
    capture,
    delivery,
    payment_of,
    reserve,
)
from tests.domain.test_payments import DECLINE, FAIL, refund, request_capture, request_refund
from tests.domain.test_process import ID, START, undone
from tests.support.scenario import given
from tests.support.stock import movement_in

MUG: Final = {"sku": st.just("MUG"), "warehouse_id": st.just("main")}
few = st.integers(1, 6)
reservations = st.sampled_from(["r1", "r2", "r3", "r4"])
stocking: st.SearchStrategy[Command] = st.one_of(
    st.builds(delivery, few),
    st.builds(reserve, reservations, few),
    st.builds(reserve, reservations, few),
    st.builds(CommitReservation, **MUG, reservation_id=reservations),
    st.builds(ShipStock, **MUG, reservation_id=reservations, quantity=few),
    st.builds(ExpireReservation, **MUG, reservation_id=reservations, now=st.just(DUE)),
    st.builds(
        ReleaseReservation,
        **MUG,
        reservation_id=reservations,
        reason=st.sampled_from(ReleaseReason),
        quantity=st.none() | few,
    ),
    st.builds(AdjustStock, **MUG, reason_code=st.just("COUNT"), delta=st.integers(-6, 6)),
    st.builds(RestockReturn, **MUG, return_id=st.just("rma"), quantity=few),
    st.builds(WriteOffStock, **MUG, quantity=few, reason_code=st.just("BROKEN")),
)


@for_all(commands=st.lists(stocking, max_size=30), safety_stock=st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_the_invariants_of_stock_hold(commands: list[Command], safety_stock: int) -> None:
    register = type(MUGS)(sku="MUG", warehouse_id="main", safety_stock=safety_stock)
    scenario = given(register, delivery(10))
    for command in commands:
        scenario.when(command)
        item = scenario.state(StockItem)
        is_taken = isinstance(command, AdjustStock | WriteOffStock) and any(
            movement_in(event) < 0 for event in scenario.new
        )
        is_short = item.reserved > 0 and item.available < 0
        has_told = any(isinstance(event, StockShortfallDetected) for event in scenario.new)
        assert item.on_hand >= 0  # S1
        assert has_told == (is_taken and is_short)  # S2
        assert item.reserved == sum(one.quantity for one in item.reservations.values())  # S3
        assert all(one.quantity > 0 for one in item.reservations.values())
        assert item.on_hand == sum(map(movement_in, scenario.events))  # S4


@for_all(commands=st.lists(stocking, max_size=30))
@settings(max_examples=100, deadline=None)
def test_without_corrections_no_promise_is_ever_broken(commands: list[Command]) -> None:
    scenario = given(MUGS, delivery(10))
    for command in commands:
        if not isinstance(command, AdjustStock | WriteOffStock):
            assert scenario.when(command).state(StockItem).available >= 0


amounts = st.integers(-1, 700)
captures = st.sampled_from(["c1", "c2", "c3"])
refunds = st.sampled_from(["f1", "f2", "f3"])
psp_ids = st.integers(0, 40).map(lambda number: f"evt-{number}")
outcomes: st.SearchStrategy[Command] = st.one_of(
    st.builds(authorize, st.integers(0, 1_001), psp_ids),
    st.just(DECLINE),
    st.just(FAIL),
    st.builds(capture, captures, amounts, psp_ids),
    st.builds(
        FailCapture,
        payment_id=st.just(PAYMENT),
        capture_id=captures,
        code=st.just("expired"),
        psp_event_id=psp_ids,
    ),
    st.builds(VoidPayment, payment_id=st.just(PAYMENT), amount_minor=amounts, psp_event_id=psp_ids),
    st.builds(refund, refunds, amounts, psp_ids),
    st.builds(
        FailRefund,
        payment_id=st.just(PAYMENT),
        refund_id=refunds,
        code=st.just("closed"),
        psp_event_id=psp_ids,
    ),
)
requests: st.SearchStrategy[Command] = st.one_of(
    st.builds(request_capture, captures, st.none() | amounts),
    st.builds(request_refund, refunds, st.none() | amounts),
    st.just(RequestVoid(payment_id=PAYMENT)),
)


@for_all(
    authorized=st.integers(1, 1_000),
    commands=st.lists(st.one_of(outcomes, requests, requests), max_size=30),
)
@settings(max_examples=200, deadline=None)
def test_the_invariants_of_a_payment_hold(authorized: int, commands: list[Command]) -> None:
    scenario = given(payment_of(1_000), authorize(authorized))
    for command in commands:
        scenario.when(command)
        payment = scenario.state(Payment)
        assert payment.captured + payment.voided <= payment.authorized <= 1_000  # P1
        assert payment.capturable >= 0
        assert payment.refunded + payment.refund_pending <= payment.captured  # P2
        pending = (payment.capture_pending, payment.void_pending, payment.refund_pending)
        assert min(pending) >= 0
        assert payment.currency == "GBP"  # P3
        if payment.status is PaymentStatus.REFUNDED:
            assert payment.refunded == payment.captured
    require_no_answer_twice(scenario.events)
    require_no_capture_after_a_void(scenario.events)


@for_all(commands=st.lists(st.one_of(outcomes, requests), max_size=20))
@settings(max_examples=100, deadline=None)
def test_an_answer_repeated_changes_nothing(commands: list[Command]) -> None:
    scenario = given(payment_of(1_000))
    for command in commands:
        is_new = scenario.when(command).rejection is None
        if is_new and not isinstance(command, RequestVoid):
            scenario.when(command).then_nothing()


def require_no_answer_twice(events: list[Event]) -> None:
    """P4."""
    heard = [getattr(event, "psp_event_id", None) for event in events]
    told = [one for one in heard if one is not None]
    assert len(told) == len(set(told))


def require_no_capture_after_a_void(events: list[Event]) -> None:
    """P5, and the one authorization, decline or failure that a payment begins with."""
    kinds = [type(event) for event in events]
    if PaymentVoided in kinds:
        assert PaymentCaptured not in kinds[kinds.index(PaymentVoided) :]
    answers = {PaymentAuthorized, PaymentDeclined, PaymentFailed}
    assert sum(kind in answers for kind in kinds) == 1
    assert kinds[0] is PaymentRequested


steps = st.sampled_from(["reserve", "authorize", "confirm", "capture"])
stepping: st.SearchStrategy[Command] = st.one_of(
    st.builds(SucceedStep, process_id=st.just(ID), step=steps, next_step=st.none() | steps),
    st.builds(SucceedStep, process_id=st.just(ID), step=steps, next_step=steps),
    st.builds(
        FailStep,
        process_id=st.just(ID),
        step=steps,
        code=st.just("CONTENTION"),
        retryable=st.just(value=True),
        retry_at=st.none() | st.just(DUE),
    ),
    st.builds(RetryStep, process_id=st.just(ID), step=steps),
    st.just(StartCompensation(process_id=ID, reason="DECLINED")),
    st.builds(undone, steps),
    st.builds(MarkStuck, process_id=st.just(ID), step=steps, code=st.just("CONTENTION")),
    st.builds(
        Intervene,
        process_id=st.just(ID),
        action=st.sampled_from(InterventionAction),
        note=st.just("Looked at it."),
    ),
)


@for_all(commands=st.lists(stepping, max_size=30))
@settings(max_examples=200, deadline=None)
def test_a_process_undoes_what_it_did_and_ends_once(commands: list[Command]) -> None:
    scenario = given(START)
    for command in commands:
        scenario.when(command)
    done: list[str] = []
    for event in scenario.events:
        match event:
            case StepSucceeded():
                done.append(event.step)
            case StepCompensated():
                assert done.pop() == event.step
            case ProcessCompleted():
                assert event is scenario.events[-1]
                assert not done or event.outcome is ProcessOutcome.SUCCEEDED
            case _:
                pass
    ids = [event.command_id for event in scenario.events if isinstance(event, StepRequested)]
    assert len(ids) == len(set(ids))
