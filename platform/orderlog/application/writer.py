"""The single writer of a process: decides commands one after the other, commits them in groups.

While one group is being committed the next ones queue up; there is no timer. Within a group a
command is decided on the state that the commands before it left, so that a hot stock item is as
fast as many cold ones.
"""

import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from orderlog.application.aggregates import Aggregates
from orderlog.application.idempotency import IdempotencyKey
from orderlog.application.snapshots import Snapshots
from orderlog.domain.aggregate import Aggregate, Event
from orderlog.domain.commands import Command
from orderlog.domain.envelope import CommandMetadata, EnvelopeSequence
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.routing import decide
from orderlog.eventstore.errors import StoreUnavailable, VersionConflict
from orderlog.eventstore.recorder import CommandAnswer
from orderlog.eventstore.store import EventStore, RecordedEvent

EVENTS_PER_COMMIT_MAX: Final = 500
QUEUED_UNITS_MAX: Final = 5_000
CONFLICT_ATTEMPTS_MAX: Final = 8
CONFLICT_PAUSE_SECONDS: Final = 0.01
AGGREGATES_KEPT_MAX: Final = 10_000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a command did. Without an event, `position` is where the log stood."""

    position: int
    events: tuple[RecordedEvent, ...]
    replayed: bool = False


@dataclass(slots=True)
class Unit:
    """Commands that commit together, or not at all. `answer` is called in the writer's thread."""

    commands: Sequence[Command]
    metadata: CommandMetadata
    answer: Callable[["Receipt | BaseException"], None]
    expected_version: int | None = None
    idempotency: IdempotencyKey | None = None
    events: list[Event] = field(default_factory=list[Event])


@dataclass(frozen=True, slots=True)
class Question:
    """Something to read off an aggregate's newest committed state, in the writer's thread."""

    stream_id: str
    read: Callable[[Aggregate | None], Any]
    answer: Callable[[Any], None]


