"""Durable commands per second: our bus against one `Application.save()` per command.

    python3 dev.py bench writer

Both run on SQLite files with an fsync per commit, in rounds that take turns; the medians and
their ratio are what counts. The baseline is the library as it comes, on a pool of threads.
"""

import asyncio
import platform
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from orderlog.application.command_bus import CommandBus
from orderlog.application.metadata import SYSTEM, new_id, new_metadata
from orderlog.domain.stock.commands import ReceiveStock, RegisterStockItem
from orderlog.eventstore.store import open_store

ROUNDS: Final = 5
SECONDS_PER_ROUND: Final = 1.5
CLIENTS: Final = (1, 8, 32, 128)


class Item(Aggregate):
    """What the library's documentation would write for a stock item."""

    @event("Registered")
    def __init__(self) -> None:
        self.on_hand = 0

    @event("Received")
    def receive(self, quantity: int) -> None:
        self.on_hand += quantity


def baseline(folder: Path, clients: int) -> float:
    """Commands per second of `load, decide, save` on a pool of threads."""
    application = Application[UUID](
        env={
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": str(folder / f"{new_id()}.db"),
            "SQLITE_LOCK_TIMEOUT": "30",
        }
    )
    items = [Item() for _ in range(clients)]
    application.save(*items)
    ends_at = time.perf_counter() + SECONDS_PER_ROUND

    def work(item: Item) -> int:
        count = 0
        while time.perf_counter() < ends_at:
            loaded: Item = application.repository.get(item.id)
            loaded.receive(1)
            application.save(loaded)
            count += 1
        return count

    with ThreadPoolExecutor(min(clients, 16)) as pool:
        total = sum(pool.map(work, items))
    application.close()
    return total / SECONDS_PER_ROUND


async def ours(folder: Path, clients: int, *, is_hot: bool) -> float:
    """Commands per second through the bus; `is_hot`: all on one stock item."""
    store = open_store(f"sqlite:///{folder}/{new_id()}.db")
    bus = CommandBus(store)
    skus = ["HOT"] * clients if is_hot else [f"SKU-{number}" for number in range(clients)]
    for sku in set(skus):
        registered = RegisterStockItem(sku=sku, warehouse_id="main")
        await bus.execute(registered, metadata=new_metadata(SYSTEM))
    ends_at = time.perf_counter() + SECONDS_PER_ROUND

    async def work(sku: str) -> int:
        count = 0
        command = ReceiveStock(sku=sku, warehouse_id="main", quantity=1, reference="bench")
        while time.perf_counter() < ends_at:
            await bus.execute(command, metadata=new_metadata(SYSTEM))
            count += 1
        return count

    total = sum(await asyncio.gather(*(work(sku) for sku in skus)))
    await bus.close()
    store.close()
    return total / SECONDS_PER_ROUND


def main() -> None:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    print(f"{platform.platform()}, Python {platform.python_version()}, {commit.stdout.strip()}")
    print(
        f"{'clients':>8} {'save()/s':>10} {'spread/s':>10} {'ratio':>7} {'hot/s':>10} {'ratio':>7}"
    )
    with tempfile.TemporaryDirectory() as name:
        for clients in CLIENTS:
            print_row(Path(name), clients)


def print_row(folder: Path, clients: int) -> None:
    saves: list[float] = []
    spreads: list[float] = []
    hots: list[float] = []
    for _ in range(ROUNDS):
        saves.append(baseline(folder, clients))
        spreads.append(asyncio.run(ours(folder, clients, is_hot=False)))
        hots.append(asyncio.run(ours(folder, clients, is_hot=True)))
    save, spread, hot = map(statistics.median, (saves, spreads, hots))
    print(
        f"{clients:>8} {save:>10,.0f} {spread:>10,.0f} {spread / save:>6.1f}x "
        f"{hot:>10,.0f} {hot / save:>6.1f}x"
    )


if __name__ == "__main__":
    main()
