"""A network that misbehaves: a TCP proxy before PostgreSQL, on loopback, told what to do wrong."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from orderlog.eventstore.urls import PostgresLocation, parse_url

CHUNK_BYTES: Final = 65_536
COMMIT: Final = b"COMMIT\x00"
COMMITTED: Final = b"C\x00\x00\x00\x0bCOMMIT\x00"
"""What PostgreSQL says when a transaction is durable: the tag of a completed COMMIT."""
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)

T = TypeVar("T")


@dataclass(eq=False)
class _Link:
    """One client and its connection to the server."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    is_dead: bool = False
    has_carried: bool = False

    def cut(self) -> None:
        """The client hears of it at once, by a reset."""
        linger = (socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        with suppress(OSError):
            self.client.get_extra_info("socket").setsockopt(*linger)
        self.client.transport.abort()
        self.server.transport.abort()


class FaultyProxy:
    """Made by `faulty_proxy`; its methods may be called from any thread.

    `url` is the server's, by way of the proxy.
    """

    def __init__(self, url: str) -> None:
        location = parse_url(url)
        assert isinstance(location, PostgresLocation)
        self._location = location
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._latency_seconds = 0.0
        self._is_closed_to_all = False
        self._carrying = b""
        self.answers_to_lose = 0
        """How many answers are still to be lost."""
        self.commits_to_lose = 0
        """How many commits are still not to reach the server: the connection is reset instead."""
        self._thread.start()
        self._listener = self._run(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port: int = self._listener.sockets[0].getsockname()[1]
        self.faults = 0
        """How many connections were cut, and answers lost."""

    @property
    def url(self) -> str:
        return f"postgresql://{self._location.user}@127.0.0.1:{self.port}/{self._location.dbname}"

    def slow(self, seconds: float) -> None:
        """Every piece of every message takes so long from now on; 0 ends it."""
        self._latency_seconds = seconds

    def reset(self) -> None:
        """All connections are reset."""
        self._call(self._cut_all)

    def part(self) -> None:
        """Nobody gets through, and nobody is connected, until `heal`."""
        self._is_closed_to_all = True
        self.reset()

    def go_silent(self) -> None:
        """Connections stay open and nothing arrives any more, until `heal` resets them."""
        self._call(self._silence_all)

    def heal(self) -> None:
        """New connections are good; those that a fault has spoilt are reset."""
        self._latency_seconds, self._is_closed_to_all = 0.0, False
        self._call(self._cut_dead)

    def lose_answers(self, count: int = 1, *, carrying: bytes = b"") -> None:
        """The next commits are done and never answered: the connection is reset instead.

        Only transactions in which the client has sent the bytes `carrying` count.
        """
        self._carrying, self.answers_to_lose = carrying, count

    def close(self) -> None:
        async def closed() -> None:
            self._listener.close()
            self._cut_all()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        self._run(closed())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _call(self, act: Callable[[], None]) -> None:
        """Returns when it is done."""

        async def acted() -> None:
            act()

        self._run(acted())

    def _cut_all(self) -> None:
        for link in self._links:
            self._cut(link)

    def _cut_dead(self) -> None:
        for link in self._links:
            if link.is_dead:
                self._cut(link)

    def _silence_all(self) -> None:
        for link in self._links:
            link.is_dead = True

    def _cut(self, link: _Link) -> None:
        self.faults += 1
        link.cut()

    async def _accept(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self._is_closed_to_all:
            client.transport.abort()
            return
        answers, server = await self._connect()
        link = _Link(client, server)
        self._links.add(link)
        try:
            await asyncio.gather(self._ask(link, reader), self._answer(link, answers))
        except OSError:
            link.cut()
        finally:
            self._links.discard(link)
            client.close()
            server.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = self._location.host, self._location.port
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    async def _ask(self, link: _Link, reader: asyncio.StreamReader) -> None:
        while piece := await reader.read(CHUNK_BYTES):
            link.has_carried = link.has_carried or self._carrying in piece
            if COMMIT in piece and self.commits_to_lose:
                self.commits_to_lose -= 1
                self._cut(link)
                return
            await self._pass_on(link, link.server, piece)
        link.server.close()

    async def _answer(self, link: _Link, answers: asyncio.StreamReader) -> None:
        while piece := await answers.read(CHUNK_BYTES):
            if COMMITTED in piece:
                if link.has_carried and self.answers_to_lose:
                    self.answers_to_lose -= 1
                    self._cut(link)
                    return
                link.has_carried = False
            await self._pass_on(link, link.client, piece)
        link.client.close()

    async def _pass_on(self, link: _Link, to: asyncio.StreamWriter, piece: bytes) -> None:
        if self._latency_seconds:
            await asyncio.sleep(self._latency_seconds)
        if not link.is_dead:
            to.write(piece)
            await to.drain()


@contextmanager
def faulty_proxy(url: str) -> Generator[FaultyProxy]:
    """A proxy before the database at `url`; without a fault it is as if it were not there."""
    proxy = FaultyProxy(url)
    try:
        yield proxy
    finally:
        proxy.close()
