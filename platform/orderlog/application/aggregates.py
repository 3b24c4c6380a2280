"""The aggregates that the writer works on: the newest state of each, committed or about to be."""

from collections import OrderedDict, deque
from collections.abc import Collection, Iterable
from typing import Final

from orderlog.application.snapshots import Snapshots
from orderlog.domain.aggregate import Aggregate, Event
from orderlog.domain.routing import rebuild
from orderlog.eventstore.store import EventStore

CAUGHT_UP_EVENTS_MAX: Final = 2_000


class Aggregates:
    """Owned by the deciding thread; keeps the `count_max` most recently used in memory.

    Events that are decided but not yet committed are known here too, so that an aggregate can be
    rebuilt while they are on their way.
    """

    def __init__(self, store: EventStore, snapshots: Snapshots, count_max: int) -> None:
        self._store = store
        self._snapshots = snapshots
        self._count_max = count_max
        self._kept: OrderedDict[str, Aggregate] = OrderedDict()
        self._on_their_way: dict[str, deque[Event]] = {}

    def knows(self, stream_id: str) -> bool:
        return stream_id in self._kept or stream_id in self._on_their_way

    def are_durable(self, stream_ids: Collection[str]) -> bool:
        """Whether the newest state of all of these is in the log."""
        return self._on_their_way.keys().isdisjoint(stream_ids)

    def get(self, stream_id: str) -> Aggregate | None:
        """The newest state, or None where the stream does not exist."""
        aggregate = self._kept.get(stream_id)
        if aggregate is None:
            return self._rebuild(stream_id)
        self._kept.move_to_end(stream_id)
        return aggregate

    def _rebuild(self, stream_id: str) -> Aggregate | None:
        """What is on its way is noted before we read: by then it may be in the log."""
        on_its_way = [*self._on_their_way.get(stream_id, ())]
        aggregate = self._snapshots.load(stream_id)
        version = aggregate.version if aggregate else 0
        aggregate = rebuild((e for e in on_its_way if e.originator_version > version), aggregate)
        if aggregate is not None:
            self.keep(stream_id, aggregate)
        return aggregate

    def catch_up(self, stream_ids: Collection[str]) -> None:
        """Brings these to where the log is, all at once; what has events on its way stays.

        Where that is more than fits into one answer, the rest is left to `get`.
        """
        wanted = [one for one in stream_ids if one not in self._on_their_way]
        missing = [stream_id for stream_id in wanted if stream_id not in self._kept]
        if len(missing) == len(wanted) <= 1:
            return
        for aggregate in self._snapshots.newest(missing):
            self.keep(aggregate.id, aggregate)
        versions = {one: self._kept[one].version if one in self._kept else 0 for one in wanted}
        page = self._store.streams(versions, CAUGHT_UP_EVENTS_MAX)
        for recorded in page:
            self._advance(recorded.event)
        self._snapshots.were_read(recorded.event for recorded in page)
        if len(page) == CAUGHT_UP_EVENTS_MAX:
            self.forget(versions)

    def _advance(self, event: Event) -> None:
        aggregate = rebuild([event], self._kept.get(event.originator_id))
        if aggregate is not None:
            self.keep(event.originator_id, aggregate)

    def keep(self, stream_id: str, aggregate: Aggregate) -> None:
        self._kept[stream_id] = aggregate
        self._kept.move_to_end(stream_id)

    def decided(self, events: Iterable[Event]) -> None:
        """These events are on their way into the log."""
        for event in events:
            self._on_their_way.setdefault(event.originator_id, deque()).append(event)

    def committed(self, events: Iterable[Event]) -> None:
        """These events are durable; what was not used for long is forgotten."""
        for event in events:
            waiting = self._on_their_way.get(event.originator_id)
            while waiting and waiting[0].originator_version <= event.originator_version:
                waiting.popleft()
            if waiting is not None and not waiting:
                del self._on_their_way[event.originator_id]
        while len(self._kept) > self._count_max:
            self._kept.popitem(last=False)

    def lost(self, stream_ids: Iterable[str]) -> None:
        """What was on its way into these never arrived."""
        for stream_id in stream_ids:
            self._on_their_way.pop(stream_id, None)
            self._kept.pop(stream_id, None)

    def forget(self, stream_ids: Iterable[str]) -> None:
        """The state of these is spoilt: it is rebuilt when it is needed."""
        for stream_id in stream_ids:
            self._kept.pop(stream_id, None)
