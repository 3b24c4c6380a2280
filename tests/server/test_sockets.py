"""Many sockets at a real server: what they cost while idle, and that each is told everything."""

import asyncio
import resource
import signal
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx2
import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame, Opcode
from websockets.typing import Subprotocol

from orderlog_server.frames import framed
from tests.server.test_serving import started, stopped
from tests.support.machine import lacking
from tests.support.program import Program

WATCH: Final = """
  subscription Watch($id: ID!, $after: Position) {
    orderEvents(orderId: $id, after: $after) { position type version }
  }
"""
DRAFT: Final = 'mutation { createDraftOrder(input: {currency: "GBP"}) { order { orderId } } }'
NOTE: Final = """
  mutation Note($input: AddOrderNoteInput!) { addOrderNote(input: $input) { position } }
"""
SPARE_FILES: Final = 200
CONNECTING_AT_ONCE: Final = 50
PATIENCE_SECONDS: Final = 10


class Server:
    """One server in a process of its own, and one order in it."""

    def __init__(self, url: str, process_id: int) -> None:
        self.url = url
        self._process_id = process_id

    def ask(self, query: str, **variables: object) -> dict[str, dict[str, dict[str, str]]]:
        body = {"query": query, "variables": variables}
        answer = httpx2.post(f"{self.url}/graphql", json=body, timeout=30)
        data: dict[str, dict[str, dict[str, str]]] = answer.json()["data"]
        return data

    def draft(self) -> str:
        return self.ask(DRAFT)["createDraftOrder"]["order"]["orderId"]

    def kilobytes(self) -> int:
        """What it holds in memory."""
        status = Path(f"/proc/{self._process_id}/status")
        if not status.exists():
            lacking("only Linux says how much memory another process holds")
        lines = dict(line.split(":", 1) for line in status.read_text("utf-8").splitlines())
        return int(lines["VmRSS"].split()[0])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    process, url = started(Program(tmp_path))
    yield Server(url, process.pid)
    stopped(process, signal.SIGTERM)


@asynccontextmanager
async def watching(url: str, order_id: str, count: int) -> AsyncGenerator[list[ClientConnection]]:
    """So many sockets that all watch one order from now on."""
    address, places = url.replace("http", "ws") + "/graphql", asyncio.Semaphore(CONNECTING_AT_ONCE)
    variables = {"id": order_id, "after": None}
    subscribe = {"type": "subscribe", "payload": {"query": WATCH, "variables": variables}}

    async def watch(number: int) -> ClientConnection:
        async with places:
            protocols = [Subprotocol("graphql-transport-ws")]
            socket = await connect(address, subprotocols=protocols, ping_interval=None)
            await socket.send('{"type": "connection_init"}')
            await socket.recv()
            await socket.send(orjson.dumps({"id": f"{number:036}", **subscribe}).decode())
            await socket.send('{"type": "ping"}')
            await socket.recv()
            return socket

    sockets = await asyncio.gather(*(watch(number) for number in range(count)))
    try:
        yield sockets
    finally:
        await asyncio.gather(*(socket.close() for socket in sockets))


def allow_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        lacking(f"no process may open {count} files here")
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


@pytest.mark.parametrize(
    ("count", "kilobytes_max"),
    [(300, 45), pytest.param(5_000, 30, marks=pytest.mark.slow)],
)
async def test_an_idle_subscriber_costs_little(
    tmp_path: Path, count: int, kilobytes_max: int
) -> None:
    allow_files(count + SPARE_FILES)
    process, url = started(Program(tmp_path))
    server = Server(url, process.pid)
    try:
        order_id = server.draft()
        async with watching(url, order_id, 20):
            server.ask(NOTE, input={"orderId": order_id, "text": "warm"})
            before = server.kilobytes()
        async with watching(url, order_id, count):
            each = (server.kilobytes() - before) / count
    finally:
        stopped(process, signal.SIGTERM)
    assert each < kilobytes_max


async def test_every_socket_is_told_every_event_in_order(server: Server) -> None:
    order_id = server.draft()
    async with watching(server.url, order_id, 100) as sockets:
        for number in range(10):
            note = {"orderId": order_id, "text": "x" * (1 + 20 * number)}
            await asyncio.to_thread(server.ask, NOTE, input=note)
        for number, socket in enumerate(sockets):
            messages = [orjson.loads(await asyncio.wait_for(socket.recv(), 10)) for _ in range(10)]
            assert {message["id"] for message in messages} == {f"{number:036}"}
            versions = [
                message["payload"]["data"]["orderEvents"]["version"] for message in messages
            ]
            assert versions == list(range(2, 12))


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 70_000])
def test_a_frame_is_the_one_that_the_library_would_write(size: int) -> None:
    text = b"x" * size
    assert b"".join(framed(text)) == Frame(Opcode.TEXT, text).serialize(mask=False)
