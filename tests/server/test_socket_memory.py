"""Subscriptions that go on for a long time leave nothing behind, nor do those that end."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import httpx2
import pytest

from tests.faults.test_memory import growth, kibibytes_of
from tests.server.test_serving import started, stopped
from tests.support.program import Program
from tests.support.talking import Talk, talking

DRAFT: Final = """
  mutation {
    createDraftOrder(input: {
      currency: "GBP"
      lines: [{sku: "TEA", title: "Tea", quantity: 1, unitPrice: {amount: "2.50", currency: "GBP"}}]
    }) { order { orderId lines { id } } }
  }
"""
CHANGE: Final = """
  mutation Change($input: ChangeOrderLineQuantityInput!) {
    changeOrderLineQuantity(input: $input) { errors { message } }
  }
"""
PING: Final = '{"type":"ping"}'
GROUPS: Final = 40
"""So many different documents: each is executed for every event."""
EVENTS_PER_SECOND: Final = 100
SAMPLE_SECONDS: Final = 0.5
LONG_SECONDS: Final = min(600.0, float(os.environ.get("ORDERLOG_TEST_SECONDS", "300")))


def document(number: int) -> str:
    return f"""subscription Watch($id: ID!) {{
      orderEvents(orderId: $id) {{ position type data as{number}: version }}
    }}"""


async def listen(talk: Talk) -> None:
    """And give a sign of life where one is asked for."""
    async for text in talk.connection:
        if text == PING:
            await talk.say({"type": "pong"})


async def come_and_go(url: str, order_id: str) -> None:
    """Some sockets hang up, on others an operation is stopped."""
    while True:
        async with talking(url) as talk:
            for number in range(5):
                await talk.ask(document(number), str(number), variables={"id": order_id})
            await talk.hear()
            await talk.stop("3")


async def change(url: str, order_id: str, line_id: str) -> None:
    """An event each time, and the order stays as small as it is."""
    async with httpx2.AsyncClient(base_url=url, timeout=30) as http:
        quantity = 1
        while True:
            quantity = quantity % 9 + 1
            change = {"orderId": order_id, "lineId": line_id, "quantity": quantity}
            await http.post("/graphql", json={"query": CHANGE, "variables": {"input": change}})
            await asyncio.sleep(1 / EVENTS_PER_SECOND)


@asynccontextmanager
async def watched(url: str) -> AsyncGenerator[None]:
    """An order that changes all the time, those who watch it, and those who come and go."""
    order = httpx2.post(f"{url}/graphql", json={"query": DRAFT}, timeout=30).json()
    order = order["data"]["createDraftOrder"]["order"]
    async with AsyncExitStack() as stack:
        talks = [await stack.enter_async_context(talking(url)) for _ in range(GROUPS)]
        for number, talk in enumerate(talks):
            await talk.ask(document(number), variables={"id": order["orderId"]})
        busy = [
            asyncio.create_task(change(url, order["orderId"], order["lines"][0]["id"])),
            asyncio.create_task(come_and_go(url, order["orderId"])),
            *(asyncio.create_task(listen(talk)) for talk in talks),
        ]
        yield
        for task in busy:
            assert not task.done(), task
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)


@pytest.mark.parametrize(
    ("seconds", "growth_max"),
    [
        (18.0, 0.05),
        pytest.param(
            LONG_SECONDS,
            0.05,
            marks=[pytest.mark.slow, pytest.mark.timeout(LONG_SECONDS + 120)],
        ),
    ],
)
async def test_memory_is_flat_while_orders_are_watched(
    tmp_path: Path, seconds: float, growth_max: float
) -> None:
    process, url = started(Program(tmp_path), ORDERLOG_WEBSOCKET_MESSAGES_PER_MINUTE_MAX="1000000")
    samples: list[int] = []
    try:
        async with watched(url):
            for _ in range(int(seconds / SAMPLE_SECONDS)):
                samples.append(kibibytes_of(process.pid))
                await asyncio.sleep(SAMPLE_SECONDS)
    finally:
        stopped(process, signal.SIGTERM)
    assert growth(samples) < growth_max, samples[:: len(samples) // 20 or 1]
