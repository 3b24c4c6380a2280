"""Drives the stories by the event log: each event at least once, those of one order in sequence.

Orders are worked on side by side, so that the writer finds many commands to group. The checkpoint
stands before the first event that is not handled yet; after a crash the ones behind it come again,
and the stories know what they have done.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, TypeAlias, TypeVar

import structlog

from orderlog.application.metadata import utc_now
from orderlog.domain.aggregate import Event
from orderlog.domain.related import order_of
from orderlog.eventstore.claims import Claim, NotOwner
from orderlog.eventstore.codec import EventCodec
from orderlog.eventstore.errors import StoreError, StoreUnavailable
from orderlog.eventstore.outage import Outage
from orderlog.eventstore.store import EventStore
from orderlog.processes.deadlines import Alarm, Changes, DeadlineBook, DeadlineKey, wait
from orderlog.processes.lanes import ORDERS_AT_ONCE_MAX, Lanes
from orderlog.processes.story import Backoff, Deadlines, Story, code_of, is_retryable

CONSUMER: Final = "processes"
PAGE_EVENTS_MAX: Final = 500
SAFETY_READ_SECONDS: Final = 1.0
CHECKPOINT_SECONDS: Final = 0.25
CAUSAL_CHAIN_MAX: Final = 32
FAULT_PAUSE_SECONDS: Final = 0.5
REACTION_RETRIES: Final = Backoff(first_seconds=0.05, longest_seconds=2.0, attempts_max=5)

T = TypeVar("T")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event of the log, on its way to the stories that react to it."""

    position: int
    event: Event


Work: TypeAlias = Delivery | Alarm


