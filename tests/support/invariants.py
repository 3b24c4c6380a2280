"""What must hold of a log once all is calm, whatever happened while it was written.

Each invariant is a function of the evidence that yields a sentence for every violation.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from orderlog.domain.aggregate import Event
from orderlog.domain.envelope import ActorKind
from orderlog.domain.orders.commands import order_stream
from orderlog.domain.orders.events import (
    OrderCancelled,
    OrderConfirmed,
    OrderImported,
    OrderPlaced,
    OrderStatus,
    RefundPolicy,
)
from orderlog.domain.orders.state import OrderState
from orderlog.domain.payments.events import PaymentOperation
from orderlog.domain.payments.state import PaymentState
from orderlog.domain.processes.events import ProcessStatus, StepRequested
from orderlog.domain.processes.process import Process
from orderlog.domain.stock.events import (
    StockReserved,
    StockShortfallDetected,
)
from orderlog.domain.stock.stock_item import StockItem
from orderlog.eventstore.store import EventStore, RecordedEvent
from orderlog.eventstore.urls import SqliteLocation
from orderlog.gateways.port import GatewayKey
from orderlog.processes.gateway_calls import REQUESTS, key_of
from orderlog_projections.database import ReadDatabase
from orderlog_projections.registry import PROJECTIONS, open_read_models
from orderlog_projections.runner import ProjectionRunner
from tests.projections.kept import dump
from tests.support.evidence import Evidence, Told, evidence_of, place_of
from tests.support.stock import movement_in

Violations = Iterator[str]
OVER: Final = (OrderStatus.REJECTED, OrderStatus.EXPIRED, OrderStatus.CANCELLED)

# --- I1 to I3: the log itself ---


def acknowledged_commands_are_there_once(evidence: Evidence) -> Violations:
    """I1."""
    positions = {place_of(one.event): one.position for one in evidence.log}
    for key, position in evidence.told.acknowledged.items():
        spans = evidence.spans.get(key)
        if spans is None:
            yield f"I1 {key} was acknowledged and is not known"
            continue
        places = [(stream, n) for stream, first, last in spans for n in range(first, last + 1)]
        if missing := [place for place in places if place not in positions]:
            yield f"I1 {key} was acknowledged and lacks {missing}"
        elif places and max(positions[place] for place in places) != position:
            yield f"I1 {key} was acknowledged at {position} and is elsewhere"
    by_id = defaultdict[str, list[str]](list)
    for one in evidence.log:
        by_id[one.event.envelope.event_id].append(f"{one.event.TOPIC} at {one.position}")
    for event_id, events in by_id.items():
        if len(events) > 1:
            yield f"I1 event {event_id} is there {len(events)} times: {', '.join(events)}"


def events_come_from_commands(evidence: Evidence) -> Violations:
    """I2: from one that a client sent, or from one that a process derived from an event."""
    told, known = evidence.told, set[str]()
    sent = {
        (stream, version)
        for key, spans in evidence.spans.items()
        if key in told.sent
        for stream, first, last in spans
        for version in range(first, last + 1)
    }
    for position, event in evidence.log:
        envelope = event.envelope
        if envelope.actor.kind is ActorKind.SYSTEM:
            is_known = envelope.causation_id in known
        else:
            is_known = place_of(event) in sent or envelope.command_id in told.command_ids
        if not is_known:
            yield f"I2 nobody asked for {event.TOPIC} at {position}"
        known.add(envelope.event_id)


def versions_are_contiguous(evidence: Evidence) -> Violations:
    """I3."""
    for stream_id, events in evidence.streams.items():
        versions = [one.event.originator_version for one in events]
        if versions != list(range(1, len(events) + 1)):
            yield f"I3 {stream_id} has the versions {versions}"
    positions = [one.position for one in evidence.log]
    if positions != sorted(set(positions)):
        yield "I3 positions do not ascend"


# --- I4 and I5: money and stock ---


def money_adds_up(evidence: Evidence) -> Violations:
    """I4: what was taken is what calm orders cost, and what the gateway says it moved."""
    taken, held, moved = Counter[str](), Counter[str](), _by_payment(evidence.moved)
    for payment in evidence.all(PaymentState):
        taken[payment.order_id] += payment.captured - payment.refunded
        held[payment.order_id] += payment.uncaptured
        if payment.refunded > payment.captured or payment.uncaptured < 0:
            yield f"I4 payment {payment.payment_id} gave back more than it took"
        if moved is not None and not payment.is_outcome_unknown:
            yield from _as_the_gateway_says(payment, moved[payment.payment_id])
    for order_id, order in evidence.calm_orders.items():
        due = _due(order, evidence.streams[order_stream(order_id)])
        if due is not None and taken[order_id] != due:
            yield f"I4 order {order_id} took {taken[order_id]} of {due}"
        if held[order_id]:
            yield f"I4 order {order_id} still holds {held[order_id]}"


def _due(order: OrderState, events: Iterable[RecordedEvent]) -> int | None:
    """None where only part was to be given back."""
    for recorded in events:
        event = recorded.event
        if isinstance(event, OrderCancelled) and event.refund is not RefundPolicy.FULL:
            return None
    return 0 if order.status in OVER else order.grand_total - order.refunded_minor


def _by_payment(
    moved: Mapping[GatewayKey, int] | None,
) -> Mapping[str, Counter[PaymentOperation]] | None:
    if moved is None:
        return None
    said: dict[str, Counter[PaymentOperation]] = defaultdict(Counter)
    for key, amount in moved.items():
        said[key.payment_id][key.operation] += amount
    return said


def _as_the_gateway_says(payment: PaymentState, said: Counter[PaymentOperation]) -> Violations:
    ours = {
        PaymentOperation.AUTHORIZE: payment.authorized,
        PaymentOperation.CAPTURE: payment.captured,
        PaymentOperation.VOID: payment.voided,
        PaymentOperation.REFUND: payment.refunded,
    }
    for operation, amount in ours.items():
        if said[operation] != amount:
            there = said[operation]
            yield f"I4 {payment.payment_id} {operation}: {amount} here, {there} at the gateway"


def stock_adds_up(evidence: Evidence) -> Violations:
    """I5: movements make up what is on hand, and no order that is over holds any of it."""
    for item in evidence.all(StockItem):
        events = [one.event for one in evidence.streams[item.id]]
        is_short = any(isinstance(event, StockShortfallDetected) for event in events)
        if sum(map(movement_in, events)) != item.on_hand or item.on_hand < 0:
            yield f"I5 {item.id} has {item.on_hand} on hand, and movements that say otherwise"
        if item.available < 0 and not is_short:
            yield f"I5 {item.id} has promised {-item.available} too many"
        reserved = {one.reservation_id: one for one in events if isinstance(one, StockReserved)}
        for reservation_id in item.reservations:
            order = evidence.calm_orders.get(reserved[reservation_id].order_id)
            if order is not None and order.status in OVER:
                yield f"I5 {item.id} is held for order {order.order_id}, which is over"


def confirmed_orders_hold_what_was_placed(evidence: Evidence) -> Violations:
    """I5: exactly the units that have to be shipped were reserved."""
    reserved = Counter[str]()
    for one in evidence.log:
        if isinstance(one.event, StockReserved):
            reserved[one.event.order_id] += one.event.quantity
    for one in evidence.log:
        event = one.event
        if not isinstance(event, OrderPlaced | OrderImported):
            continue
        order_id = event.originator_id.removeprefix(order_stream(""))
        order = evidence.calm_orders.get(order_id)
        placed = sum(line.quantity for line in event.lines if line.requires_shipping)
        if order and order.status is OrderStatus.CONFIRMED and reserved[order_id] != placed:
            yield f"I5 order {order_id} reserved {reserved[order_id]} of {placed} units"


# --- I7 and I9: what consumers do ---


def effects_happen_once(evidence: Evidence) -> Violations:
    """I7: each thing that follows from an event, in the log and at the gateway."""
    effects = Counter(effect for one in evidence.log for effect in _effects(one.event))
    for effect, count in effects.items():
        if count > 1:
            yield f"I7 {effect} happened {count} times"
    requested = {key_of(one.event) for one in evidence.log if isinstance(one.event, REQUESTS)}
    for key in evidence.moved or ():
        if key not in requested:
            yield f"I7 the gateway was asked for {key}, which nobody requested"
    paid = Counter(
        one.order_id for one in evidence.all(PaymentState) if one.authorized > one.voided
    )
    for order_id in evidence.calm_orders:
        if paid[order_id] > 1:
            yield f"I7 order {order_id} is paid for more than once"


def _effects(event: Event) -> Iterator[tuple[str, ...]]:
    match event:
        case OrderPlaced() | OrderImported():
            yield event.originator_id, "placed"
        case OrderConfirmed():
            yield event.originator_id, "confirmed"
        case StockReserved():
            yield event.originator_id, "reserved", event.reservation_id
        case StepRequested():
            yield event.originator_id, event.step, str(event.attempt)
        case _ if isinstance(event, REQUESTS):
            yield "gateway", str(key_of(event))
        case _:
            psp_event_id = getattr(event, "psp_event_id", None)
            if psp_event_id is not None:
                yield event.originator_id, "heard", psp_event_id


def processes_end_or_wait(evidence: Evidence) -> Violations:
    """I9: each is over, waits for a deadline, or for an operator to whom it is shown."""
    for process in evidence.all(Process):
        is_at_rest = process.status in {ProcessStatus.COMPLETED, ProcessStatus.STUCK}
        if not is_at_rest and process.order_id not in evidence.orders_with_deadlines:
            yield f"I9 {process.id} is {process.status} at {process.step!r} and waits for nothing"
    for order in evidence.all(OrderState):
        is_placed = order.status not in {OrderStatus.DRAFT, OrderStatus.DISCARDED}
        if is_placed and evidence.process(order.order_id) is None:
            yield f"I9 nobody looks after order {order.order_id}"


INVARIANTS: Final[tuple[Callable[[Evidence], Violations], ...]] = (
    acknowledged_commands_are_there_once,
    events_come_from_commands,
    versions_are_contiguous,
    money_adds_up,
    stock_adds_up,
    confirmed_orders_hold_what_was_placed,
    effects_happen_once,
    processes_end_or_wait,
)


def violations(evidence: Evidence) -> list[str]:
    return [sentence for invariant in INVARIANTS for sentence in invariant(evidence)]


# --- I6: the read models ---


def read_models_differ(store: EventStore, database: ReadDatabase, folder: Path) -> list[str]:
    """I6: the titles of tables that are not what a fold of the whole log makes of them."""
    folder.mkdir()
    fresh = open_read_models(SqliteLocation(folder / "fold.db"))
    try:
        ProjectionRunner(store, fresh, PROJECTIONS).catch_up()
        kept, folded = dump(database), dump(fresh)
    finally:
        fresh.close()
    return [f"I6 {title}" for title in folded if kept.get(title) != folded[title]]


def assert_all_holds(
    store: EventStore,
    told: Told,
    folder: Path,
    moved: Mapping[GatewayKey, int] | None = None,
) -> Evidence:
    """Of a log at rest and its read models; `folder` is a new one for what this needs."""
    evidence = evidence_of(store, told, moved)
    database = open_read_models(store.location)
    try:
        found = violations(evidence) + read_models_differ(store, database, folder)
    finally:
        database.close()
    assert not found, "\n".join(found[:20])
    return evidence
