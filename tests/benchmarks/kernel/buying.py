"""Buyers, in a process of their own: each drafts an order, places it, and begins the next.

    python -m tests.benchmarks.kernel.buying '{"url": …, "clients": 8, "seconds": 2}'

Prints how many orders were settled, and how long it took from the first request until the log told
of the last of them. Every request is answered when it is durable.
"""

import asyncio
import itertools
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, Protocol

import msgspec
from uvicorn.loops.auto import auto_loop_factory

from tests.benchmarks.kernel.comparison import percentile
from tests.benchmarks.kernel.http import Connection, connect

CUSTOMERS: Final = 200
FOLLOW_SECONDS: Final = 0.02
SETTLING_SECONDS_MAX: Final = 60.0
PAGE: Final = 500
PRICE: Final = "2.50"

CREATE: Final = """mutation Create($input: CreateDraftOrderInput!) { createDraftOrder(input: $input)
  { order { orderId } errors { code message } } }"""
PLACE: Final = """mutation Place($input: PlaceOrderInput!) { placeOrder(input: $input)
  { order { lifecycle } errors { code message } } }"""
RECEIVE: Final = """mutation Receive($register: RegisterStockItemInput!, $receive:
  ReceiveStockInput!) { registerStockItem(input: $register) { errors { code } }
  receiveStock(input: $receive) { errors { code message } } }"""
EVENTS: Final = """query Settled($after: Position, $first: Int) { events(after: $after,
  first: $first, types: ["OrderConfirmed", "OrderRejected"]) { nodes { position type data } } }"""
HEAD: Final = "{ projections { head } }"


class Asked(msgspec.Struct, frozen=True):
    """How many buy what, for how long. `orders_max` ends it too."""

    url: str
    clients: int
    skus: int
    lines: int = 3
    seconds: float = 60.0
    orders_max: int = 1_000_000
    stocked: int = 0
    is_library: bool = False


class Shop(Protocol):
    """A shop as its buyers see it; one for each connection."""

    async def buy(self, skus: list[str]) -> str | None:
        """Places an order; the code it was refused with, if it was."""
        ...

    async def stock(self, sku: str, quantity: int) -> None: ...

    async def begin(self) -> None:
        """What was settled before does not count."""
        ...

    async def settled(self) -> Counter[str]:
        """How the orders ended that were settled since it was asked last, by code."""
        ...


class OurShop:
    """Over GraphQL, with an address and a way to ship, as a shop needs them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._position = "0"

    async def begin(self) -> None:
        found = await self._connection.ask(HEAD)
        self._position = str(found["projections"][0]["head"])

    async def stock(self, sku: str, quantity: int) -> None:
        item = {"sku": sku, "warehouseId": "main"}
        received = item | {"quantity": quantity, "reference": "opening"}
        await self._connection.ask(RECEIVE, register=item, receive=received)

    async def buy(self, skus: list[str]) -> str | None:
        created = await self._connection.ask(CREATE, input=draft_of(skus))
        payload = created["createDraftOrder"]
        if payload["errors"]:
            return str(payload["errors"][0]["code"])
        order = {"orderId": payload["order"]["orderId"]}
        placed = await self._connection.ask(PLACE, input=order)
        errors = placed["placeOrder"]["errors"]
        return str(errors[0]["code"]) if errors else None

    async def settled(self) -> Counter[str]:
        ended: Counter[str] = Counter()
        while True:
            found = await self._connection.ask(EVENTS, after=self._position, first=PAGE)
            nodes = found["events"]["nodes"]
            ended.update(node["data"].get("code", "CONFIRMED") for node in nodes)
            if nodes:
                self._position = nodes[-1]["position"]
            if len(nodes) < PAGE:
                return ended


class LibraryShop:
    """The same shop on the library, see `library_shop`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def begin(self) -> None:
        await self.settled()

    async def stock(self, sku: str, quantity: int) -> None:
        await self._connection.post("/stock", {"sku": sku, "quantity": quantity})

    async def buy(self, skus: list[str]) -> str | None:
        order = await self._connection.post("/draft", draft_of(skus))
        await self._connection.post("/place", order)
        return None

    async def settled(self) -> Counter[str]:
        return Counter(await self._connection.post("/settled", {}))


def draft_of(skus: list[str]) -> dict[str, Any]:
    price = {"amount": PRICE, "currency": "GBP"}
    return {
        "currency": "GBP",
        "customerId": f"customer-{random.randrange(CUSTOMERS)}",
        "lines": [
            {"sku": sku, "title": f"Product {sku}", "quantity": 1, "unitPrice": price}
            for sku in skus
        ],
        "addresses": [
            {
                "kind": "SHIPPING",
                "name": "Ada Lovelace",
                "line1": "12 St James's Square",
                "city": "London",
                "postcode": "SW1Y 4JH",
                "country": "GB",
            }
        ],
        "shippingMethod": {"methodId": "post", "name": "Post", "price": price},
    }


async def buy(asked: Asked) -> dict[str, Any]:
    open_shop: Callable[[Connection], Shop] = LibraryShop if asked.is_library else OurShop
    connections = [await connect(asked.url) for _ in range(asked.clients + 1)]
    watcher, *buyers = (open_shop(connection) for connection in connections)
    skus = [f"BUY-{number}" for number in range(asked.skus)]
    if asked.stocked:
        for sku in skus:
            await watcher.stock(sku, asked.stocked)
    await watcher.begin()
    numbers, spent, refused = itertools.count(), list[float](), Counter[str]()
    begun = time.perf_counter()

    async def go_shopping(shop: Shop) -> None:
        while (sent := time.perf_counter()) - begun < asked.seconds:
            if next(numbers) >= asked.orders_max:
                return
            code = await shop.buy(random.sample(skus, asked.lines))
            if code is not None:
                refused[code] += 1
            spent.append(time.perf_counter() - sent)

    shopping = asyncio.gather(*(go_shopping(shop) for shop in buyers))
    ended, ends_at = Counter[str](), begun + asked.seconds + SETTLING_SECONDS_MAX
    while not shopping.done() or ended.total() < len(spent) - refused.total():
        if time.perf_counter() > ends_at:
            message = f"only {ended} of {len(spent)} orders were settled"
            raise TimeoutError(message)
        ended += await watcher.settled()
        await asyncio.sleep(FOLLOW_SECONDS)
    seconds = time.perf_counter() - begun
    await shopping
    for connection in connections:
        await connection.close()
    return {
        "ended": ended,
        "refused": refused,
        "seconds": seconds,
        "rate": ended.total() / seconds,
        "p50": percentile(spent, 50) * 1_000,
        "p99": percentile(spent, 99) * 1_000,
    }


if __name__ == "__main__":
    wanted = msgspec.json.decode(sys.argv[1], type=Asked)
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        print(json.dumps(runner.run(buy(wanted))))
