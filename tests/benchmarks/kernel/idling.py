"""Subscribers to whom nothing happens, in a process of their own.

    python -m tests.benchmarks.kernel.idling '{"url": …, "pid": 123, "subscribers": 5000}'

Each has a socket and watches an order of its own, or all of them the same where `is_shared`. Prints
what they cost the server with that pid.
"""

import asyncio
import json
import sys
from typing import Final

import msgspec
from uvicorn.loops.auto import auto_loop_factory

from orderlog.application.metadata import new_id
from tests.benchmarks.kernel.served import resident_bytes
from tests.benchmarks.kernel.sockets import Subscriber, subscribe
from tests.benchmarks.kernel.watching import SUBSCRIPTION

WARM_UP: Final = 100
SETTLE_SECONDS: Final = 2.0


class Asked(msgspec.Struct, frozen=True):
    url: str
    pid: int
    subscribers: int
    is_shared: bool = False


async def idle(asked: Asked) -> dict[str, float]:
    """The first sockets do not count: what all share is loaded with them."""
    orders = [new_id() for _ in range(1 if asked.is_shared else asked.subscribers)]
    warm = await watchers(asked.url, WARM_UP, orders)
    await asyncio.sleep(SETTLE_SECONDS)
    before = resident_bytes(asked.pid)
    cold = await watchers(asked.url, asked.subscribers, orders)
    await asyncio.sleep(SETTLE_SECONDS)
    grown = resident_bytes(asked.pid) - before
    assert not any(one.is_closed for one in warm + cold)
    return {"kilobytes": grown / 1_000 / asked.subscribers}


async def watchers(url: str, count: int, orders: list[str]) -> list[Subscriber]:
    watched: list[dict[str, object]] = [{"orderId": orders[n % len(orders)]} for n in range(count)]
    return await subscribe(url, SUBSCRIPTION, watched, lambda _: None)


if __name__ == "__main__":
    wanted = msgspec.json.decode(sys.argv[1], type=Asked)
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        print(json.dumps(runner.run(idle(wanted))))
