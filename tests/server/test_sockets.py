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

from orderlog.application.metadata import new_id
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
PATIENT: Final = {"ORDERLOG_WEBSOCKET_PING_SECONDS": "3600"}
"""Nobody reads, and answers pings, while thousands are connected."""
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
    process, url = started(Program(tmp_path), **PATIENT)
    yield Server(url, process.pid)
    stopped(process, signal.SIGTERM)


@asynccontextmanager
async def watching(url: str, *order_ids: str) -> AsyncGenerator[list[ClientConnection]]:
    """A socket for each of these orders, which watches it from now on."""
    address, places = url.replace("http", "ws") + "/graphql", asyncio.Semaphore(CONNECTING_AT_ONCE)

    async def watch(number: int, order_id: str) -> ClientConnection:
        wanted = {"query": WATCH, "variables": {"id": order_id, "after": None}}
        subscribe = {"type": "subscribe", "payload": wanted}
        async with places:
            protocols = [Subprotocol("graphql-transport-ws")]
            socket = await connect(address, subprotocols=protocols, ping_interval=None)
            await socket.send('{"type": "connection_init"}')
            await socket.recv()
            await socket.send(orjson.dumps({"id": f"{number:036}", **subscribe}).decode())
            await socket.send('{"type": "ping"}')
            await socket.recv()
            return socket

    watches = (watch(number, order_id) for number, order_id in enumerate(order_ids))
    sockets = await asyncio.gather(*watches)
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
    ("count", "is_shared", "kilobytes_max"),
    [
        pytest.param(300, True, 20, id="of the same order"),
        pytest.param(300, False, 38, id="of as many orders"),
        pytest.param(5_000, True, 15, id="of the same order, 5,000", marks=pytest.mark.slow),
        pytest.param(5_000, False, 30, id="of as many orders, 5,000", marks=pytest.mark.slow),
    ],
)
async def test_an_idle_subscriber_costs_little(
    tmp_path: Path, count: int, kilobytes_max: int, *, is_shared: bool
) -> None:
    allow_files(count + SPARE_FILES)
    process, url = started(Program(tmp_path), **PATIENT)
    server = Server(url, process.pid)
    try:
        order_id = server.draft()
        watched = [order_id if is_shared else new_id() for _ in range(count)]
        async with watching(url, *[order_id] * 20):
            server.ask(NOTE, input={"orderId": order_id, "text": "warm"})
            before = server.kilobytes()
        async with watching(url, *watched):
            each = (server.kilobytes() - before) / count
    finally:
        stopped(process, signal.SIGTERM)
    assert each < kilobytes_max


async def test_every_socket_is_told_every_event_in_order(server: Server) -> None:
    order_id = server.draft()
    async with watching(server.url, *[order_id] * 100) as sockets:
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
