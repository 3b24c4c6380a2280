"""A lean subscriber: one WebSocket, the protocol graphql-transport-ws, one subscription.

Thousands of them fit into one process. Frames are handed on as bytes: who holds a thousand sockets
with the same subscription decodes each event once.
"""

import asyncio
import base64
import os
from collections.abc import Callable
from typing import Final, cast
from urllib.parse import urlsplit

import orjson

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
NEXT_MARK: Final = b'"next"'
ACK_MARK: Final = b'"connection_ack"'
PING_MARK: Final = b'"ping"'
SHORT, LONG = 126, 127
CONNECTING_AT_ONCE: Final = 50

OnNext = Callable[[bytes], None]


class Subscriber(asyncio.Protocol):
    """Subscribes as soon as it may; `on_next` gets each message of type `next`."""

    def __init__(self, host: str, subscribe: bytes, on_next: OnNext) -> None:
        self.acknowledged = asyncio.get_running_loop().create_future()
        self.count = 0
        self.is_closed = False
        self._host = host
        self._subscribe = subscribe
        self._on_next = on_next
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._is_upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        key = base64.b64encode(os.urandom(16)).decode()
        head = (
            f"GET /graphql HTTP/1.1\r\nhost: {self._host}\r\nupgrade: websocket\r\n"
            f"connection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n"
            "sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
        )
        self._transport.write(head.encode())

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._is_upgraded:
            head, found, rest = self._received.partition(b"\r\n\r\n")
            if not found:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._is_upgraded, self._received = True, rest
            self._send(TEXT, b'{"type":"connection_init"}')
        self._take_frames()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the library's own
        self.is_closed = True
        if not self.acknowledged.done():
            self.acknowledged.set_exception(ConnectionError("the server closed a socket at once"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _take_frames(self) -> None:
        received, start = self._received, 0
        while len(received) >= start + 2:
            length, body = received[start + 1], start + 2
            if length >= SHORT:
                width = 2 if length == SHORT else 8
                length = int.from_bytes(received[body : body + width])
                body += width
            if len(received) < body + length:
                break
            self._hear(received[start] & 0xF, received[body : body + length])
            start = body + length
        self._received = received[start:]

    def _hear(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self._send(PONG, payload)
        elif opcode == TEXT and NEXT_MARK in payload:
            self.count += 1
            self._on_next(payload)
        elif opcode == TEXT and ACK_MARK in payload:
            self._send(TEXT, self._subscribe)
            self.acknowledged.set_result(None)
        elif opcode == TEXT and PING_MARK in payload:
            self._send(TEXT, b'{"type":"pong"}')
        else:
            message = f"unexpected: {payload!r}"
            raise ConnectionError(message)

    def _send(self, opcode: int, payload: bytes) -> None:
        """Frames of a client are masked; a mask of zeros leaves them as they are."""
        assert self._transport is not None
        count = len(payload)
        length = bytes([0x80 | count]) if count < SHORT else b"\xfe" + count.to_bytes(2)
        self._transport.write(bytes([0x80 | opcode]) + length + bytes(4) + payload)


async def subscribe(
    url: str, query: str, variables: list[dict[str, object]], on_next: OnNext
) -> list[Subscriber]:
    """A socket for each set of variables, all of them subscribed."""
    place, loop = urlsplit(url), asyncio.get_running_loop()
    host, port = place.hostname, place.port
    assert host is not None
    assert port is not None
    gate = asyncio.Semaphore(CONNECTING_AT_ONCE)

    async def one(values: dict[str, object]) -> Subscriber:
        wanted = {"id": "1", "type": "subscribe", "payload": {"query": query, "variables": values}}
        async with gate:
            _, subscriber = await loop.create_connection(
                lambda: Subscriber(place.netloc, orjson.dumps(wanted), on_next),
                host,
                port,
            )
            await subscriber.acknowledged
            return subscriber

    return await asyncio.gather(*map(one, variables))
