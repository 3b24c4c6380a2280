"""The aggregates that the writer works on: the newest state of each, committed or about to be."""

from collections import OrderedDict
from collections.abc import Iterable

from orderlog.application.snapshots import Snapshots
from orderlog.domain.aggregate import Aggregate, Event
from orderlog.domain.routing import rebuild


class Aggregates:
    """Owned by the writer's thread; keeps the `count_max` most recently used in memory.

    Events that are decided but not yet committed are known here too, so that an aggregate can be
    rebuilt in the middle of a batch.
    """

    def __init__(self, snapshots: Snapshots, count_max: int) -> None:
        self._snapshots = snapshots
        self._count_max = count_max
        self._kept: OrderedDict[str, Aggregate] = OrderedDict()
        self._uncommitted: dict[str, list[Event]] = {}

    def get(self, stream_id: str) -> Aggregate | None:
        """The newest state, or None where the stream does not exist."""
        aggregate = self._kept.get(stream_id)
        if aggregate is None:
            return self._rebuild(stream_id)
        self._kept.move_to_end(stream_id)
        return aggregate

    def _rebuild(self, stream_id: str) -> Aggregate | None:
        committed = self._snapshots.load(stream_id)
        aggregate = rebuild(self._uncommitted.get(stream_id, ()), committed)
        if aggregate is not None:
            self.keep(stream_id, aggregate)
        return aggregate

    def keep(self, stream_id: str, aggregate: Aggregate) -> None:
        self._kept[stream_id] = aggregate
        self._kept.move_to_end(stream_id)

    def decided(self, events: Iterable[Event]) -> None:
        """These events will be in the next commit."""
        for event in events:
            self._uncommitted.setdefault(event.originator_id, []).append(event)

    def committed(self) -> None:
        """All that was decided is durable; what was not used for long is forgotten."""
        self._uncommitted.clear()
        while len(self._kept) > self._count_max:
            self._kept.popitem(last=False)

    def rolled_back(self) -> None:
        """Nothing of what was decided is durable: forget the state that grew out of it."""
        self.forget(self._uncommitted)
        self._uncommitted.clear()

    def forget(self, stream_ids: Iterable[str]) -> None:
        for stream_id in stream_ids:
            self._kept.pop(stream_id, None)
