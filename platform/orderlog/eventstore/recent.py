"""What this process has committed last: readers close to the end of the log need not decode it."""

import threading
from collections.abc import Sequence
from itertools import islice
from typing import Final, NamedTuple

from orderlog.domain.aggregate import Event

REMEMBERED_EVENTS_MAX: Final = 4_096


class RecordedEvent(NamedTuple):
    """An event with its position in the whole log (1…, in commit order, gaps allowed)."""

    position: int
    event: Event


class RecentEvents:
    """Committed events by position. Thread-safe.

    A reader is given what follows its position without a gap, and nothing beyond one: there may be
    events of other processes in it, which only the database knows.
    """

    def __init__(self) -> None:
        self.newest = 0
        """The last position that this process has written."""
        self._events: dict[int, RecordedEvent] = {}
        self._lock = threading.Lock()

    def remember(self, positions: Sequence[int], events: Sequence[Event]) -> None:
        if not positions:
            return
        recorded = map(RecordedEvent, positions, events)
        with self._lock:
            self.newest = max(self.newest, *positions)
            self._events.update(zip(positions, recorded, strict=True))
            too_many = len(self._events) - REMEMBERED_EVENTS_MAX
            for position in list(islice(self._events, max(0, too_many))):
                del self._events[position]

    def forget(self) -> None:
        """From here on readers are given what the database holds, as those elsewhere are."""
        with self._lock:
            self._events.clear()

    def after(self, position: int, limit: int) -> list[RecordedEvent]:
        """What follows a position, up to the first event that is not known here; maybe nothing."""
        found: list[RecordedEvent] = []
        while len(found) < limit:
            position += 1
            recorded = self._events.get(position)
            if recorded is None:
                break
            found.append(recorded)
        return found
