"""Subscribers of one order, in a process of their own, which also makes the events.

    python -m tests.benchmarks.kernel.watching '{"url": …, "subscribers": 1000, "rate": 50}'

With a `rate` it sends so many commands per second and prints how long events took to every socket,
from the moment that they were recorded, before they were durable; without, it sends a burst, waits
until all have seen it, sends the next, and prints events per second.
"""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

import msgspec
import orjson
from uvicorn.loops.auto import auto_loop_factory

from tests.benchmarks.kernel.comparison import percentile
from tests.benchmarks.kernel.http import Connection, connect
from tests.benchmarks.kernel.sockets import Subscriber, subscribe

SUBSCRIPTION: Final = """subscription Watch($orderId: ID!) { orderEvents(orderId: $orderId)
  { position type recordedAt actor { kind id } data } }"""
CREATE: Final = """mutation Create($input: CreateDraftOrderInput!) { createDraftOrder(input: $input)
  { order { orderId lines { id } } errors { code message } } }"""
CHANGE: Final = """mutation Change($input: ChangeOrderLineQuantityInput!) {
  changeOrderLineQuantity(input: $input) { position errors { code message } } }"""
DRAFT: Final = {
    "currency": "GBP",
    "lines": [
        {
            "sku": "TEA",
            "title": "Tea",
            "quantity": 1,
            "unitPrice": {"amount": "2.50", "currency": "GBP"},
        }
    ],
}
SENDERS: Final = 8
PATIENCE_SECONDS: Final = 60.0
GLANCE_SECONDS: Final = 0.002

Send = Callable[[], Awaitable[None]]
"""Makes one event."""


class Asked(msgspec.Struct, frozen=True):
    """`rate`: events per second; 0 for as many as go through, in bursts.

    A server that `is_fed` makes its events up, when it is told to.
    """

    url: str
    subscribers: int
    seconds: float
    rate: float = 0
    burst: int = 20
    is_fed: bool = False


class Watchers:
    """All sockets, and when each event reached them. The same event is the same bytes to all."""

    def __init__(self) -> None:
        self.sockets: list[Subscriber] = []
        self.spent: list[float] = []
        self._recorded: dict[bytes, float] = {}

    def hear(self, message: bytes) -> None:
        recorded = self._recorded.get(message)
        if recorded is None:
            recorded = self._recorded[message] = recorded_at(message)
        self.spent.append(time.time() - recorded)

    async def have_all(self, count: int) -> None:
        """Returns when every socket has got so many. Raises `TimeoutError` if one never does."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            for socket in self.sockets:
                while socket.count < count:
                    assert not socket.is_closed, "a subscription was ended"
                    await asyncio.sleep(GLANCE_SECONDS)
        assert all(socket.count == count for socket in self.sockets), "an event came twice"


def recorded_at(message: bytes) -> float:
    event = orjson.loads(message)["payload"]["data"]["orderEvents"]
    return datetime.fromisoformat(event["recordedAt"]).timestamp()


async def open_order(connection: Connection) -> tuple[str, str]:
    """Its id and that of its line."""
    order = (await connection.ask(CREATE, input=DRAFT))["createDraftOrder"]["order"]
    return order["orderId"], order["lines"][0]["id"]


class Senders:
    """Connections that several commands share, each with one at a time."""

    def __init__(self, connections: list[Connection]) -> None:
        self._free = asyncio.Queue[Connection]()
        for connection in connections:
            self._free.put_nowait(connection)

    @asynccontextmanager
    async def one(self) -> AsyncGenerator[Connection]:
        connection = await self._free.get()
        try:
            yield connection
        finally:
            self._free.put_nowait(connection)


def changer(senders: Senders, order_id: str, line_id: str) -> Send:
    """Each command changes the quantity of a line: an event that leaves the order as small."""
    quantities = itertools.count(2)

    async def send() -> None:
        change = {"orderId": order_id, "lineId": line_id, "quantity": next(quantities)}
        async with senders.one() as connection:
            answer = await connection.ask(CHANGE, input=change)
        assert not answer["changeOrderLineQuantity"]["errors"], answer

    return send


def publisher(senders: Senders) -> Send:
    """Others have no commands: their servers are told to publish."""

    async def send() -> None:
        async with senders.one() as connection:
            await connection.post("/publish", {})

    return send


async def watch(asked: Asked) -> dict[str, Any]:
    order_id, line_id = "1", ""
    if not asked.is_fed:
        order_id, line_id = await open_order(await connect(asked.url))
    watchers = Watchers()
    variables: list[dict[str, object]] = [{"orderId": order_id}] * asked.subscribers
    watchers.sockets = await subscribe(asked.url, SUBSCRIPTION, variables, watchers.hear)
    await asyncio.sleep(1)
    # only now: a server closes what is silent for as long as thousands take to subscribe
    senders = Senders([await connect(asked.url) for _ in range(SENDERS)])
    send = publisher(senders) if asked.is_fed else changer(senders, order_id, line_id)
    await send()
    await watchers.have_all(1)
    watchers.spent.clear()
    measured = await (paced if asked.rate else in_bursts)(asked, watchers, send)
    for socket in watchers.sockets:
        socket.close()
    return measured


async def paced(asked: Asked, watchers: Watchers, send: Send) -> dict[str, Any]:
    count, begun = round(asked.rate * asked.seconds), time.perf_counter()
    tasks: list[asyncio.Task[None]] = []
    for number in range(count):
        await asyncio.sleep(begun + number / asked.rate - time.perf_counter())
        tasks.append(asyncio.ensure_future(send()))
    await asyncio.gather(*tasks)
    await watchers.have_all(1 + count)
    return {
        "p50": percentile(watchers.spent, 50) * 1_000,
        "p99": percentile(watchers.spent, 99) * 1_000,
        "frames": len(watchers.spent),
    }


async def in_bursts(asked: Asked, watchers: Watchers, send: Send) -> dict[str, Any]:
    count, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < asked.seconds:
        await asyncio.gather(*(send() for _ in range(asked.burst)))
        count += asked.burst
        await watchers.have_all(1 + count)
    return {"rate": count / (time.perf_counter() - begun)}


if __name__ == "__main__":
    wanted = msgspec.json.decode(sys.argv[1], type=Asked)
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        print(json.dumps(runner.run(watch(wanted))))
