"""A trial: a server under load, an ordeal that it must survive, and then everything is checked."""

import asyncio
import random
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from orderlog.domain.processes.events import ProcessStatus
from orderlog.domain.processes.process import Process
from orderlog.eventstore.store import open_store
from orderlog.processes.runner import CONSUMER
from tests.support.gateway import RememberingSandbox, moved_by
from tests.support.invariants import assert_all_holds
from tests.support.load import Load, at_rest, customers
from tests.support.nursery import Death, Nursery, nursery

CUSTOMERS: Final = 6
REACHED_SECONDS_MAX: Final = 60.0
CALM_SECONDS_MAX: Final = 120.0
A_WHILE_SECONDS: Final = 60


@dataclass
class Trial:
    """Where a server runs, one at a time, and who shops there in the meantime."""

    nursery: Nursery
    database_url: str
    port: int
    load: Load

    def start(self, *options: str, dies: Death | None = None, sabotage: str | None = None) -> int:
        arguments = ["serve", "--port", str(self.port), "--database-url", self.database_url]
        return self.nursery.start(*arguments, *options, dies=dies, sabotage=sabotage)

    def start_worker(self, *, dies: Death | None = None) -> int:
        """Beside a server with `--api-only`."""
        return self.nursery.start("worker", "--database-url", self.database_url, dies=dies)

    def kill(self, pid: int) -> None:
        assert self.nursery.end(pid) == -signal.SIGKILL, self.nursery.said()

    async def killed_itself(self, pid: int) -> bool:
        """Whether it has come to the point of its death; if not, it lives on."""
        for _ in range(int(REACHED_SECONDS_MAX / 0.01)):
            if not self.nursery.is_alive(pid):
                code = self.nursery.outlive(pid)
                assert code == -signal.SIGKILL, f"ended with {code}: {self.nursery.said()}"
                return True
            await asyncio.sleep(0.01)
        return False

    async def answers(self, count: int) -> None:
        """Returns when customers have got so many more."""
        wanted = self.load.answers + count
        async with asyncio.timeout(CALM_SECONDS_MAX):
            while self.load.answers < wanted:  # noqa: ASYNC110 - customers tell nobody
                await asyncio.sleep(0.01)


Ordeal = Callable[[Trial], Awaitable[Sequence[int]]]
"""What must be survived; returns the process ids of those that are left to finish everything."""


async def under_load(
    database_url: str, folder: Path, ordeal: Ordeal, *, truth_url: str | None = None
) -> Load:
    """Raises `AssertionError` where something does not hold afterwards.

    `truth_url` is where the database is looked at in the end, if that is another way.
    """
    port = free_port()
    load = Load(f"http://127.0.0.1:{port}", random.Random(port))
    with nursery(folder) as born:
        async with customers(load, CUSTOMERS):
            left = await ordeal(Trial(born, database_url, port, load))
        async with asyncio.timeout(CALM_SECONDS_MAX):
            await nothing_follows(load.url, truth_url or database_url)
        assert {born.end(pid, signal.SIGTERM) for pid in left} == {0}, born.said()
        moved = moved_by(
            RememberingSandbox(journal=born.gateway, operations_kept_max=sys.maxsize).ledger
        )
    with closing(open_store(truth_url or database_url)) as store:
        evidence = assert_all_holds(store, load.told, folder / "fold", moved)
    stuck = [one.id for one in evidence.all(Process) if one.status is ProcessStatus.STUCK]
    assert not stuck, "nothing that customers did here needs an operator"
    return load


async def nothing_follows(url: str, database_url: str) -> None:
    """Returns when the server is at rest and no deadline will wake it for a while."""
    await at_rest(url)
    with closing(open_store(database_url)) as store:
        while any(map(is_soon, store.deadlines(CONSUMER).values())):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.2)
    await at_rest(url)


def is_soon(due_at: datetime) -> bool:
    return due_at < datetime.now(UTC) + timedelta(seconds=A_WHILE_SECONDS)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port
