"""Clients that mean no good: none is waited for, and others hardly notice."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx2
import pytest
from websockets.frames import Close, Opcode

from orderlog_server import frames
from orderlog_server.app import make_app
from orderlog_server.auth.issuing import Wanted, ensure_key, issue
from orderlog_server.serving import Server, make_server
from orderlog_server.settings import load_settings
from orderlog_server.wiring import running
from tests.faults.test_memory import kibibytes_of
from tests.schema.api import served
from tests.server.test_serving import started, stopped
from tests.server.test_sockets import SPARE_FILES, allow_files
from tests.support.attacking import INIT, SCHEMA, raw, small_socket
from tests.support.program import Program
from tests.support.talking import talking

ROOT: Final = Path(__file__).parents[2]


@asynccontextmanager
async def house(folder: Path, **given: object) -> AsyncGenerator[tuple[str, Server]]:
    """A server, and where it is."""
    url = f"sqlite:///{folder}/orders.db"
    ours: dict[str, object] = {"database_url": url, "auth": "none", "shutdown_grace_seconds": 1}
    settings = load_settings(**(ours | given))
    async with running(settings) as platform:
        listener = socket.create_server(("127.0.0.1", 0))
        server = make_server(make_app(platform), settings)
        async with served(server, listener):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", server


async def test_who_never_answers_a_close_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "CLOSING_SECONDS_MAX", 0.3)
    async with house(tmp_path) as (url, server), raw(url) as client:
        client.send(b"hello")
        head = await client.reader.readexactly(4)
        assert (head[0], int.from_bytes(head[2:4])) == (0x88, 4400)
        assert await asyncio.wait_for(client.is_cut_off(), 5)
        assert server.server_state.connections == set()


async def test_who_is_not_heard_out_is_told_why(tmp_path: Path) -> None:
    async with house(tmp_path) as (url, server), raw(url) as client:
        client.send(b"x" * 2_000_000)
        head = await client.reader.readexactly(4)
        assert (head[0], int.from_bytes(head[2:4])) == (0x88, 1009)
        assert await asyncio.wait_for(client.is_cut_off(), 5)
        client.writer.close()
        async with asyncio.timeout(10):
            while server.server_state.connections:  # noqa: ASYNC110 - nothing tells us
                await asyncio.sleep(0.05)


async def test_who_hangs_up_without_reading_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "CLOSING_SECONDS_MAX", 0.3)
    async with (
        house(tmp_path, websocket_ping_seconds=0.6) as (url, server),
        raw(url, small_socket(url)) as client,
    ):
        client.send(INIT)
        for number in range(20):
            client.ask(SCHEMA, str(number))
        client.send(Close(1000, "").serialize(), Opcode.CLOSE)
        async with asyncio.timeout(10):
            while server.server_state.connections:  # noqa: ASYNC110 - nothing tells us
                await asyncio.sleep(0.05)


# --- many of them


@dataclass(frozen=True)
class Shop:
    """A server in a process of its own, with a token for us and one for them."""

    url: str
    pid: int
    ours: str
    theirs: str


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    url = f"sqlite:///{tmp_path}/orders.db"
    settings = load_settings(database_url=url, auth="token")
    ensure_key(settings)
    ours, theirs = (
        issue(Wanted(kind="staff", subject=name, roles=["viewer"], seconds=900), settings).text
        for name in ("grace", "mallory")
    )
    program = Program(tmp_path)
    process, url = started(program, ORDERLOG_AUTH="token", ORDERLOG_DATABASE_URL=url)
    yield Shop(url, process.pid, ours, theirs)
    stopped(process, signal.SIGTERM)


@contextmanager
def attacked(shop: Shop, count: int) -> Generator[None]:
    command = [sys.executable, "-m", "tests.support.attacking", shop.url, str(count), shop.theirs]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as attackers:
        try:
            assert attackers.stdout is not None
            assert attackers.stdout.readline() == b"they come\n"
            yield
        finally:
            attackers.kill()


async def slowest_percent(shop: Shop, seconds: float) -> float:
    """So long, in seconds, 99 of 100 answers take at the most, over HTTP and on a socket."""
    spent: list[float] = []
    proof = {"authorization": f"Bearer {shop.ours}"}
    http = httpx2.AsyncClient(base_url=shop.url, headers=proof, timeout=30)
    async with http, talking(shop.url, init=INIT | {"payload": proof}) as talk:
        ends_at = time.monotonic() + seconds
        while (begun := time.monotonic()) < ends_at:
            answer = await http.post("/graphql", json={"query": "{ head }"})
            assert answer.json()["data"] == {"head": "0"}
            asked = time.monotonic()
            await talk.ask("{ head }")
            assert [(await talk.hear())["type"] for _ in range(2)] == ["next", "complete"]
            spent += [asked - begun, time.monotonic() - asked]
            await asyncio.sleep(0.11)
    return sorted(spent)[len(spent) * 99 // 100]


def processor_seconds(pid: int) -> float:
    """What a process has worked so far: the same, however busy the machine is."""
    *_, fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
    user, system = fields.split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def test_to_repel_costs_little(shop: Shop) -> None:
    memory, work = kibibytes_of(shop.pid), processor_seconds(shop.pid)
    with attacked(shop, 200):
        await slowest_percent(shop, 5)
        assert kibibytes_of(shop.pid) - memory < 60_000
        assert processor_seconds(shop.pid) - work < 4


@pytest.mark.slow
async def test_others_hardly_notice(request: pytest.FixtureRequest) -> None:
    allow_files(10_000 + SPARE_FILES)
    shop: Shop = request.getfixturevalue("shop")
    with attacked(shop, 10_000):
        assert await slowest_percent(shop, 60) < 0.2
        assert kibibytes_of(shop.pid) < 1_000_000
