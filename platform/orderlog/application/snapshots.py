"""Snapshots of long streams, made out of band: whatever goes wrong here, no command fails."""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import structlog

from orderlog.domain.aggregate import Aggregate, Event
from orderlog.domain.routing import rebuild
from orderlog.eventstore.snapshots import SnapshotTable
from orderlog.eventstore.store import EventStore

EVENTS_PER_SNAPSHOT: Final = 32  # reading these takes less than three times as long as ten
STREAMS_DUE_MAX: Final = 1_000
PAUSE_SECONDS_MIN: Final = 1.0
REST_FACTOR: Final = 20  # rests so many times as long as it worked: at most a twentieth of a core

_log = structlog.get_logger(__name__)


class Snapshots:
    """One thread, which reads what is committed and nothing else; `close` it.

    A stream is due when it has grown by `EVENTS_PER_SNAPSHOT`, or when that many had to be read.
    What is due beyond `STREAMS_DUE_MAX` is forgotten until it is due again.
    """

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._table = SnapshotTable(store)
        self._due: set[str] = set()
        self._due_lock = threading.Lock()
        self._has_complained = False
        self._is_any_due, self._closed = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="orderlog-snapshots", daemon=True)
        self._thread.start()

    def load(self, stream_id: str) -> Aggregate | None:
        """The aggregate as the log has it; None where there is no such stream."""
        aggregate, events_read = self._load(stream_id)
        if events_read >= EVENTS_PER_SNAPSHOT:
            self._want(stream_id)
        return aggregate

    def newest(self, stream_ids: Sequence[str]) -> list[Aggregate]:
        """The snapshots that there are of these streams: what came after them is not in them."""
        try:
            return self._table.newest(stream_ids) if stream_ids else []
        except Exception as error:  # noqa: BLE001 - a snapshot is never needed
            self._complain(error)
            return []

    def were_read(self, events: Iterable[Event]) -> None:
        """Remembers the streams of which so many events had to be read."""
        for stream_id, count in Counter(event.originator_id for event in events).items():
            if count >= EVENTS_PER_SNAPSHOT:
                self._want(stream_id)

    def _load(self, stream_id: str) -> tuple[Aggregate | None, int]:
        try:
            return self._table.load(stream_id)
        except Exception as error:  # noqa: BLE001 - a snapshot is never needed
            aggregate = rebuild(recorded.event for recorded in self._store.stream(stream_id))
            self._complain(error)
            return aggregate, aggregate.version if aggregate else 0

    def committed(self, events: Iterable[Event]) -> None:
        """Remembers which streams have become due by these events."""
        for event in events:
            if not event.originator_version % EVENTS_PER_SNAPSHOT:
                self._want(event.originator_id)

    def make(self, stream_ids: Iterable[str]) -> None:
        """Keeps snapshots of these streams, those that have changed since their last."""
        loaded = map(self._load, stream_ids)
        self._table.keep([aggregate for aggregate, read in loaded if aggregate and read])

    def close(self) -> None:
        """What is still due is left for the next who reads it."""
        self._closed.set()
        self._is_any_due.set()
        self._thread.join()

    def _want(self, stream_id: str) -> None:
        with self._due_lock:
            if len(self._due) < STREAMS_DUE_MAX:
                self._due.add(stream_id)
        self._is_any_due.set()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._is_any_due.wait()
            self._is_any_due.clear()
            started_at = time.perf_counter()
            self._make_what_is_due()
            worked = time.perf_counter() - started_at
            self._closed.wait(max(PAUSE_SECONDS_MIN, worked * REST_FACTOR))

    def _make_what_is_due(self) -> None:
        with self._due_lock:
            due, self._due = self._due, set()
        try:
            self.make(due)
            self._has_complained = False
        except Exception as error:  # noqa: BLE001 - out of band: the next that is due tries again
            self._complain(error)

    def _complain(self, error: Exception) -> None:
        """Once, until snapshots can be made again."""
        if not self._has_complained:
            _log.warning("snapshots cannot be used; all events are read", cause=str(error))
        self._has_complained = True