class Writer:
    """One thread. `put` never blocks; `close` drains what was put before.

    `after_group` is called in that thread when all of a group have been answered.
    """

    def __init__(
        self,
        store: EventStore,
        after_group: Callable[[], None],
        aggregates_kept_max: int = AGGREGATES_KEPT_MAX,
    ) -> None:
        self._store = store
        self._after_group = after_group
        self._snapshots = Snapshots(store)
        self._aggregates = Aggregates(self._snapshots, aggregates_kept_max)
        self._queue: queue.SimpleQueue[Unit | Question | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="orderlog-writer", daemon=True)
        self._thread.start()

    def put(self, item: Unit | Question) -> None:
        """Raises `OVERLOADED` where too much is waiting already."""
        if self._queue.qsize() >= QUEUED_UNITS_MAX:
            raise Rejected(ErrorCode.OVERLOADED, "Too many commands are waiting; try again soon.")
        self._queue.put(item)

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()
        self._snapshots.close()

    def _run(self) -> None:
        item: Unit | Question | None = self._queue.get()
        while item is not None:
            item = self._commit_group(item) or self._queue.get()

    def _commit_group(self, first: Unit | Question) -> Unit | Question | None:
        """Decides and commits a group; returns the unit, if any, that must open the next one."""
        decided: list[Unit] = []
        questions: list[Question] = []
        keys: set[IdempotencyKey] = set()
        event_count, item = 0, first
        held: Unit | None = None
        while True:
            if isinstance(item, Question):
                questions.append(item)
            elif item.idempotency in keys:
                held = item
                break
            elif self._decide_or_answer(item):
                decided.append(item)
                event_count += len(item.events)
                if item.idempotency is not None:
                    keys.add(item.idempotency)
            following = self._next(event_count)
            if following is None:
                break
            item = following
        self._commit(decided)
        for question in questions:
            self._answer(question)
        self._after_group()
        return held

    def _answer(self, question: Question) -> None:
        """Whatever goes wrong is the answer: this thread outlives every fault."""
        try:
            outcome = question.read(self._aggregates.get(question.stream_id))
        except Exception as error:  # noqa: BLE001 - handed to whoever asked
            outcome = error
        question.answer(outcome)

    def _next(self, event_count: int) -> Unit | Question | None:
        if event_count >= EVENTS_PER_COMMIT_MAX:
            return None
        try:
            item = self._queue.get_nowait()
        except queue.Empty:
            return None
        if item is None:
            self._queue.put(None)
        return item

    def _decide_or_answer(self, unit: Unit) -> bool:
        """Whether the unit has something to commit; otherwise it has been answered."""
        try:
            replayed = self._replay(unit)
            if replayed is None:
                self._decide(unit)
                return True
            unit.answer(replayed)
        except (Rejected, StoreUnavailable) as refusal:
            unit.answer(refusal)
        except Exception as error:  # noqa: BLE001 - handed to whoever sent the command
            _log.exception("command failed", commands=[type(c).__name__ for c in unit.commands])
            unit.answer(error)
        return False

    def _decide(self, unit: Unit) -> None:
        envelopes = EnvelopeSequence(unit.metadata)
        events = unit.events
        aggregate: Aggregate | None = None
        try:
            for command in unit.commands:
                stream_id = command.stream_id
                aggregate = self._aggregates.get(stream_id)
                if command is unit.commands[0]:
                    _require_version(aggregate, unit.expected_version)
                aggregate = decide(aggregate, command, envelopes)
                events.extend(_collected(aggregate))
                self._aggregates.keep(stream_id, aggregate)
        except BaseException:
            spoilt = {event.originator_id for event in events}
            if aggregate is not None and aggregate.pending_events:
                spoilt.add(aggregate.id)
            self._aggregates.forget(spoilt)
            events.clear()
            raise
        self._aggregates.decided(events)

    def _replay(self, unit: Unit) -> Receipt | None:
        key = unit.idempotency
        if key is None:
            return None
        answer = self._store.find_answer(key.scope, key.key)
        if answer is None:
            return None
        key.require_same(answer.fingerprint)
        return self._receipt_of(answer)

    def _receipt_of(self, answer: CommandAnswer) -> Receipt:
        recorded = [
            event
            for stream_id, first, last in answer.spans
            for event in self._store.stream(stream_id, first - 1)
            if event.event.originator_version <= last
        ]
        position = max((event.position for event in recorded), default=self._store.head())
        return Receipt(position, tuple(sorted(recorded)), replayed=True)

    def _commit(self, units: Sequence[Unit]) -> None:
        if not units:
            return
        try:
            receipts = self._append(units)
        except VersionConflict:
            self._aggregates.rolled_back()
            for unit in units:
                self._commit_alone(unit)
        except Exception as error:  # noqa: BLE001 - handed to whoever sent the command
            if not isinstance(error, StoreUnavailable):
                _log.exception("append failed", units=len(units))
            self._aggregates.rolled_back()
            for unit in units:
                unit.answer(error)
        else:
            self._aggregates.committed()
            for unit, receipt in zip(units, receipts, strict=True):
                unit.answer(receipt)

    def _append(self, units: Sequence[Unit]) -> list[Receipt]:
        events = [event for unit in units for event in unit.events]
        answers = [_answer_of(unit.idempotency, unit) for unit in units if unit.idempotency]
        positions = iter(self._store.append(events, answers) if events or answers else ())
        self._snapshots.committed(events)
        receipts: list[Receipt] = []
        for unit in units:
            recorded = tuple(RecordedEvent(next(positions), event) for event in unit.events)
            position = recorded[-1].position if recorded else self._store.head()
            receipts.append(Receipt(position, recorded))
        return receipts

    def _commit_alone(self, unit: Unit) -> None:
        """Another process was faster with something in the group: decide again, one by one."""
        for attempt in range(CONFLICT_ATTEMPTS_MAX):
            unit.events.clear()
            if not self._decide_or_answer(unit):
                return
            try:
                (receipt,) = self._append([unit])
            except VersionConflict:
                self._aggregates.rolled_back()
                time.sleep(CONFLICT_PAUSE_SECONDS * attempt * random.random())  # noqa: S311 - jitter
            except Exception as error:  # noqa: BLE001 - handed to whoever sent the command
                self._aggregates.rolled_back()
                unit.answer(error)
                return
            else:
                self._aggregates.committed()
                unit.answer(receipt)
                return
        message = "Others kept changing the same thing; try again."
        unit.answer(Rejected(ErrorCode.CONTENTION, message))


def _collected(aggregate: Aggregate) -> list[Event]:
    return [event for event in aggregate.collect_events() if isinstance(event, Event)]


def _require_version(aggregate: Aggregate | None, expected: int | None) -> None:
    current = 0 if aggregate is None else aggregate.version
    if expected is not None and expected != current:
        message = f"This was expected at version {expected}, it is at {current}; load it again."
        raise Rejected(
            ErrorCode.VERSION_CONFLICT,
            message,
            path=("expectedVersion",),
            expected=expected,
            current=current,
        )


def _answer_of(key: IdempotencyKey, unit: Unit) -> CommandAnswer:
    spans: dict[str, tuple[int, int]] = {}
    for event in unit.events:
        version = event.originator_version
        first, _ = spans.get(event.originator_id, (version, version))
        spans[event.originator_id] = (first, version)
    return CommandAnswer(
        key.scope, key.key, key.fingerprint, tuple((s, f, v) for s, (f, v) in spans.items())
    )