class ProcessRunner:
    """Belongs to one event loop. One at a time does a log's work, or all would be tried twice.

    `error` is what made it stop: something that could not even be marked as stuck.
    """

    def __init__(
        self,
        store: EventStore,
        stories: Sequence[Story],
        *,
        orders_at_once_max: int = ORDERS_AT_ONCE_MAX,
        retries: Backoff = REACTION_RETRIES,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.error: Exception | None = None
        self._store = store
        self._codec = EventCodec()
        self._retries = retries
        self._now = now
        self._stories = {story.name: story for story in stories}
        self._reacting = routes(stories)
        self._lanes = Lanes(self._work, orders_at_once_max)
        self._read_to = 0
        self._unhandled: dict[int, None] = {}
        self._deadlines = DeadlineBook({})
        self._written_to = 0
        self._grown = asyncio.Event()
        self._progress = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._claim: Claim | None = None
        self._forget: Callable[[], None] = _nothing
        self._outage = Outage(CONSUMER)

    @property
    def position(self) -> int:
        """Every event up to here is handled."""
        return next(iter(self._unhandled), self._read_to + 1) - 1

    @property
    def in_flight(self) -> int:
        """How many events wait here for a reaction, or are reacted to."""
        return self._lanes.waiting

    @property
    def claim(self) -> Claim | None:
        """Under which it works, where several processes may."""
        return self._claim

    @property
    def is_running(self) -> bool:
        """Whether it is here that the log's work is done."""
        return bool(self._tasks)

    async def start(self, claim: Claim | None = None) -> None:
        """Goes on where the checkpoint stands, for as long as the claim holds, where there is one.

        May be called again after `stop`.
        """
        self._read_to = self._written_to = await asyncio.to_thread(self._store.checkpoint, CONSUMER)
        known = await asyncio.to_thread(self._store.deadlines, CONSUMER)
        self._deadlines, self._unhandled = DeadlineBook(known), {}
        self._claim, self.error = claim, None
        loop = asyncio.get_running_loop()
        self._forget = self._store.on_append(lambda: loop.call_soon_threadsafe(self._grown.set))
        duties = (self._follow, self._ring, self._keep_checkpoint)
        self._tasks = [asyncio.create_task(self._perform(duty)) for duty in duties]

    async def stop(self) -> None:
        """Lets go of what is not handled yet; the next start takes it up again."""
        self._forget()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._lanes.stop()
        try:
            if self._tasks:
                await self._write_checkpoint()
        except NotOwner as lost:
            _log.warning("processes are another's now", cause=str(lost))
        finally:
            self._tasks.clear()
        if isinstance(self.error, NotOwner):
            self.error = None

    async def settled(self, position: int = 0) -> None:
        """Returns when all events up to the position are handled, and all that they caused.

        What waits for a deadline waits on. Raises what the runner stopped for. Where another
        process does the work, its checkpoint tells.
        """
        if not self.is_running:
            await self._settled_elsewhere(position)
            return
        for _ in range(CAUSAL_CHAIN_MAX):
            # First the calm, then the head: a reaction that ends in between has written behind it.
            is_calm, handled = self._lanes.is_idle, self.position
            head = max(position, await asyncio.to_thread(self._store.head))
            if is_calm and handled >= head:
                break
            if not self._lanes.is_idle:
                await self._next_progress()
            while self.position < head:
                await self._next_progress()
        self._raise_error()

    async def _settled_elsewhere(self, position: int) -> None:
        for _ in range(CAUSAL_CHAIN_MAX):
            head = await asyncio.to_thread(self._store.head)
            if await self.reached() >= max(head, position):
                return
            while await self.reached() < max(head, position):  # noqa: ASYNC110 - of another process
                await asyncio.sleep(CHECKPOINT_SECONDS)

    async def reached(self) -> int:
        """As `position`; where another process does the work, what it has written down."""
        if self.is_running:
            return self.position
        return await asyncio.to_thread(self._store.checkpoint, CONSUMER)

    async def _next_progress(self) -> None:
        self._raise_error()
        self._progress.clear()
        await self._progress.wait()

    def _raise_error(self) -> None:
        if self.error is not None:
            raise self.error

    async def _perform(self, duty: Callable[[], Awaitable[None]]) -> None:
        """A database that is away comes back; an event that nobody can read stays what it is."""
        while self.error is None:
            try:
                await duty()
            except StoreUnavailable as error:
                self._outage.met(error)
                await asyncio.sleep(FAULT_PAUSE_SECONDS)
            except StoreError as error:
                self._fail(error)
            except Exception:  # noqa: BLE001 - whatever a driver raises
                _log.exception("processes cannot reach the log", position=self.position)
                await asyncio.sleep(FAULT_PAUSE_SECONDS)

    def _fail(self, error: Exception) -> None:
        """The checkpoint stays before what could not be handled."""
        if isinstance(error, NotOwner):
            _log.warning("processes are another's now", cause=str(error))
        else:
            _log.error("processes have stopped", position=self.position, exc_info=error)
        self.error = self.error or error
        self._progress.set()

    # --- from the log into the lanes ---

    async def _follow(self) -> None:
        while self.error is None:
            self._grown.clear()
            has_more = await self._read_on()
            self._progress.set()
            if has_more:
                await self._lanes.room()
            else:
                await wait(self._grown, SAFETY_READ_SECONDS)

    async def _read_on(self) -> bool:
        """Whether there may be more to read: what was committed here needs no database."""
        recent = self._store.recent
        if known := recent.after(self._read_to, PAGE_EVENTS_MAX):
            for position, event in known:
                self._deliver(position, event)
            await asyncio.sleep(0)  # lanes take their turn
            return self._store.is_shared or self._read_to < recent.newest
        page = await asyncio.to_thread(self._store.page_stored, self._read_to, PAGE_EVENTS_MAX)
        self._outage.over()
        for stored in page:
            if stored.topic in self._reacting:
                self._deliver(stored.id, self._codec.to_domain_event(stored))
            self._read_to = stored.id
        return bool(page)

    def _deliver(self, position: int, event: Event) -> None:
        if event.TOPIC in self._reacting:
            self._unhandled[position] = None
            self._lanes.put(order_of(event) or event.originator_id, Delivery(position, event))
        self._read_to = position

    async def _ring(self) -> None:
        """Puts each deadline that has come behind the events of its order."""
        while self.error is None:
            now = self._now()
            for alarm in self._deadlines.take_due(now):
                self._lanes.put(DeadlineKey.parse(alarm.key).order_id, alarm)
            await self._deadlines.next_due(now)

    # --- in a lane ---

    async def _work(self, work: Work) -> None:
        if self.error is not None:
            return
        try:
            if isinstance(work, Delivery):
                await self._react(work)
            else:
                await self._wake(work)
        except Exception as error:  # noqa: BLE001 - shown to whoever waits, and stops the work
            self._fail(error)
        self._progress.set()

    async def _react(self, delivery: Delivery) -> None:
        event = delivery.event
        order_id = order_of(event) or event.originator_id
        for story in self._reacting[event.TOPIC]:
            await self._attempt(story, order_id, event, _reaction(story, event))
        del self._unhandled[delivery.position]

    async def _wake(self, alarm: Alarm) -> None:
        key = DeadlineKey.parse(alarm.key)
        story = self._stories.get(key.story)
        if story is not None:
            await self._attempt(story, key.order_id, None, _awakening(story, key))
        self._deadlines.done(alarm)

    async def _attempt(
        self,
        story: Story,
        order_id: str,
        event: Event | None,
        reaction: Callable[[Deadlines], Awaitable[None]],
    ) -> None:
        """Tries again where that may do; what remains impossible is left to an operator."""
        for attempt in range(1, self._retries.attempts_max + 1):
            try:
                wanted = await self._outlast(lambda: _wanted(reaction))
            except NotOwner:
                raise
            except Exception as error:  # noqa: BLE001 - tried again, or left to an operator
                is_last = attempt == self._retries.attempts_max or not is_retryable(error)
                _log.warning("reaction failed", story=story.name, order=order_id, exc_info=is_last)
                if is_last:
                    await self._outlast(partial(story.give_up, order_id, event, code_of(error)))
                    return
                await asyncio.sleep(self._retries.pause_seconds(attempt, order_id))
            else:
                for what, due_at in wanted.items():
                    self._deadlines.change(str(DeadlineKey(story.name, order_id, what)), due_at)
                return

    async def _outlast(self, act: Callable[[], Awaitable[T]]) -> T:
        """A database that is away is nobody's failure: waits, for as long as it takes."""
        while True:
            try:
                return await act()
            except StoreUnavailable as error:
                self._outage.met(error)
                await asyncio.sleep(FAULT_PAUSE_SECONDS)

    # --- what survives a restart ---

    async def _keep_checkpoint(self) -> None:
        while True:
            await asyncio.sleep(CHECKPOINT_SECONDS)
            await self._write_checkpoint()

    async def _write_checkpoint(self) -> None:
        """In one transaction with the deadlines that were set and cleared on the way."""
        position, changes = self.position, self._deadlines.unwritten
        if position == self._written_to and not changes:
            return
        self._deadlines.unwritten = {}
        try:
            await asyncio.to_thread(
                self._store.move_checkpoint,
                CONSUMER,
                position,
                set_deadlines=[(key, due_at) for key, due_at in changes.items() if due_at],
                clear_deadlines=[key for key, due_at in changes.items() if due_at is None],
                claim=self._claim,
            )
        except BaseException:
            self._deadlines.unwritten = changes | self._deadlines.unwritten
            raise
        self._written_to = position


def routes(stories: Sequence[Story]) -> dict[str, tuple[Story, ...]]:
    """Which stories react to an event, by its topic, in the order in which they are given."""
    topics = {event.TOPIC for story in stories for event in story.reacts_to}
    return {
        topic: tuple(
            story for story in stories if topic in {event.TOPIC for event in story.reacts_to}
        )
        for topic in topics
    }


async def _wanted(reaction: Callable[[Deadlines], Awaitable[None]]) -> Changes:
    """The deadlines that a reaction wants, once it is done."""
    deadlines = Deadlines()
    await reaction(deadlines)
    return deadlines.wanted


def _reaction(story: Story, event: Event) -> Callable[[Deadlines], Awaitable[None]]:
    return lambda deadlines: story.react(event, deadlines)


def _awakening(story: Story, key: DeadlineKey) -> Callable[[Deadlines], Awaitable[None]]:
    return lambda deadlines: story.due(key.order_id, key.what, deadlines)


def _nothing() -> None:
    """Before the start there is nothing to forget."""
