"""WebSocket connections that many can be told something through at once, without a task for each.

A frame is written as soon as it is there, unless the client has stopped reading; an application
finds the way in the `extensions` of its scope.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

WRITE_NOW: Final = "orderlog.write_now"
TEXT: Final = 0x81
"""The first byte of a frame that is a whole text message."""
SHORT_MAX: Final = 125
MEDIUM_MAX: Final = 0xFFFF

WriteNow = Callable[[Iterable[bytes]], bool]
"""Writes texts as frames; False, and nothing written, where the client does not keep up."""


class Inbox:
    """What a client sent and nobody has taken yet: a queue for one reader, small while empty."""

    __slots__ = ("_messages", "_waiting")

    def __init__(self) -> None:
        self._messages: list[Any] = []
        self._waiting: asyncio.Future[None] | None = None

    def put_nowait(self, message: object) -> None:
        self._messages.append(message)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def get(self) -> Any:  # noqa: ANN401 - as the library's queue
        while not self._messages:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        self._waiting = None
        return self._messages.pop(0)

    def empty(self) -> bool:
        return not self._messages


class Connection(WebSocketsSansIOProtocol):
    """The library's, with a way around its queue, and lighter: thousands of them are idle."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the library's own
        super().__init__(*args, **kwargs)
        self.queue = cast("asyncio.Queue[Any]", Inbox())

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.handshake_initiated and not self.close_sent:
            extensions = self.scope.setdefault("extensions", {})
            extensions[WRITE_NOW] = {"call": self.write_now}

    def handle_text(self, event: Frame) -> None:
        """The handshake is over by now: what the application needs of it stands in the scope."""
        self.request.headers.clear()
        self.response.headers.clear()
        super().handle_text(event)

    def write_now(self, texts: Iterable[bytes]) -> bool:
        is_open = self.handshake_complete and not self.close_sent and not self.disconnected
        if not is_open or not self.writable.is_set() or self.transport.is_closing():
            return False
        self.transport.write(b"".join([part for text in texts for part in framed(text)]))
        return True


def framed(text: bytes) -> tuple[bytes, bytes]:
    """Header and text of one frame from the server (RFC 6455, 5.2: whole, not masked)."""
    size = len(text)
    if size <= SHORT_MAX:
        return bytes((TEXT, size)), text
    if size <= MEDIUM_MAX:
        return bytes((TEXT, 126)) + size.to_bytes(2, "big"), text
    return bytes((TEXT, 127)) + size.to_bytes(8, "big"), text


def write_now_of(scope: Scope) -> WriteNow | None:
    """None where the server has no such way."""
    write_now: WriteNow | None = scope.get("extensions", {}).get(WRITE_NOW, {}).get("call")
    return write_now
