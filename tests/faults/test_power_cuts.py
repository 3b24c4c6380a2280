"""PostgreSQL stops as by a power cut while customers shop: what was acknowledged is there after."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from orderlog.application.command_bus import CommandBus
from orderlog.application.idempotency import IdempotencyKey
from orderlog.application.metadata import new_id, new_metadata
from orderlog.domain.orders.commands import CreateDraftOrder
from orderlog.eventstore.store import open_store
from tests.support.cluster import Cluster, own_cluster
from tests.support.events import STAFF
from tests.support.evidence import Told, evidence_of
from tests.support.invariants import violations
from tests.support.machine import lacking
from tests.support.trial import Ordeal, Trial, under_load

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(own_cluster())
        except Exception as error:  # noqa: BLE001 - whatever it is, it cannot run here
            lacking(f"PostgreSQL cannot start here: {error}")
        yield cluster


async def test_three_power_cuts_under_load(cluster: Cluster, tmp_path: Path) -> None:
    await under_load(cluster.url, tmp_path, cut_off(cluster, 3))


@pytest.mark.slow
@pytest.mark.timeout(1_800)
async def test_two_hundred_power_cuts_under_load(cluster: Cluster, tmp_path: Path) -> None:
    await under_load(cluster.url, tmp_path, cut_off(cluster, 200))


def cut_power(cluster: Cluster) -> None:
    cluster.crash()
    cluster.start()


def cut_off(cluster: Cluster, times: int) -> Ordeal:
    """One server lives through all of them, and customers are answered in between."""
    rng = random.Random(times)

    async def ordeal(trial: Trial) -> Sequence[int]:
        pid = trial.start()
        for _ in range(times):
            await trial.answers(rng.randint(5, 60))
            await asyncio.to_thread(cut_power, cluster)
        await trial.answers(5)
        assert trial.nursery.is_alive(pid), trial.nursery.said()
        return [pid]

    return ordeal


@pytest.mark.parametrize("is_flushed", [True, False])
async def test_without_a_flush_at_commit_it_would_be_lost(
    cluster: Cluster, *, is_flushed: bool
) -> None:
    open_store(cluster.url).close()
    if not is_flushed:
        cluster.set(synchronous_commit="off", wal_writer_delay="10s")
        cut_power(cluster)  # with a background writer that has just flushed and now sleeps
    told = await acknowledged(cluster.url)
    cut_power(cluster)
    with closing(open_store(cluster.url)) as store:
        found = violations(evidence_of(store, told))
    assert bool(found) is not is_flushed
    assert all(sentence.endswith("was acknowledged and is not known") for sentence in found)


async def acknowledged(url: str) -> Told:
    """What somebody knows who has begun an order."""
    scope, key = "test", "k"
    with closing(open_store(url)) as store:
        bus = CommandBus(store)
        receipt = await bus.execute(
            CreateDraftOrder(order_id=new_id(), currency="GBP"),
            metadata=new_metadata(STAFF),
            idempotency=IdempotencyKey.of(scope=scope, key=key, body=b""),
        )
        await bus.close()
    return Told(sent={(scope, key)}, acknowledged={(scope, key): receipt.position})
