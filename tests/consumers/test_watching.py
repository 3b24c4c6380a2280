"""Other processes' appends are noticed, however often the connection that listens is killed."""

import asyncio
import random
import threading
from collections.abc import Generator
from contextlib import contextmanager
from itertools import pairwise
from time import monotonic
from typing import Final

import psycopg
import pytest

from orderlog.consumers.live import EVERYTHING, Hub
from orderlog.consumers.tail import Tail
from orderlog.eventstore.store import EventStore, open_store
from tests.support.events import note

STALL_SECONDS_MAX: Final = 2.0
KILL: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND query LIKE 'LISTEN %'"
)


class Killer(threading.Thread):
    """Kills whoever listens, `count` times, at random moments."""

    def __init__(self, url: str, count: int) -> None:
        super().__init__(name="killer")
        self._url = url
        self._count = count
        self.kills = 0

    def run(self) -> None:
        dice = random.Random(self._count)
        with psycopg.connect(self._url, autocommit=True) as connection:
            while self.kills < self._count:
                self.kills += len(connection.execute(KILL).fetchall())
                threading.Event().wait(dice.uniform(0, 0.04))


@contextmanager
def writing(url: str) -> Generator[EventStore]:
    """Another process, as far as the log can tell."""
    store = open_store(url)
    try:
        yield store
    finally:
        store.close()


@pytest.mark.parametrize("kills", [20, pytest.param(1_000, marks=pytest.mark.slow)])
async def test_a_listener_that_is_killed_again_and_again_misses_nothing(
    postgres_url: str, kills: int
) -> None:
    store, killer = open_store(postgres_url), Killer(postgres_url, kills)
    hub = Hub(store, 0)
    tail = Tail(store, [hub.publish], 0)
    tail.start()
    events = hub.events(EVERYTHING, after=0)
    committed: dict[int, float] = {}
    arrived: dict[int, float] = {}

    async def read() -> None:
        async for recorded in events:
            arrived[recorded.position] = monotonic()

    def write() -> None:
        with writing(postgres_url) as other:
            version = 0
            while killer.is_alive():
                version += 1
                (position,) = other.append([note("order-1", version)])
                committed[position] = monotonic()
                threading.Event().wait(0.005)

    reading = asyncio.create_task(read())
    killer.start()
    await asyncio.to_thread(write)
    async with asyncio.timeout(STALL_SECONDS_MAX):
        while len(arrived) < len(committed):  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(0.01)
    reading.cancel()
    await asyncio.to_thread(tail.stop)
    store.close()
    assert killer.kills >= kills
    assert list(arrived) == sorted(committed), "none is skipped, none comes twice"
    assert all(a < b for a, b in pairwise(arrived))
    assert max(arrived[one] - committed[one] for one in committed) < STALL_SECONDS_MAX


async def test_another_process_is_heard_at_once(database_url: str) -> None:
    """On SQLite a file is looked at every 20 ms; a safety read would take a second."""
    with writing(database_url) as store, writing(database_url) as other:
        hub = Hub(store, 0)
        tail = Tail(store, [hub.publish], 0)
        tail.start()
        events, delays = hub.events(EVERYTHING, after=0), list[float]()
        for version in range(1, 31):
            await asyncio.to_thread(other.append, [note("order-1", version)])
            committed = monotonic()
            await anext(events)
            delays.append(monotonic() - committed)
            await asyncio.sleep(0.01)
        await asyncio.to_thread(tail.stop)
    assert sorted(delays)[len(delays) // 2] < 0.2
