"""A client as a program: it reaches the server over a network that can be cut, and prints lines."""

import asyncio
import json
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.schema.api import Api, JsonObject
from tests.support.proxy import FaultyProxy, faulty_proxy

PATIENCE_SECONDS: Final = 40

Event = tuple[str, str]
"""Position and type."""


@dataclass
class Follower:
    """A program that runs: each of its lines is JSON."""

    process: Process
    proxy: FaultyProxy

    async def line(self) -> JsonObject:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        text = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE_SECONDS)
        assert text, (await self.process.stderr.read()).decode()
        line: JsonObject = json.loads(text)
        return line

    async def event(self) -> Event:
        line = await self.line()
        return line["position"], line["type"]


@asynccontextmanager
async def following(
    api: Api, folder: Path, *command: str | Path, token: str = ""
) -> AsyncGenerator[Follower]:
    """Runs a program; it has to end well by itself."""
    with faulty_proxy(api.url.replace("http://", "postgresql://nobody@") + "/x") as proxy:
        url = f"http://127.0.0.1:{proxy.port}/graphql"
        told = {"ORDERLOG_URL": url, "ORDERLOG_TOKEN": token}
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=os.environ | told, stdout=PIPE, stderr=PIPE
        )
        try:
            yield Follower(process, proxy)
            assert await asyncio.wait_for(process.wait(), PATIENCE_SECONDS) == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def follow_to_the_end(api: Api, client: Follower, order_id: str, first: str) -> None:
    """While an order changes, also while the client is away. It must see what the log has.

    `first` is the type of the event up to which the past of the order goes.
    """
    seen = [await client.event()]
    while seen[-1][1] != first:
        seen.append(await client.event())
    await note(api, order_id)
    seen.append(await client.event())
    client.proxy.part()
    await note(api, order_id)
    await note(api, order_id)
    client.proxy.heal()
    seen += [await client.event(), await client.event()]
    await api.done("discardDraft", orderId=order_id)
    seen.append(await client.event())
    assert seen == await events_of(api, order_id)


async def note(api: Api, order_id: str) -> None:
    await api.done("addOrderNote", orderId=order_id, text="Something happened.")


async def events_of(api: Api, order_id: str) -> list[Event]:
    """As the log has them."""
    query = """
      query History($id: ID!) { order(id: $id) { history(first: 100) { nodes { position type } } } }
    """
    await api.platform.settled()
    nodes = (await api.ask(query, id=order_id))["order"]["history"]["nodes"]
    return [(node["position"], node["type"]) for node in nodes]
