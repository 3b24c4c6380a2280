"""WebSocket clients that mean no good.

    python -m tests.support.attacking URL COUNT TOKEN

So many of them attack a server on loopback, until they are stopped; some have a token. Prints a
line when they begin.
"""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from websockets.frames import Frame, Opcode

HANDSHAKE: Final = (
    "GET /graphql HTTP/1.1\r\nhost: {host}\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
)
INIT: Final = {"type": "connection_init"}
SCHEMA: Final = "{ __schema { types { name description fields { name description } } } }"


@dataclass
class Raw:
    """A connection on which anything can be sent."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, message: object, opcode: Opcode = Opcode.TEXT, *, fin: bool = True) -> None:
        content = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.writer.write(Frame(opcode, content, fin).serialize(mask=True))

    def ask(self, query: str, key: str) -> None:
        self.send({"id": key, "type": "subscribe", "payload": {"query": query}})

    async def is_cut_off(self) -> bool:
        """Whether the other side is gone, whatever is read before."""
        with suppress(ConnectionError):
            while await self.reader.read(65_536):
                pass
        return True


@asynccontextmanager
async def raw(url: str, connected: socket.socket | None = None) -> AsyncGenerator[Raw]:
    """After the handshake."""
    place = urlsplit(url)
    opening = asyncio.open_connection
    reader, writer = await (
        opening(sock=connected) if connected else opening(place.hostname, place.port)
    )
    try:
        writer.write(HANDSHAKE.format(host=place.netloc).encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
        yield Raw(reader, writer)
    finally:
        writer.close()


def small_socket(url: str) -> socket.socket:
    """Takes in little that nobody reads."""
    ours = socket.socket()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    place = urlsplit(url)
    ours.connect((place.hostname, place.port))
    return ours


PAUSE_SECONDS_MIN: Final = 3.0
ATTEMPTS_PER_SECOND: Final = 100

Attack = Callable[[str], Awaitable[None]]


async def say_nothing(url: str) -> None:
    async with raw(url) as client:
        await client.is_cut_off()


async def talk_rubbish(url: str) -> None:
    async with raw(url) as client:
        client.send(b"\x00\xff" * 30_000)
        await client.is_cut_off()


async def flood(url: str) -> None:
    async with raw(url) as client:
        client.send(INIT)
        for _ in range(2_000):
            client.send({"type": "ping"})
        await client.is_cut_off()


async def never_finish(url: str) -> None:
    async with raw(url) as client:
        client.send(b'{"type": "', fin=False)
        for _ in range(3_000):
            client.send(b"", Opcode.CONT, fin=False)
        await client.is_cut_off()


async def ask_without_end(url: str) -> None:
    """And read nothing of it."""
    token = sys.argv[3]
    async with raw(url, small_socket(url)) as client:
        client.send(INIT | {"payload": {"authorization": f"Bearer {token}"}})
        for number in range(100):
            client.ask(SCHEMA, str(number))
        await asyncio.sleep(60)


ATTACKS: Final[tuple[Attack, ...]] = (
    say_nothing,
    talk_rubbish,
    flood,
    never_finish,
    ask_without_end,
)


async def attack(url: str, number: int, pause_seconds: float) -> None:
    """Again and again, a while after each attempt; a hundred attempts in a second at most."""
    while True:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await ATTACKS[number % len(ATTACKS)](url)
        await asyncio.sleep(pause_seconds)


async def attack_together(url: str, count: int) -> None:
    pause_seconds = max(PAUSE_SECONDS_MIN, count / ATTEMPTS_PER_SECOND)

    async def begin(number: int) -> None:
        await asyncio.sleep(number / count)
        await attack(url, number, pause_seconds)

    sys.stdout.write("they come\n")
    sys.stdout.flush()
    await asyncio.gather(*map(begin, range(count)))


if __name__ == "__main__":
    asyncio.run(attack_together(sys.argv[1], int(sys.argv[2])))
