"""Live fan-out of the log: each subscriber hears of its topic only, through a bounded queue."""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple

from orderlog.consumers.following import Reading, SubscriberTooSlow, follow
from orderlog.consumers.tail import Page
from orderlog.domain.aggregate import Event
from orderlog.domain.related import order_of
from orderlog.eventstore.store import EventStore, RecordedEvent

QUEUED_EVENTS_MAX: Final = 256
HISTORY_PAGE_EVENTS: Final = 500
PAGES_WAITING_MAX: Final = 8
TURN_DELIVERIES: Final = 2_000
"""So many deliveries, then the event loop may do something else: about a millisecond."""

Wanted = Callable[[RecordedEvent], bool]
History = Callable[[int, int], Sequence[RecordedEvent]]
"""`(after, limit)` → the next wanted events of the past, in order; empty at the end."""


class Topic(NamedTuple):
    """What a subscriber listens to: the hub finds its subscribers by it, without asking each."""

    kind: str
    key: str = ""


EVERYTHING: Final = Topic("everything")


def order_topic(order_id: str) -> Topic:
    """An order, its payments and its process."""
    return Topic("order", order_id)


def topics_of(event: Event) -> tuple[Topic, ...]:
    order_id = order_of(event)
    return (EVERYTHING,) if order_id is None else (EVERYTHING, order_topic(order_id))


def every(_: RecordedEvent) -> bool:
    return True


class Subscriber:
    """A bounded queue between the hub and one reader, from a position of the hub on.

    Thousands of them are idle, and cost next to nothing then.
    """

    __slots__ = ("_is_overflown", "_queue", "_waiting", "_wanted", "position")

    def __init__(self, position: int, wanted: Wanted) -> None:
        self.position = position
        self._wanted = wanted
        self._queue: list[RecordedEvent] = []
        self._waiting: asyncio.Future[None] | None = None
        self._is_overflown = False

    @property
    def has_more(self) -> bool:
        return bool(self._queue)

    def push(self, event: RecordedEvent) -> None:
        if not self._wanted(event):
            return
        self._is_overflown = self._is_overflown or len(self._queue) >= QUEUED_EVENTS_MAX
        if not self._is_overflown:
            self._queue.append(event)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def items(self) -> AsyncGenerator[RecordedEvent]:
        """What has been heard, then what is new. Raises `SubscriberTooSlow`."""
        last = self.position
        while True:
            while self._queue:
                event = self._queue.pop(0)
                last = event.position
                yield event
            if self._is_overflown:
                raise SubscriberTooSlow(last)
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting


class Hub:
    """All subscribers of one process. Lives on one event loop; `publish` comes from the tail."""

    def __init__(self, store: EventStore, position: int) -> None:
        self.position = position
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._subscribers: dict[Topic, set[Subscriber]] = {}
        self._pages: deque[Iterator[RecordedEvent]] = deque()
        self._room = threading.Semaphore(PAGES_WAITING_MAX)

    def publish(self, page: Page) -> None:
        """A listener of the tail; waits while the event loop cannot keep up."""
        self._room.acquire()
        self._loop.call_soon_threadsafe(self._arrive, page)

    def _arrive(self, page: Page) -> None:
        self._pages.append(iter(page))
        if len(self._pages) == 1:
            self._deliver()

    def _deliver(self) -> None:
        """Pages in slices: readers and requests have their turns in between."""
        deliveries = 0
        for event in self._pages[0]:
            deliveries += self._hand_out(event)
            if deliveries >= TURN_DELIVERIES:
                break
        else:
            self._pages.popleft()
            self._room.release()
        if self._pages:
            self._loop.call_soon(self._deliver)

    def _hand_out(self, recorded: RecordedEvent) -> int:
        """To how many, counting the event itself."""
        count = 1
        for topic in topics_of(recorded.event):
            subscribers = self._subscribers.get(topic, ())
            count += len(subscribers)
            for subscriber in subscribers:
                subscriber.push(recorded)
        self.position = recorded.position
        return count

    @property
    def newest(self) -> int:
        """The last position that is known here, although the tail may not have come to it."""
        return max(self.position, self._store.recent.newest)

    @property
    def subscriber_count(self) -> int:
        return sum(map(len, self._subscribers.values()))

    @asynccontextmanager
    async def listen(self, topic: Topic, wanted: Wanted = every) -> AsyncGenerator[Subscriber]:
        subscriber = Subscriber(self.position, wanted)
        self._subscribers.setdefault(topic, set()).add(subscriber)
        try:
            yield subscriber
        finally:
            self._subscribers[topic].discard(subscriber)
            if not self._subscribers[topic]:
                del self._subscribers[topic]

    def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        """The next page of the whole log. Blocking."""
        return self._store.page(after, limit)

    def events(
        self, topic: Topic, after: int | None, history: History | None = None
    ) -> AsyncGenerator[RecordedEvent]:
        """All of a topic. Raises `SubscriberTooSlow` when the reader falls too far behind."""
        return follow(self.source(topic, history), after, Reading())

    def source(
        self, topic: Topic, history: History | None = None, wanted: Wanted = every
    ) -> "EventSource":
        """`history` reads the past of the topic; without it the whole log is sifted.

        `wanted` is asked about what the topic cannot tell.
        """
        return EventSource(self, topic, history or self.read, wanted)


@dataclass(frozen=True, slots=True)
class EventSource:
    """The events of one topic that are wanted, to be followed."""

    hub: Hub
    topic: Topic
    history: History
    wanted: Wanted

    @property
    def position(self) -> int:
        return self.hub.position

    @property
    def newest(self) -> int:
        return self.hub.newest

    def listen(self) -> AbstractAsyncContextManager[Subscriber]:
        return self.hub.listen(self.topic, self.wanted)

    async def past(self, after: int, until: int) -> AsyncGenerator[RecordedEvent]:
        while after < until:
            page = await asyncio.to_thread(self.history, after, HISTORY_PAGE_EVENTS)
            for recorded in page:
                if recorded.position > until:
                    return
                if self.topic in topics_of(recorded.event) and self.wanted(recorded):
                    yield recorded
            after = page[-1].position if page else until
