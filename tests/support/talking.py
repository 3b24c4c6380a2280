"""A client of graphql-transport-ws that may say anything, also what no client should."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

PROTOCOL: Final = "graphql-transport-ws"
PATIENCE_SECONDS: Final = 10.0

Message = dict[str, Any]

INIT: Final[Message] = {"type": "connection_init"}
ACK: Final[Message] = {"type": "connection_ack"}


@dataclass
class Talk:
    """One socket."""

    connection: ClientConnection

    async def say(self, message: object) -> None:
        """A message as JSON; text and bytes as they are."""
        raw = message if isinstance(message, str | bytes) else json.dumps(message)
        await self.connection.send(raw)

    async def say_broken_text(self, text: bytes) -> None:
        """A text frame that is no UTF-8."""
        await self.connection.send(text, text=True)

    async def ask(self, query: str | None, key: str = "1", **payload: object) -> None:
        await self.say({"id": key, "type": "subscribe", "payload": {"query": query, **payload}})

    async def stop(self, key: str = "1") -> None:
        await self.say({"id": key, "type": "complete"})

    async def hear(self, within_seconds: float = PATIENCE_SECONDS) -> Message:
        text = await asyncio.wait_for(self.connection.recv(), within_seconds)
        assert isinstance(text, str), "frames are text"
        message: Message = json.loads(text)
        return message

    async def closed(self, within_seconds: float = PATIENCE_SECONDS) -> tuple[int, str]:
        """Code and reason, whatever is heard before."""
        with suppress(ConnectionClosed):
            async with asyncio.timeout(within_seconds):
                while True:
                    await self.connection.recv()
        code, reason = self.connection.close_code, self.connection.close_reason
        assert code is not None
        assert reason is not None
        return code, reason

    async def is_alive(self) -> bool:
        """Whether the next thing that is heard is the answer to a ping."""
        question = {"question": "are you there?"}
        await self.say({"type": "ping", "payload": question})
        return await self.hear() == {"type": "pong", "payload": question}


@asynccontextmanager
async def talking(
    url: str,
    init: Message | None = INIT,
    subprotocols: tuple[str, ...] = (PROTOCOL,),
    **options: Any,  # noqa: ANN401 - the library's own
) -> AsyncGenerator[Talk]:
    """A socket, acknowledged unless nothing is said at first."""
    address = url.replace("http", "ws") + "/graphql"
    protocols = [Subprotocol(name) for name in subprotocols] or None
    options = {"ping_interval": None, "close_timeout": 1} | options
    async with connect(address, subprotocols=protocols, **options) as connection:
        talk = Talk(connection)
        if init is not None:
            await talk.say(init)
            assert await talk.hear() == ACK
        yield talk
