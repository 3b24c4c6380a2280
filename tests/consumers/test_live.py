"""Following the log live: history, then what is new; no gap, no duplicate, no slow neighbour."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager

import pytest

from orderlog.consumers.following import Part, Reading, SubscriberTooSlow, follow
from orderlog.consumers.live import EVERYTHING, QUEUED_EVENTS_MAX, Hub, order_topic
from orderlog.consumers.tail import Tail
from orderlog.eventstore.store import EventStore, RecordedEvent, open_store
from tests.support.events import note

PATIENCE_SECONDS = 10


@pytest.fixture
def store(database_url: str) -> Iterator[EventStore]:
    store = open_store(database_url)
    yield store
    store.close()


@asynccontextmanager
async def followed(store: EventStore) -> AsyncGenerator[Hub]:
    hub = Hub(store, store.head())
    tail = Tail(store, [hub.publish], hub.position)
    tail.start()
    try:
        yield hub
    finally:
        await asyncio.to_thread(tail.stop)


async def collect(hub: Hub, count: int, after: int | None, order_id: str = "1") -> list[int]:
    """The versions of the next `count` events of an order."""
    versions: list[int] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        async for recorded in hub.events(order_topic(order_id), after):
            versions.append(recorded.event.originator_version)
            if len(versions) == count:
                break
    return versions


async def drain(events: AsyncGenerator[RecordedEvent], seen: list[int]) -> None:
    async for recorded in events:
        seen.append(recorded.position)  # noqa: PERF401 - what was seen before the end counts


async def test_history_is_followed_by_what_is_new(store: EventStore) -> None:
    store.append([note("order-1", version) for version in range(1, 4)])
    async with followed(store) as hub:
        collecting = asyncio.create_task(collect(hub, 5, after=0))
        await asyncio.sleep(0.05)
        store.append([note("order-1", 4), note("order-1", 5)])
        assert await collecting == [1, 2, 3, 4, 5]


async def test_events_of_another_process_arrive_too(store: EventStore, database_url: str) -> None:
    other = open_store(database_url)
    async with followed(store) as hub:
        collecting = asyncio.create_task(collect(hub, 1, after=None))
        await asyncio.sleep(0.05)
        other.append([note("order-1", 1)])
        assert await collecting == [1]
    other.close()


async def test_without_a_position_only_what_is_new_comes(store: EventStore) -> None:
    store.append([note("order-1", 1)])
    async with followed(store) as hub:
        collecting = asyncio.create_task(collect(hub, 1, after=None))
        await asyncio.sleep(0.05)
        store.append([note("order-1", 2)])
        assert await collecting == [2]


async def test_what_is_durable_but_not_yet_told_belongs_to_the_live_part(store: EventStore) -> None:
    """Those who share what is live read their past alone: each event is in one of the two."""
    store.append([note("order-1", 1)])
    hub = Hub(store, store.head())
    store.append([note("order-1", 2)])
    source, begun = hub.source(order_topic("1")), asyncio.Event()
    async with aclosing(follow(source, None, Reading(Part.LIVE, begin=begun.set))) as live:
        hearing = asyncio.ensure_future(anext(live))
        await begun.wait()
        past = [one.position async for one in follow(source, 1, Reading(Part.PAST))]
        hub.publish(store.page(1))
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert [*past, (await hearing).position] == [2]


async def test_a_subscriber_that_returns_misses_nothing_and_sees_nothing_twice(
    store: EventStore,
) -> None:
    async with followed(store) as hub:
        seen: list[int] = []

        async def read_some(count: int) -> None:
            async with asyncio.timeout(PATIENCE_SECONDS):
                async for recorded in hub.events(EVERYTHING, after=last_position()):
                    seen.append(recorded.position)
                    if len(seen) >= count:
                        return

        def last_position() -> int:
            return seen[-1] if seen else 0

        async def write() -> None:
            for version in range(1, 201):
                await asyncio.to_thread(store.append, [note("order-1", version)])

        writing = asyncio.create_task(write())
        for count in (20, 50, 51, 120, 200):
            await read_some(count)
        await writing
        assert seen == [recorded.position for recorded in store.page(0)]


async def test_a_topic_lets_only_its_own_through(store: EventStore) -> None:
    store.append([note("order-1", 1), note("order-2", 1), note("order-1", 2)])
    async with followed(store) as hub:
        assert await collect(hub, 2, after=0, order_id="1") == [1, 2]


async def test_who_is_too_slow_is_told_where_to_go_on_and_others_are_not_slowed(
    store: EventStore,
) -> None:
    async with followed(store) as hub:
        slow = hub.events(EVERYTHING, after=0)
        store.append([note("order-1", 1)])
        first = await anext(slow)
        quick = asyncio.create_task(collect(hub, QUEUED_EVENTS_MAX, after=first.position))
        for version in range(2, QUEUED_EVENTS_MAX + 102):
            store.append([note("order-1", version)])
            await asyncio.sleep(0)
        assert len(await quick) == QUEUED_EVENTS_MAX
        seen = [first.position]
        with pytest.raises(SubscriberTooSlow) as told:
            await drain(slow, seen)
        assert told.value.position == seen[-1]
        resumed = await collect(hub, QUEUED_EVENTS_MAX + 101 - len(seen), told.value.position)
        assert resumed[-1] == QUEUED_EVENTS_MAX + 101
        assert resumed[0] == len(seen) + 1


async def test_a_subscriber_that_leaves_is_forgotten(store: EventStore) -> None:
    async with followed(store) as hub:
        reading = hub.events(EVERYTHING, after=0)
        store.append([note("order-1", 1)])
        await anext(reading)
        assert hub.subscriber_count == 1
        await reading.aclose()
        assert hub.subscriber_count == 0


async def test_only_those_are_asked_whose_topic_it_is(store: EventStore) -> None:
    asked: list[int] = []

    def wanted(recorded: RecordedEvent) -> bool:
        asked.append(recorded.position)
        return True

    async with followed(store) as hub, AsyncExitStack() as stack:
        for number in range(1_000):
            source = hub.source(order_topic(str(number)), wanted=wanted)
            await stack.enter_async_context(source.listen())
        heard = asyncio.create_task(collect(hub, 2, after=None, order_id="7"))
        await asyncio.sleep(0.05)
        store.append([note("order-7", 1), note("order-nobody-watches", 1), note("order-7", 2)])
        assert await heard == [1, 2]
    assert len(asked) == 2


async def test_an_event_that_nobody_can_decode_holds_nobody_up(
    store: EventStore, database_url: str
) -> None:
    other = open_store(database_url)
    other.append([note("order-1", version) for version in range(1, 4)])
    with other.recorder.cursor(commit=True) as cursor:
        cursor.execute(
            "UPDATE stored_events SET topic = ? WHERE originator_version = ?", ("Unheard", 2)
        )
    other.close()
    hub = Hub(store, 0)
    tail = Tail(store, [hub.publish], 0)
    hearing = asyncio.create_task(collect(hub, 2, after=None))
    await asyncio.sleep(0)
    tail.start()
    assert await hearing == [1, 3]
    await asyncio.to_thread(tail.stop)


async def test_what_two_processes_write_arrives_in_the_order_of_the_log(
    store: EventStore, database_url: str
) -> None:
    other = open_store(database_url)

    def write(writer: EventStore, stream_id: str) -> None:
        for version in range(1, 101):
            writer.append([note(stream_id, version)])

    async with followed(store) as hub:
        events = hub.events(EVERYTHING, after=0)
        writing = asyncio.gather(
            asyncio.to_thread(write, store, "order-1"), asyncio.to_thread(write, other, "order-2")
        )
        async with asyncio.timeout(2 * PATIENCE_SECONDS):
            seen = [(await anext(events)).position for _ in range(200)]
        await writing
    assert seen == [recorded.position for recorded in other.page(0)]
    other.close()
