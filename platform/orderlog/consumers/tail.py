"""One reader per process follows the log and hands each page of new events to its listeners."""

import threading
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from orderlog.eventstore.changes import SAFETY_READ_SECONDS, Watch
from orderlog.eventstore.errors import StoreError
from orderlog.eventstore.outage import Outage
from orderlog.eventstore.store import EventStore, RecordedEvent

PAGE_EVENTS_MAX: Final = 500
FAULT_PAUSE_SECONDS: Final = 0.5

Page = Sequence[RecordedEvent]
Listener = Callable[[Page], None]

_log = structlog.get_logger(__name__)


class Tail:
    """Reads from `position` on, decodes once, calls every listener in its own thread.

    A listener must not raise: it hands the page on to where the work is done. What cannot be
    decoded is left out for them and logged; nobody else is kept waiting for it.
    """

    def __init__(self, store: EventStore, listeners: Sequence[Listener], position: int) -> None:
        self.position = position
        self._store = store
        self._listeners = tuple(listeners)
        self._grown = threading.Event()
        self._stopped = threading.Event()
        self._forget = store.on_append(self._grown.set)
        self._watch = Watch(store)
        self._thread = threading.Thread(target=self._follow, name="orderlog-tail", daemon=True)

    def start(self) -> None:
        """From now on others who listen to the store hear of other processes' appends too."""
        self._thread.start()
        self._watch.start()

    def stop(self) -> None:
        self._forget()
        self._stopped.set()
        self._grown.set()
        self._watch.stop()
        self._thread.join()

    def _follow(self) -> None:
        outage = Outage("subscriptions")
        while not self._stopped.is_set():
            try:
                self._read_to_head()
            except StoreError as error:
                outage.met(error)
                self._stopped.wait(FAULT_PAUSE_SECONDS)
            except Exception:  # noqa: BLE001 - a tail outlives every fault and tries again
                _log.exception("tail cannot read the log", position=self.position)
                self._stopped.wait(FAULT_PAUSE_SECONDS)
            else:
                outage.over()
            self._grown.wait(SAFETY_READ_SECONDS)
            self._grown.clear()

    def _read_to_head(self) -> None:
        while not self._stopped.is_set() and self._has_read():
            pass

    def _has_read(self) -> bool:
        page, unreadable = self._store.readable(self.position, PAGE_EVENTS_MAX)
        if page:
            self.position = page[-1].position
            for listener in self._listeners:
                listener(page)
        if unreadable is not None:
            self.position = unreadable.position
            _log.error("subscribers are not told of an event", **unreadable._asdict())
        return bool(page) or unreadable is not None
