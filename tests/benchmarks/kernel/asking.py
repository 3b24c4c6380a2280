"""Clients, in a process of their own, that ask the same thing over HTTP, again and again.

    python -m tests.benchmarks.kernel.asking '{"url": …, "body": {…}, "clients": 16, "seconds": 2}'

Each has a connection that is kept alive, and waits for its answer. Prints how many answers there
were, in how many seconds.
"""

import asyncio
import json
import sys
import time
from typing import Any, Final, cast
from urllib.parse import urlsplit

import msgspec
from uvicorn.loops.auto import auto_loop_factory

LENGTH: Final = b"content-length: "
END: Final = b"\r\n\r\n"


class Asked(msgspec.Struct, frozen=True):
    url: str
    body: dict[str, Any]
    clients: int
    seconds: float


class Client(asyncio.Protocol):
    """Asks as soon as it has an answer; `left` ends when it has the one after the last moment."""

    def __init__(self, request: bytes, seconds: float) -> None:
        self.count = 0
        self.left = asyncio.get_running_loop().create_future()
        self._request = request
        self._until = time.perf_counter() + seconds
        self._received = b""
        self._wanted = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._received = self._received + data if self._received else data
        self._wanted = self._wanted or self._length()
        if not self._wanted or len(self._received) < self._wanted:
            return
        self.count, self._received, self._wanted = self.count + 1, b"", 0
        if time.perf_counter() < self._until:
            self._transport.write(self._request)
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the library's own
        if time.perf_counter() < self._until:
            self.left.set_exception(ConnectionError("the server closed a connection"))
        else:
            self.left.set_result(None)

    def _length(self) -> int:
        """Of the whole answer; 0 while its head is not there."""
        end = self._received.find(END)
        if end < 0:
            return 0
        head = self._received[: end + 2].lower()
        assert head.startswith(b"http/1.1 200"), self._received
        start = head.index(LENGTH) + len(LENGTH)
        return end + len(END) + int(head[start : head.index(b"\r", start)])


async def ask(asked: Asked) -> dict[str, float]:
    place, loop = urlsplit(asked.url), asyncio.get_running_loop()
    host, port = place.hostname, place.port
    assert host is not None
    assert port is not None
    request, begun = request_to(place.netloc, asked.body), time.perf_counter()
    opened = (
        loop.create_connection(lambda: Client(request, asked.seconds), host, port)
        for _ in range(asked.clients)
    )
    clients = [client for _, client in await asyncio.gather(*opened)]
    await asyncio.gather(*(client.left for client in clients))
    seconds = time.perf_counter() - begun
    return {"count": sum(client.count for client in clients), "seconds": seconds}


def request_to(host: str, body: dict[str, Any]) -> bytes:
    content = json.dumps(body).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n"
        f"accept: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


if __name__ == "__main__":
    wanted = msgspec.json.decode(sys.argv[1], type=Asked)
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        print(json.dumps(runner.run(ask(wanted))))
