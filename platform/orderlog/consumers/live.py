"""Live fan-out: every subscriber has a bounded queue, is resumed from a position, loses nothing.

To resume, a subscriber registers first, so that new events are buffered; then reads history up to
where the hub stood; then goes on with the buffer. No event is missed and none comes twice.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Final

from orderlog.consumers.tail import Page
from orderlog.eventstore.store import EventStore, RecordedEvent

QUEUED_EVENTS_MAX: Final = 256
HISTORY_PAGE_EVENTS: Final = 500

Wanted = Callable[[RecordedEvent], bool]
History = Callable[[int, int], Sequence[RecordedEvent]]
"""`(after, limit)` → the next wanted events of the past, in order; empty at the end."""


class SubscriberTooSlow(Exception):
    """The queue overflowed. Nothing is lost: subscribe again after `position`."""

    def __init__(self, position: int) -> None:
        super().__init__(f"Too many events were waiting; go on after position {position}.")
        self.position = position


class Subscriber:
    """A bounded queue between the hub and one reader."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self._queue: deque[RecordedEvent] = deque()
        self._filled = asyncio.Event()
        self._is_overflown = False

    def push(self, event: RecordedEvent) -> None:
        self._is_overflown = self._is_overflown or len(self._queue) >= QUEUED_EVENTS_MAX
        if not self._is_overflown:
            self._queue.append(event)
        self._filled.set()

    async def next_batch(self) -> list[RecordedEvent]:
        """What has arrived, at least one event; empty once the queue has overflown."""
        while not self._queue and not self._is_overflown:
            self._filled.clear()
            await self._filled.wait()
        batch = list(self._queue)
        self._queue.clear()
        return batch


class Hub:
    """All subscribers of one process. Lives on one event loop; `publish` comes from the tail."""

    def __init__(self, store: EventStore, position: int) -> None:
        self.position = position
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._subscribers: set[Subscriber] = set()

    def publish(self, page: Page) -> None:
        """A listener of the tail: one call into the event loop per page."""
        self._loop.call_soon_threadsafe(self._deliver, page)

    def _deliver(self, page: Page) -> None:
        for subscriber in tuple(self._subscribers):
            for event in page:
                if subscriber.wanted(event):
                    subscriber.push(event)
        self.position = page[-1].position

    @property
    def subscriber_count(self) -> int:
        return len(self._subscribers)

    async def events(
        self, wanted: Wanted, after: int | None, history: History | None = None
    ) -> AsyncGenerator[RecordedEvent]:
        """Wanted events after a position (None: only what is new), history first, then live.

        Raises `SubscriberTooSlow` when the reader falls too far behind.
        """
        subscriber = Subscriber(wanted)
        self._subscribers.add(subscriber)
        sent = live_from = self.position
        try:
            if after is not None:
                sent = after
                async for event in self._past(wanted, after, live_from, history):
                    yield event
                    sent = event.position
            sent = max(sent, live_from)
            while batch := await subscriber.next_batch():
                for event in batch:
                    if event.position > sent:
                        yield event
                        sent = event.position
            raise SubscriberTooSlow(sent)
        finally:
            self._subscribers.discard(subscriber)

    async def _past(
        self, wanted: Wanted, after: int, until: int, history: History | None
    ) -> AsyncGenerator[RecordedEvent]:
        read = history or self._store.page
        while after < until:
            page = await asyncio.to_thread(read, after, HISTORY_PAGE_EVENTS)
            if not page:
                return
            for event in page:
                if event.position > until:
                    return
                if wanted(event):
                    yield event
            after = page[-1].position
