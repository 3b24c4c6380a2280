"""Clients that do not keep up: what waits is bounded, and where to go on is said."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx2

from orderlog_server.app import make_app
from orderlog_server.serving import make_server
from orderlog_server.settings import load_settings
from orderlog_server.wiring import running
from tests.schema.api import Api, served
from tests.schema.test_streams import note
from tests.support.attacking import small_socket
from tests.support.talking import Message, Talk, talking

ALIASES: Final = 28
"""One event fills a page of memory: so that buffers are soon full."""
WATCH: Final = f"""
  subscription Watch($id: ID!, $after: Position) {{
    orderEvents(orderId: $id, after: $after) {{
      position version {" ".join(f"data{number}: data" for number in range(ALIASES))}
    }}
  }}
"""
NOTES: Final = 400
TEXT: Final = "x" * 100
AT_ONCE: Final = 20


@asynccontextmanager
async def narrow(folder: Path, ping_seconds: float = 600) -> AsyncGenerator[Api]:
    """A server whose system takes little that nobody reads."""
    url = f"sqlite:///{folder}/orders.db"
    settings = load_settings(database_url=url, auth="none", websocket_ping_seconds=ping_seconds)
    async with running(settings) as platform:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = make_server(make_app(platform), settings)
        async with served(server, listener), httpx2.AsyncClient(base_url=url, timeout=30) as http:
            yield Api(platform, http, url)


def versions_of(messages: list[Message]) -> list[int]:
    return [message["payload"]["data"]["orderEvents"]["version"] for message in messages]


async def heard_until_told_off(talk: Talk) -> tuple[list[Message], str]:
    """The events, and the last position as the server says it."""
    events: list[Message] = []
    while not (message := await talk.hear())["payload"].get("errors"):
        events.append(message)
    (error,) = message["payload"]["errors"]
    assert error["extensions"]["code"] == "SUBSCRIBER_TOO_SLOW"
    assert await talk.hear() == {"id": message["id"], "type": "complete"}
    return events, error["extensions"]["lastPosition"]


async def write(api: Api, order_id: str, count: int) -> None:
    for _ in range(count // AT_ONCE):
        notes = (api.done("addOrderNote", orderId=order_id, text=TEXT) for _ in range(AT_ONCE))
        await asyncio.gather(*notes)


async def test_who_does_not_read_is_told_where_to_go_on_and_nobody_else_waits(
    tmp_path: Path,
) -> None:
    async with narrow(tmp_path) as api:
        order_id = await api.draft()
        watched = {"id": order_id, "after": "0"}
        async with (
            talking(api.url, sock=small_socket(api.url), max_queue=1) as slow,
            talking(api.url) as quick,
        ):
            await slow.ask(WATCH, variables=watched)
            await quick.ask(WATCH, variables=watched)
            first = [await quick.hear() for _ in range(4)]
            writing = asyncio.create_task(write(api, order_id, NOTES))
            theirs = first + [await quick.hear() for _ in range(NOTES)]
            await writing
            assert versions_of(theirs) == list(range(1, NOTES + 5))
            events, last = await heard_until_told_off(slow)
            assert versions_of(events) == list(range(1, len(events) + 1)), "no gap up to there"
            assert events[-1]["payload"]["data"]["orderEvents"]["position"] == last
            await slow.ask(WATCH, variables=watched | {"after": last})
            missed = [await slow.hear() for _ in range(NOTES + 4 - len(events))]
            assert versions_of(events + missed) == versions_of(theirs)


async def test_who_reads_in_time_is_told_what_waited(tmp_path: Path) -> None:
    async with narrow(tmp_path) as api:
        order_id = await api.draft()
        watched = {"id": order_id, "after": "0"}
        async with talking(api.url, sock=small_socket(api.url), max_queue=1) as talk:
            await talk.ask(WATCH, variables=watched)
            await write(api, order_id, 120)
            events = [await talk.hear() for _ in range(124)]
            assert versions_of(events) == list(range(1, 125))
            await note(api, order_id, 1)
            assert versions_of([await talk.hear()]) == [125]


async def test_to_read_slowly_is_a_sign_of_life(tmp_path: Path) -> None:
    async with narrow(tmp_path, ping_seconds=0.6) as api:
        order_id, count = await api.draft(), 240
        await write(api, order_id, count)
        async with talking(api.url, sock=small_socket(api.url), max_queue=1) as talk:
            await talk.ask(WATCH, variables={"id": order_id, "after": "0"})
            events: list[Message] = []
            while len(events) < count + 4:  # pings are among them, and nobody answers
                message = await talk.hear()
                events += [message] if message["type"] == "next" else []
                await asyncio.sleep(0.01)
            assert versions_of(events) == list(range(1, count + 5))
