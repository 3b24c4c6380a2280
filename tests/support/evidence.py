"""What a log at rest is judged by: its events, what clients were told, what the gateway moved."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from orderlog.domain.aggregate import Aggregate, Event
from orderlog.domain.orders.state import OrderState
from orderlog.domain.payments.state import PaymentState
from orderlog.domain.processes.commands import placement_stream
from orderlog.domain.processes.events import ProcessStatus
from orderlog.domain.processes.process import Process
from orderlog.domain.routing import rebuild
from orderlog.eventstore.store import EventStore, RecordedEvent
from orderlog.gateways.port import GatewayKey
from orderlog.processes.deadlines import DeadlineKey
from orderlog.processes.runner import CONSUMER

Span = tuple[str, int, int]
AggregateT = TypeVar("AggregateT", bound=Aggregate)


@dataclass(slots=True)
class Told:
    """What clients know: keys are `(scope, idempotency key)`, and positions what was answered.

    `command_ids` are those of commands that were sent without a key.
    """

    sent: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    acknowledged: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    command_ids: set[str] = field(default_factory=set[str])


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that is known of a log at rest; `moved` is the gateway's own ledger, in minor units."""

    log: Sequence[RecordedEvent]
    told: Told
    spans: Mapping[tuple[str, str], tuple[Span, ...]]
    orders_with_deadlines: frozenset[str] = frozenset()
    moved: Mapping[GatewayKey, int] | None = None

    @cached_property
    def streams(self) -> dict[str, list[RecordedEvent]]:
        streams: dict[str, list[RecordedEvent]] = defaultdict(list)
        for recorded in self.log:
            streams[recorded.event.originator_id].append(recorded)
        return dict(streams)

    @cached_property
    def aggregates(self) -> dict[str, Aggregate]:
        """By stream, as far as their events can be replayed at all."""
        replayed = {stream_id: _replayed(events) for stream_id, events in self.streams.items()}
        return {stream_id: one for stream_id, one in replayed.items() if one is not None}

    def all(self, kind: type[AggregateT]) -> Iterator[AggregateT]:
        return (one for one in self.aggregates.values() if isinstance(one, kind))

    def process(self, order_id: str) -> Process | None:
        """The placement of an order."""
        process = self.aggregates.get(placement_stream(order_id))
        return process if isinstance(process, Process) else None

    @cached_property
    def calm_orders(self) -> dict[str, OrderState]:
        """Those whose placement is over, and that wait for no gateway and no operator."""
        busy = set(self.orders_with_deadlines)
        busy |= {one.order_id for one in self.all(Process) if one.status is ProcessStatus.STUCK}
        busy |= {one.order_id for one in self.all(PaymentState) if one.is_outcome_unknown}
        return {
            order.order_id: order
            for order in self.all(OrderState)
            if order.order_id not in busy
            and (process := self.process(order.order_id))
            and process.status is ProcessStatus.COMPLETED
        }


def place_of(event: Event) -> tuple[str, int]:
    """Its stream, and where in that."""
    return event.originator_id, event.originator_version


def _replayed(events: Iterable[RecordedEvent]) -> Aggregate | None:
    try:
        return rebuild(recorded.event for recorded in events)
    except Exception:  # noqa: BLE001 - a torn stream is told by its versions
        return None


def evidence_of(
    store: EventStore, told: Told, moved: Mapping[GatewayKey, int] | None = None
) -> Evidence:
    answers = {key: store.find_answer(*key) for key in told.sent | told.acknowledged.keys()}
    return Evidence(
        log=whole_log(store),
        told=told,
        spans={key: answer.spans for key, answer in answers.items() if answer},
        orders_with_deadlines=frozenset(
            DeadlineKey.parse(key).order_id for key in store.deadlines(CONSUMER)
        ),
        moved=moved,
    )


def whole_log(store: EventStore) -> list[RecordedEvent]:
    log: list[RecordedEvent] = []
    while page := store.page(log[-1].position if log else 0):
        log += page
    return log
