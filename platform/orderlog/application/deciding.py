"""From a unit to its decision: what its commands make of the state in memory."""

from collections.abc import Sequence
from typing import Final

from orderlog.application.aggregates import Aggregates
from orderlog.application.units import Decision, Sight, Unit
from orderlog.domain.aggregate import Aggregate, Event
from orderlog.domain.commands import Command
from orderlog.domain.envelope import EnvelopeSequence
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.routing import ROUTES, decide
from orderlog.eventstore.recorder import AppendUnit, CommandAnswer
from orderlog.eventstore.store import EventStore

EVENTS_PER_COMMAND_MAX: Final = 100
STREAM_EVENTS_MAX: Final = 10_000_000  # a popular SKU has five for each of its orders
EVENT_BYTES_MAX: Final = 1024 * 1024  # an order of 2,000 lines takes half of it


def is_creating(command: Command) -> bool:
    return type(command) in ROUTES[type(command)].creating


def decide_unit(unit: Unit, aggregates: Aggregates, store: EventStore) -> Decision:
    """A rejection is an outcome too. What is not decided leaves no state behind."""
    events: list[Event] = []
    envelopes = EnvelopeSequence(unit.metadata)
    decided = 0
    try:
        for command, stream_id in zip(unit.commands, unit.streams, strict=True):
            decided += 1
            events += _decide(command, stream_id, unit, aggregates, envelopes)
        append = _to_append(unit, events, store)
    except Rejected as rejection:
        aggregates.forget({event.originator_id for event in events})
        return Decision(unit, unit.streams[:decided], rejection)
    except BaseException:
        aggregates.forget({event.originator_id for event in events})
        raise
    if not events and append.answer is None:
        return Decision(unit, unit.streams)
    size = sum([len(stored.state) for stored in append.events])
    return Decision(unit, unit.streams, None, events, append, size)


def _decide(
    command: Command,
    stream_id: str,
    unit: Unit,
    aggregates: Aggregates,
    envelopes: EnvelopeSequence,
) -> list[Event]:
    """What a command creates is taken to be absent: the primary key would find the mistake."""
    is_trusted = not (unit.must_look or aggregates.knows(stream_id)) and is_creating(command)
    before = None if is_trusted else aggregates.get(stream_id)
    if before is not None and unit.sees is not None and not _is_seen(before, command, unit.sees):
        before = None
    if unit.expected_version is not None and command is unit.commands[0]:
        _require_version(before, unit.expected_version)
    try:
        aggregate = decide(before, command, envelopes)
    except BaseException:
        if before is not None and before.pending_events:
            aggregates.forget([stream_id])
        raise
    events = [event for event in aggregate.collect_events() if isinstance(event, Event)]
    if len(events) > EVENTS_PER_COMMAND_MAX:
        aggregates.forget([stream_id])
        raise _too_much(len(events), "events of one command", EVENTS_PER_COMMAND_MAX)
    if aggregate is not before:
        aggregates.keep(stream_id, aggregate)
    return events


def _is_seen(aggregate: Aggregate, command: Command, sees: Sight) -> bool:
    """An id that is taken is taken for everybody: only to begin with it tells so much."""
    return is_creating(command) or sees(aggregate)


def _to_append(unit: Unit, events: Sequence[Event], store: EventStore) -> AppendUnit:
    stored = [store.encode(event) for event in events]
    for one in stored:
        if len(one.state) > EVENT_BYTES_MAX:
            raise _too_much(len(one.state), "bytes of one event", EVENT_BYTES_MAX)
        if one.originator_version > STREAM_EVENTS_MAX:
            raise _too_much(one.originator_version, "events of one stream", STREAM_EVENTS_MAX)
    return AppendUnit(stored, _answer_of(unit, events), unit.streams, events, unit.claim)


def _too_much(count: int, what: str, count_max: int) -> Rejected:
    message = f"This would make {count:,} {what}; at most {count_max:,} are possible."
    return Rejected(ErrorCode.INVALID_VALUE, message, max=count_max)


def _require_version(aggregate: Aggregate | None, expected: int) -> None:
    current = 0 if aggregate is None else aggregate.version
    if expected != current:
        message = f"This was expected at version {expected}, it is at {current}; load it again."
        raise Rejected(
            ErrorCode.VERSION_CONFLICT,
            message,
            path=("expectedVersion",),
            expected=expected,
            current=current,
        )


def _answer_of(unit: Unit, events: Sequence[Event]) -> CommandAnswer | None:
    key = unit.idempotency
    if key is None:
        return None
    spans: dict[str, tuple[int, int]] = {}
    for event in events:
        version = event.originator_version
        first, _ = spans.get(event.originator_id, (version, version))
        spans[event.originator_id] = (first, version)
    return CommandAnswer(
        key.scope, key.key, key.fingerprint, tuple((s, f, v) for s, (f, v) in spans.items())
    )
