"""The thread that commits: all that was decided while it committed the group before."""

import queue
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import structlog

from orderlog.application.units import Decision, Receipt, Settled, Unit
from orderlog.eventstore.claims import NotOwner
from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.recorder import Positions
from orderlog.eventstore.store import EventStore, RecordedEvent

EVENTS_PER_COMMIT_MAX: Final = 500
BYTES_PER_COMMIT_MAX: Final = 256_000

Appended: TypeAlias = Positions | Exception | None
"""None: it met a conflict, or rests on what did."""

Heed: TypeAlias = Callable[[Settled], None]
OnCommit: TypeAlias = Callable[[int, float], None]
"""Hears, once per group, of how many events were made durable, and in how many seconds."""

_log = structlog.get_logger(__name__)


def unheard(events: int, seconds: float) -> None:
    """For those whom nobody measures."""


@dataclass(slots=True)
class _Group:
    """What is committed together, and what turned out to rest on lost state on the way."""

    standing: list[Decision] = field(default_factory=list[Decision])
    returned: list[Decision] = field(default_factory=list[Decision])
    events: int = 0
    size: int = 0

    def add(self, decision: Decision) -> None:
        self.standing.append(decision)
        self.events += len(decision.events)
        self.size += decision.size

    @property
    def is_full(self) -> bool:
        return self.events >= EVENTS_PER_COMMIT_MAX or self.size >= BYTES_PER_COMMIT_MAX


class Committer:
    """Appends decisions in order and says what became of them.

    State in memory that a conflict or a fault has undone is lost, and all that was decided on it
    is returned: what waits here, and what is still to come, until the decider says that it has
    forgotten that state.
    """

    def __init__(self, store: EventStore, on_commit: OnCommit = unheard) -> None:
        self._store = store
        self._on_commit = on_commit
        self._queue: queue.SimpleQueue[Decision | int | None] = queue.SimpleQueue()
        self._lost: dict[str, int] = {}
        self._losses = 0

    def put(self, decision: Decision) -> None:
        self._queue.put(decision)

    def forgotten(self, loss: int) -> None:
        """What is put from now on does not rest on state that was lost up to this loss."""
        self._queue.put(loss)

    def close(self) -> None:
        self._queue.put(None)

    def run(self, heed: Heed) -> None:
        """Returns when it was told to close. `heed` is called with what became of each group."""
        while (item := self._queue.get()) is not None:
            self._work_on(item, heed)

    def flush(self, heed: Heed) -> None:
        """Commits what waits in the caller's own thread, where there is no other for it."""
        while (item := self._next()) is not None:
            self._work_on(item, heed)

    def _work_on(self, item: Decision | int, heed: Heed) -> None:
        group = self._gather(item)
        if group.standing or group.returned:
            heed(self._commit(group))

    def _gather(self, item: Decision | int) -> _Group:
        """All that waits, up to the size of a group: no timer."""
        group = _Group()
        while True:
            if not isinstance(item, Decision):
                self._lost = {stream: loss for stream, loss in self._lost.items() if loss > item}
            elif self._stands(item):
                group.add(item)
            else:
                self._return(item, group)
            following = None if group.is_full else self._next()
            if following is None:
                return group
            item = following

    def _next(self) -> Decision | int | None:
        try:
            item = self._queue.get_nowait()
        except queue.Empty:
            return None
        if item is None:
            self._queue.put(None)
        return item

    def _stands(self, decision: Decision) -> bool:
        return not self._lost or self._lost.keys().isdisjoint(decision.streams)

    def _return(self, decision: Decision, group: _Group) -> None:
        self._lose(decision)
        group.returned.append(decision)

    def _lose(self, decision: Decision) -> None:
        """Streams that are lost already have been told of, and may have new state meanwhile."""
        for event in decision.events:
            self._lost.setdefault(event.originator_id, self._losses + 1)

    def _commit(self, group: _Group) -> Settled:
        appending = [decision for decision in group.standing if decision.append is not None]
        appended = iter(self._append(appending))
        told: list[Decision] = []
        for decision in group.standing:
            positions = () if decision.append is None else next(appended)
            if positions is None or not self._stands(decision):
                self._return(decision, group)
                continue
            if isinstance(positions, Exception):
                self._lose(decision)
                decision.outcome = positions
            else:
                decision.outcome = outcome_of(decision, self._store, positions)
            told.append(decision)
        return Settled(told, group.returned, *self._loss())

    def _loss(self) -> tuple[frozenset[str], int]:
        """What was lost with this group: the number is 0 where nothing was."""
        lost = frozenset(stream for stream, loss in self._lost.items() if loss > self._losses)
        if not lost:
            return lost, 0
        self._losses += 1
        return lost, self._losses

    def _append(self, decisions: Sequence[Decision]) -> list[Appended]:
        if not decisions:
            return []
        units = [decision.append for decision in decisions if decision.append is not None]
        begun = time.perf_counter()
        try:
            appended: list[Appended] = [*self._store.append_group(units)]
        except StoreUnavailable as error:
            return [error] * len(decisions)
        except Exception as error:  # noqa: BLE001 - handed to whoever sent what cannot be stored
            if len(decisions) == 1:
                if not isinstance(error, NotOwner):
                    _log.exception("append failed")
                return [error]
        else:
            events = sum(len(decision.events) for decision in decisions)
            self._on_commit(events, time.perf_counter() - begun)
            return appended
        return self._append_one_by_one(decisions)

    def _append_one_by_one(self, decisions: Sequence[Decision]) -> list[Appended]:
        """One of them cannot be stored; the others need not suffer for it."""
        appended: list[Appended] = []
        spoilt: set[str] = set()
        for decision in decisions:
            stands = spoilt.isdisjoint(decision.streams)
            (one,) = self._append([decision]) if stands else (None,)
            if one is None or isinstance(one, Exception):
                spoilt.update(event.originator_id for event in decision.events)
            appended.append(one)
        return appended


def outcome_of(decision: Decision, store: EventStore, positions: Positions = ()) -> object:
    """What its sender is told: of a unit that was not refused, where its events are."""
    if decision.outcome is not None or not isinstance(decision.asked, Unit):
        return decision.outcome
    recorded = tuple(map(RecordedEvent, positions, decision.events))
    try:
        return Receipt(recorded[-1].position if recorded else store.head(), recorded)
    except StoreUnavailable as error:
        return error
