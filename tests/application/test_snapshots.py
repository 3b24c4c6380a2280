"""Long streams load fast, and nothing about that can fail a command."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from orderlog.application.command_bus import CommandBus
from orderlog.application.metadata import SYSTEM, new_metadata
from orderlog.application.snapshots import EVENTS_PER_SNAPSHOT, Snapshots
from orderlog.domain.aggregate import Aggregate
from orderlog.domain.stock.stock_item import StockItem
from orderlog.eventstore.snapshots import SnapshotTable
from orderlog.eventstore.store import EventStore, open_store
from tests.domain.examples import MUGS, delivery
from tests.support.scenario import Scenario, envelopes_of

MUG = MUGS.stream_id
DAMAGES = {
    "dropped": "DROP TABLE snapshots",
    "damaged": "UPDATE snapshots SET state = '{'",
    "of other code": "UPDATE snapshots SET made_by = 'older', state = '{'",
}


@pytest.fixture
def table(store: EventStore) -> SnapshotTable:
    return SnapshotTable(store)


@pytest.fixture
def snapshots(store: EventStore) -> Iterator[Snapshots]:
    snapshots = Snapshots(store)
    yield snapshots
    snapshots.close()


def a_stream_of(count: int, store: EventStore) -> Aggregate:
    """Registered, then received one by one."""
    scenario = Scenario().when(MUGS)
    item = scenario.state(StockItem)
    for number in range(count - 1):
        item.handle(delivery(1), envelopes_of(number))
    store.append([*scenario.events, *item.collect_events()])  # type: ignore[list-item] # ours
    return item


def kept_version(store: EventStore) -> int:
    with store.recorder.cursor(commit=False) as cursor:
        cursor.execute("SELECT version FROM snapshots WHERE stream_id = ?", (MUG,))
        row = cursor.fetchone()
    return row["version"] if row else 0


def change(store: EventStore, statement: str) -> None:
    with store.recorder.cursor(commit=True) as cursor:
        cursor.execute(statement)


async def until(happens: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not happens():  # noqa: ASYNC110 - another thread's work
            await asyncio.sleep(0.01)


async def receive(bus: CommandBus, times: int) -> None:
    for _ in range(times):
        await bus.execute(delivery(1), metadata=new_metadata(SYSTEM))


async def on_hand(bus: CommandBus) -> int:
    return await bus.inspect(MUG, lambda item: getattr(item, "on_hand", 0))


def test_of_ten_thousand_events_only_the_last_few_are_read(
    store: EventStore, table: SnapshotTable
) -> None:
    item = a_stream_of(10_000, store)
    assert table.load(MUG) == (item, 10_000)
    table.keep([item])
    assert table.load(MUG) == (item, 0)
    item.handle(delivery(1), envelopes_of(1))
    store.append([*item.collect_events()])  # type: ignore[list-item] # all events of ours
    assert table.load(MUG) == (item, 1)


def test_a_snapshot_is_never_replaced_by_an_older_one(
    store: EventStore, table: SnapshotTable
) -> None:
    newest = a_stream_of(50, store)
    table.keep([newest])
    table.keep([Scenario().when(MUGS).state(StockItem)])
    assert table.load(MUG) == (newest, 0)


def test_no_stream_no_aggregate_and_no_snapshot(store: EventStore, snapshots: Snapshots) -> None:
    assert snapshots.load(MUG) is None
    snapshots.make([MUG])
    assert kept_version(store) == 0


async def test_a_stream_that_grows_is_kept_in_passing(bus: CommandBus, store: EventStore) -> None:
    await bus.execute(MUGS, metadata=new_metadata(SYSTEM))
    await receive(bus, EVENTS_PER_SNAPSHOT - 2)
    assert kept_version(store) == 0
    await receive(bus, 1)
    await until(lambda: kept_version(store) == EVENTS_PER_SNAPSHOT)


async def test_a_long_stream_that_was_never_kept_is_when_it_is_loaded(
    bus: CommandBus, store: EventStore
) -> None:
    a_stream_of(100, store)
    assert await on_hand(bus) == 99
    await until(lambda: kept_version(store) == 100)


async def test_after_a_restart_the_state_goes_on_from_the_snapshot(
    store: EventStore, database_url: str
) -> None:
    item = a_stream_of(100, store)
    SnapshotTable(store).keep([item])
    reopened = open_store(database_url)
    bus = CommandBus(reopened)
    await receive(bus, 1)
    assert await on_hand(bus) == 100
    await bus.close()
    assert SnapshotTable(reopened).load(MUG)[1] == 1
    reopened.close()


@pytest.mark.parametrize("statement", DAMAGES.values(), ids=DAMAGES)
async def test_whatever_is_wrong_with_the_snapshots_commands_go_on(
    store: EventStore, statement: str
) -> None:
    SnapshotTable(store).keep([a_stream_of(100, store)])
    change(store, statement)
    bus = CommandBus(store)
    await receive(bus, EVENTS_PER_SNAPSHOT)
    assert await on_hand(bus) == 99 + EVENTS_PER_SNAPSHOT
    await bus.close()


@pytest.mark.parametrize("name", ["damaged", "of other code"])
async def test_a_snapshot_that_cannot_be_used_is_made_anew(
    store: EventStore, snapshots: Snapshots, name: str
) -> None:
    item = a_stream_of(100, store)
    table = SnapshotTable(store)
    table.keep([item])
    change(store, DAMAGES[name])
    assert snapshots.load(MUG) == item

    def is_used() -> bool:
        with suppress(ValueError, TypeError):
            return table.load(MUG) == (item, 0)
        return False

    await until(is_used)


def test_missing_snapshots_are_complained_about_once(
    store: EventStore, snapshots: Snapshots
) -> None:
    a_stream_of(EVENTS_PER_SNAPSHOT - 1, store)
    change(store, DAMAGES["dropped"])
    with capture_logs() as logs:
        for _ in range(3):
            assert snapshots.load(MUG) is not None
    assert [log["event"] for log in logs] == ["snapshots cannot be used; all events are read"]
