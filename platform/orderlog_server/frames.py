"""WebSocket connections that many can be told something through at once, without a task for each.

A frame is written as soon as it is there, unless the client has stopped reading; an application
finds the way in the `extensions` of its scope.
"""

from collections.abc import Callable, Iterable
from typing import Final

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

WRITE_NOW: Final = "orderlog.write_now"
TEXT: Final = 0x81
"""The first byte of a frame that is a whole text message."""
SHORT_MAX: Final = 125
MEDIUM_MAX: Final = 0xFFFF

WriteNow = Callable[[Iterable[bytes]], bool]
"""Writes texts as frames; False, and nothing written, where the client does not keep up."""


class Connection(WebSocketsSansIOProtocol):
    """The library's, with a way around its queue."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.handshake_initiated and not self.close_sent:
            extensions = self.scope.setdefault("extensions", {})
            extensions[WRITE_NOW] = {"call": self.write_now}

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
