"""`kill -9` of a server under load: what was acknowledged is kept, and nothing happens twice."""

import asyncio
import random
import signal
import socket
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from orderlog.eventstore.store import open_store
from tests.support.gateway import RememberingSandbox, moved_by
from tests.support.invariants import assert_all_holds
from tests.support.load import Load, at_rest, customers
from tests.support.nursery import Death, Nursery, nursery
from tests.support.points import POINTS

CUSTOMERS = 6
REACHED_SECONDS_MAX = 20.0
CALM_SECONDS_MAX = 90.0


@dataclass
class Shop:
    """A server that is killed again and again, while customers go on shopping."""

    nursery: Nursery
    database_url: str
    port: int
    load: Load

    def start(self, dies: Death | None = None) -> int:
        arguments = ["serve", "--port", str(self.port), "--database-url", self.database_url]
        return self.nursery.start(*arguments, dies=dies)

    async def kill_after(self, seconds: float) -> None:
        pid = self.start()
        await asyncio.sleep(seconds)
        assert self.nursery.end(pid) == -signal.SIGKILL, self.nursery.said()

    async def kill_at(self, death: Death) -> bool:
        """Whether the point was reached at all."""
        pid = self.start(death)
        for _ in range(int(REACHED_SECONDS_MAX / 0.01)):
            if not self.nursery.is_alive(pid):
                assert self.nursery.outlive(pid) == -signal.SIGKILL, self.nursery.said()
                return True
            await asyncio.sleep(0.01)
        self.nursery.end(pid)
        return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


async def survive(database_url: str, folder: Path, deaths: Sequence[Death | float]) -> Load:
    """Each death is a point, or seconds of life; then one server that finishes everything."""
    port = free_port()
    load = Load(f"http://127.0.0.1:{port}", random.Random(len(deaths)))
    with nursery(folder) as born:
        shop = Shop(born, database_url, port, load)
        async with customers(load, CUSTOMERS):
            for death in deaths:
                if isinstance(death, Death):
                    assert await shop.kill_at(death), f"{death} was never reached"
                else:
                    await shop.kill_after(death)
            last = shop.start()
        async with asyncio.timeout(CALM_SECONDS_MAX):
            await at_rest(load.url)
        assert born.end(last, signal.SIGTERM) == 0, born.said()
        moved = moved_by(RememberingSandbox(journal=born.gateway).ledger)
    with closing(open_store(database_url)) as store:
        assert_all_holds(store, load.told, folder / "fold", moved)
    return load


async def test_a_server_is_killed_at_any_moment(database_url: str, tmp_path: Path) -> None:
    load = await survive(database_url, tmp_path, lives(9))
    assert load.told.acknowledged


@pytest.mark.parametrize(("database", "passages"), [("sqlite", (1, 7)), ("postgres", (4,))])
async def test_a_server_is_killed_at_each_named_point(
    request: pytest.FixtureRequest, tmp_path: Path, database: str, passages: Sequence[int]
) -> None:
    database_url = request.getfixturevalue(f"{database}_url")
    await survive(database_url, tmp_path, deaths_at_all_points(passages))


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_server_is_killed_250_times(database_url: str, tmp_path: Path) -> None:
    await survive(database_url, tmp_path, lives(250))


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_server_is_killed_at_each_point_twenty_times(
    database_url: str, tmp_path: Path
) -> None:
    await survive(database_url, tmp_path, deaths_at_all_points(range(1, 21)))


def lives(count: int) -> list[float]:
    """How many seconds each server may live: some die while they start."""
    rng = random.Random(count)
    return [rng.uniform(0.05, 0.6) for _ in range(count)]


def deaths_at_all_points(passages: Sequence[int]) -> list[Death]:
    return [Death(point=point, passage=passage) for point in POINTS for passage in passages]
