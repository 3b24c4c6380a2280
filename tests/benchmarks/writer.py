"""Durable commands per second: our bus against one `Application.save()` per command.

    python3 dev.py bench writer [--quick] [--database sqlite|postgres] [--keep]

Every client sends its next command when the one before is durable. `spread`: over 1,000 stock
items; `hot`: all on one. The baseline is the library as it comes, on a pool of threads.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count, cycle
from typing import Final
from uuid import UUID

from eventsourcing.application import Application
from uvicorn.loops.auto import auto_loop_factory

from orderlog.application.command_bus import CommandBus
from orderlog.application.metadata import SYSTEM, new_metadata
from orderlog.domain.stock.commands import ReceiveStock, RegisterStockItem
from orderlog.eventstore.store import open_store
from tests.benchmarks.kernel.comparison import (
    Figures,
    Line,
    Target,
    at_most,
    in_turns,
    percentile,
    ratio_at_least,
)
from tests.benchmarks.kernel.databases import Kind
from tests.benchmarks.kernel.library import THREADS, Item, environment, shelve
from tests.benchmarks.kernel.program import Run, run

CLIENTS: Final = (1, 8, 32, 64, 128)
ITEMS: Final = 1_000
COMMANDS_MAX: Final = 90_000
"""Of one turn: a stream, and so a hot item, is only so long."""
PROMISED: Final = {
    (Kind.POSTGRES, 32): 10.0,
    (Kind.POSTGRES, 128): 14.0,
    (Kind.SQLITE, 32): 6.0,
    (Kind.SQLITE, 128): 6.0,
}


class Ours:
    """One bus on one store, for all turns."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner(loop_factory=auto_loop_factory())
        self._store = open_store(url)
        self._bus = self._runner.run(self._open())
        self._hot_numbers = count(ITEMS)

    async def _open(self) -> CommandBus:
        bus = CommandBus(self._store)
        await asyncio.gather(*(register(bus, number) for number in range(ITEMS)))
        return bus

    def spread(self, clients: int, seconds: float) -> Figures:
        return self._runner.run(self._turn(clients, seconds, range(ITEMS)))

    def hot(self, clients: int, seconds: float) -> Figures:
        """All on one item, which is another one in each turn."""
        number = next(self._hot_numbers)
        self._runner.run(register(self._bus, number))
        return self._runner.run(self._turn(clients, seconds, [number]))

    async def _turn(self, clients: int, seconds: float, items: Sequence[int]) -> Figures:
        numbers, spent = cycle(items), list[float]()
        begun = time.perf_counter()

        async def client() -> None:
            sent = time.perf_counter()
            while sent - begun < seconds and len(spent) < COMMANDS_MAX:
                command = received(next(numbers))
                await self._bus.execute(command, metadata=new_metadata(SYSTEM))
                sent, before = time.perf_counter(), sent
                spent.append(sent - before)

        await asyncio.gather(*(client() for _ in range(clients)))
        rate = len(spent) / (time.perf_counter() - begun)
        return {"rate": rate, "p99": percentile(spent, 99) * 1_000}

    def close(self) -> None:
        self._runner.run(self._bus.close())
        self._store.close()
        self._runner.close()


async def register(bus: CommandBus, number: int) -> None:
    item = RegisterStockItem(sku=f"SKU-{number}", warehouse_id="main")
    await bus.execute(item, metadata=new_metadata(SYSTEM))


def received(number: int) -> ReceiveStock:
    return ReceiveStock(sku=f"SKU-{number}", warehouse_id="main", quantity=1, reference="bench")


class Library:
    """`load, decide, save` for each command, on a pool of threads."""

    def __init__(self, url: str) -> None:
        self._application = Application[UUID](env=environment(url))
        self._items = shelve(self._application, ITEMS)
        self._numbers = count()

    def turn(self, clients: int, seconds: float) -> Figures:
        """Each client has items of its own, so that no version is taken by another."""
        ends_at = time.perf_counter() + seconds

        def client(number: int) -> int:
            own = self._items[number::clients]
            done = 0
            while time.perf_counter() < ends_at:
                item: Item = self._application.repository.get(own[next(self._numbers) % len(own)])
                item.receive(1, "bench")
                self._application.save(item)
                done += 1
            return done

        with ThreadPoolExecutor(min(clients, THREADS)) as pool:
            return {"rate": sum(pool.map(client, range(clients))) / seconds}

    def close(self) -> None:
        self._application.close()


def measure(run: Run) -> Iterator[Line]:
    for kind in run.kinds:
        with ExitStack() as stack:
            ours, library = Ours(run.databases.url(kind)), Library(run.databases.url(kind))
            stack.callback(ours.close)
            stack.callback(library.close)
            for clients in CLIENTS:
                yield from lines(run, kind, clients, ours, library)


def lines(run: Run, kind: Kind, clients: int, ours: Ours, library: Library) -> Iterator[Line]:
    seconds, rounds = run.of(quick=0.4, full=1.5), run.of(quick=3, full=5)
    found = in_turns(
        rounds,
        {
            "save": lambda: library.turn(clients, seconds),
            "spread": lambda: ours.spread(clients, seconds),
            "hot": lambda: ours.hot(clients, seconds),
        },
    )
    save, spread, hot = (found[name] for name in ("save", "spread", "hot"))
    promised = PROMISED.get((kind, clients))
    where = f"{kind.label}, {clients} clients"
    yield Line(
        what=f"{where}, spread",
        unit="commands/s",
        reached=spread["rate"],
        beside="save()",
        baseline=save["rate"],
        targets=() if promised is None else (ratio_at_least(promised),),
    )
    yield Line(
        what=f"{where}, hot",
        unit="commands/s",
        reached=hot["rate"],
        beside="spread",
        baseline=spread["rate"],
        targets=(ratio_at_least(0.7),),
    )
    if clients == 64:
        slowest: tuple[Target, ...] = (at_most(20),)
        yield Line(what=f"{where}, p99", unit="ms", reached=spread["p99"], targets=slowest)


if __name__ == "__main__":
    run("writer", "How many commands become durable in a second?", measure)
