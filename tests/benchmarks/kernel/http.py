"""A lean HTTP client: one connection, kept alive, JSON both ways; so the server is measured."""

import asyncio
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

LENGTH: Final = b"content-length:"
END: Final = b"\r\n\r\n"


class Connection:
    """Made by `connect`; asks one thing at a time."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._host = host

    async def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        """The answer's JSON. Raises `ConnectionError` when the server is gone."""
        content = orjson.dumps(body)
        head = (
            f"POST {path} HTTP/1.1\r\nhost: {self._host}\r\ncontent-type: application/json\r\n"
            f"accept: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
        )
        self._writer.write(head.encode() + content)
        answered = (await self._reader.readuntil(END)).lower()
        if not answered.startswith(b"http/1.1 200"):
            message = answered.splitlines()[0].decode()
            raise ConnectionError(message)
        start = answered.index(LENGTH) + len(LENGTH)
        length = int(answered[start : answered.index(b"\r\n", start)])
        return orjson.loads(await self._reader.readexactly(length))

    async def ask(self, query: str, **variables: object) -> Any:  # noqa: ANN401 - JSON
        """The `data` of a GraphQL answer. Raises `RuntimeError` for errors of the request."""
        answer = await self.post("/graphql", {"query": query, "variables": variables})
        if answer.get("errors"):
            raise RuntimeError(answer["errors"])
        return answer["data"]

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


async def connect(url: str) -> Connection:
    place = urlsplit(url)
    assert place.hostname is not None
    return Connection(*await asyncio.open_connection(place.hostname, place.port), place.netloc)
