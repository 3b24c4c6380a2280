"""Several processes on one PostgreSQL log, as they look from inside: each duty has one owner."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

import psycopg
import pytest

from orderlog.application.metadata import SYSTEM, new_id, new_metadata, utc_now
from orderlog.domain.orders.commands import CreateDraftOrder, PlaceOrder, order_stream
from orderlog.domain.orders.events import OrderStatus
from orderlog.eventstore.claims import Claim, NotOwner
from orderlog.processes.runner import CONSUMER
from orderlog.processes.views import order_status
from orderlog_projections.registry import PROJECTIONS, find_projections
from orderlog_projections.runner import ProjectionRunner
from orderlog_server.duties import NO_DUTIES, PROCESSES, Duties
from orderlog_server.health import health_of
from orderlog_server.settings import Settings, load_settings
from orderlog_server.wiring import Platform, running
from tests.server.test_wiring import gift_card, place, status_of
from tests.support.evidence import Told, evidence_of
from tests.support.invariants import effects_happen_once

TAKEN_OVER_SECONDS_MAX = 5.0


@pytest.fixture
def settings(postgres_url: str) -> Settings:
    return load_settings(database_url=postgres_url)


async def eventually(holds: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - the parts tell nobody
            await asyncio.sleep(0.02)


def owns_everything(platform: Platform) -> bool:
    keeps = platform.projections.keeps
    return platform.processes.is_running and all(keeps(one.name) for one in PROJECTIONS)


async def test_one_works_and_the_other_stands_by(settings: Settings) -> None:
    order_ids = [new_id() for _ in range(10)]
    async with running(settings) as owner, running(settings) as other:
        assert owns_everything(owner)
        assert not other.processes.is_running
        assert not any(other.projections.keeps(one.name) for one in PROJECTIONS)
        await asyncio.gather(*(place(other, order_id) for order_id in order_ids))
        await other.settled()
        assert {status_of(other, order_id) for order_id in order_ids} == {OrderStatus.CONFIRMED}
        health = await health_of(other)
        assert health["status"] == "ok"
        assert {one.lag for one in other.projections.positions().values()} == {0}


async def test_who_only_writes_reads_its_own_writes(settings: Settings) -> None:
    async with running(settings), running(settings, NO_DUTIES) as api:
        await place(api, new_id())  # the first page may take longer than any other
        await api.settled()
        for _ in range(20):
            order_id = new_id()
            position = await place(api, order_id)
            asked_at = time.monotonic()
            assert await api.read_models.wait(position)
            assert time.monotonic() - asked_at < 0.9, "it was told, it did not look by itself"
            assert status_of(api, order_id) is not OrderStatus.DRAFT


async def test_who_only_writes_sees_what_others_change(settings: Settings) -> None:
    async with running(settings), running(settings, NO_DUTIES) as api:
        changes = api.read_models.changes("order_list")
        await anext(changes)
        order_id = new_id()
        async with running(settings, NO_DUTIES) as other:
            position = await place(other, order_id)
        change = await asyncio.wait_for(anext(changes), 10)
        assert change.keys == {order_id}
        assert change.position >= position
        await changes.aclose()


async def test_nobody_is_refused_for_what_another_has_changed(settings: Settings) -> None:
    async with running(settings, NO_DUTIES) as one, running(settings, NO_DUTIES) as other:
        order_id, metadata = new_id(), new_metadata(SYSTEM)
        create = CreateDraftOrder(order_id=order_id, currency="GBP", customer_id=new_id())
        await one.bus.execute(create, metadata=metadata)
        await other.bus.execute(gift_card(order_id), metadata=new_metadata(SYSTEM))
        terms = one.channels.get("default").terms("A1", "sandbox:approve", utc_now())
        await one.bus.execute(
            PlaceOrder(order_id=order_id, terms=terms), metadata=new_metadata(SYSTEM)
        )
        assert await other.bus.inspect(order_stream(order_id), order_status) is OrderStatus.PENDING


async def test_when_the_owner_leaves_the_next_one_goes_on(settings: Settings) -> None:
    order_id = new_id()
    async with AsyncExitStack() as stays:
        async with running(settings) as owner:
            other = await stays.enter_async_context(running(settings))
            assert owns_everything(owner)
            assert not other.processes.is_running
        await eventually(lambda: owns_everything(other), TAKEN_OVER_SECONDS_MAX)
        await place(other, order_id)
        await other.settled()
        assert status_of(other, order_id) is OrderStatus.CONFIRMED


async def test_an_owner_whose_session_is_cut_off_owns_again_with_the_next_epoch(
    settings: Settings, postgres_url: str
) -> None:
    async with running(settings) as platform:
        before = epochs(postgres_url)
        cut_off(postgres_url)
        await eventually(lambda: epochs(postgres_url)[PROCESSES] > before[PROCESSES])
        await eventually(lambda: owns_everything(platform))
        order_id = new_id()
        await place(platform, order_id)
        await platform.settled()
        assert status_of(platform, order_id) is OrderStatus.CONFIRMED
        outdated = Claim(PROCESSES, before[PROCESSES])
        with pytest.raises(NotOwner, match="Another process does this now"):
            platform.store.move_checkpoint(CONSUMER, 1_000_000, claim=outdated)
        assert platform.store.checkpoint(CONSUMER) < 1_000_000


async def test_a_page_of_one_who_owned_it_once_is_not_written(
    settings: Settings, postgres_url: str
) -> None:
    async with running(settings, Duties(processes=False)):
        once = {duty: Claim(duty, epoch) for duty, epoch in epochs(postgres_url).items()}
    async with running(settings, Duties(processes=False)):
        pass
    async with running(settings, NO_DUTIES) as platform:
        await place(platform, new_id())
        zombie = ProjectionRunner(platform.store, platform.database, PROJECTIONS)
        zombie.own(once)
        zombie.step()
        assert {one.position for one in zombie.positions().values()} == {0}
        assert not zombie.keeps("order_list")
        zombie.own({duty: Claim(duty, epoch) for duty, epoch in epochs(postgres_url).items()})
        zombie.step()
        assert {one.lag for one in zombie.positions().values()} == {0}, "nothing else was amiss"


async def test_what_processes_send_counts_only_while_they_are_owned(
    settings: Settings, postgres_url: str
) -> None:
    order_id = new_id()
    async with running(settings) as zombie:
        supersede(postgres_url, PROCESSES)
        placed_at = await place(zombie, order_id)
        await eventually(lambda: isinstance(zombie.processes.error, NotOwner))
        assert await zombie.read_models.wait(placed_at, 10), "read models are still its own"
        assert zombie.store.head() == placed_at
        assert status_of(zombie, order_id) is OrderStatus.PENDING
        await place(zombie, new_id())  # who answers clients needs no claim
    async with running(settings) as owner:
        await owner.settled()
        assert status_of(owner, order_id) is OrderStatus.CONFIRMED
        assert not list(effects_happen_once(evidence_of(owner.store, Told())))


def supersede(url: str, duty: str) -> None:
    """As if another process had taken over, and nobody had told the one before."""
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE owners SET epoch = epoch + 1 WHERE duty = %s", [duty])


def epochs(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        return dict(connection.execute("SELECT duty, epoch FROM owners").fetchall())


def cut_off(url: str) -> None:
    """Ends the session that holds the locks, as a fault of the network would."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )


async def test_duties_can_be_shared_out(settings: Settings) -> None:
    lists = Duties(projections=find_projections(["order_list", "stock_levels"]), processes=False)
    async with running(settings, lists) as first, running(settings) as second:
        assert first.projections.keeps("order_list")
        assert not second.projections.keeps("order_list")
        assert second.projections.keeps("order_page")
        order_id = new_id()
        await place(first, order_id)
        await second.settled()
        await first.settled()
        assert status_of(second, order_id) is OrderStatus.CONFIRMED
