"""How long an aggregate takes to be loaded, by the length of its stream.

    python3 dev.py bench loading [--quick] [--database sqlite|postgres] [--keep]

Each load is asked of a bus that has nothing in memory; snapshots are those that the bus made by
itself while the stream grew. The baseline is the same with ten events.
"""

import asyncio
import time
from collections.abc import Iterator
from functools import partial
from typing import Final

from orderlog.application.command_bus import CommandBus
from orderlog.application.metadata import SYSTEM, new_metadata
from orderlog.domain.stock.commands import ReceiveStock, RegisterStockItem, stock_stream
from orderlog.eventstore.store import EventStore, open_store
from tests.benchmarks.kernel.comparison import Figures, Line, in_turns, percentile, ratio_at_most
from tests.benchmarks.kernel.databases import Kind
from tests.benchmarks.kernel.program import Run, run

LENGTHS: Final = (10, 100, 1_000, 10_000)
AT_ONCE: Final = 100
SNAPSHOT_SECONDS: Final = 4.0


async def grow(store: EventStore, length: int) -> None:
    """A stock item with a stream of this length, snapshots included."""
    bus = CommandBus(store)
    item = RegisterStockItem(sku=sku_of(length), warehouse_id="main")
    await bus.execute(item, metadata=new_metadata(SYSTEM))
    received = ReceiveStock(sku=item.sku, warehouse_id="main", quantity=1, reference="bench")
    for first in range(1, length, AT_ONCE):
        count = min(AT_ONCE, length - first)
        meta = new_metadata(SYSTEM)
        await asyncio.gather(*(bus.execute(received, metadata=meta) for _ in range(count)))
    await asyncio.sleep(SNAPSHOT_SECONDS if length > AT_ONCE else 0)
    await bus.close()


async def load(store: EventStore, length: int) -> float:
    """Seconds, on a bus that has never heard of the item."""
    bus = CommandBus(store)
    begun = time.perf_counter()
    found = await bus.inspect(stock_stream("main", sku_of(length)), lambda one: one and one.version)
    seconds = time.perf_counter() - begun
    assert found == length
    await bus.close()
    return seconds


def loaded(store: EventStore, length: int, times: int) -> Figures:
    seconds = [asyncio.run(load(store, length)) for _ in range(times)]
    return {"ms": percentile(seconds, 50) * 1_000}


def sku_of(length: int) -> str:
    return f"LONG-{length}"


def measure(run: Run) -> Iterator[Line]:
    for kind in run.kinds:
        store = open_store(run.databases.url(kind))
        try:
            yield from lines(run, kind, store)
        finally:
            store.close()


def lines(run: Run, kind: Kind, store: EventStore) -> Iterator[Line]:
    for length in LENGTHS:
        asyncio.run(grow(store, length))
    rounds, times = run.of(quick=5, full=15), run.of(quick=10, full=30)
    found = in_turns(
        rounds, {sku_of(length): partial(loaded, store, length, times) for length in LENGTHS}
    )
    shortest = found[sku_of(LENGTHS[0])]["ms"]
    for length in LENGTHS[1:]:
        yield Line(
            what=f"{kind.label}, {length:,} events",
            unit="ms",
            reached=found[sku_of(length)]["ms"],
            beside=f"{LENGTHS[0]} events",
            baseline=shortest,
            targets=(ratio_at_most(3),),
        )


if __name__ == "__main__":
    run("loading", "How long does an aggregate take to load, by the length of its stream?", measure)
