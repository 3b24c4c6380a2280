"""HTTP connections: what is written together goes out together, and streams end with the server."""

import asyncio
from typing import Any, Final, cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

ENDLESS: Final = "orderlog.endless"
HELD_BYTES_MAX: Final = 64 * 1024


def call_endless(scope: Scope) -> None:
    """Says of a request that its answer never ends by itself: nobody need wait for that."""
    scope[ENDLESS] = True


class Together:
    """A transport that holds what is written until the event loop turns.

    The head and the body of an answer are one packet then, and one call of the system.
    """

    __slots__ = ("_held", "_loop", "_size", "transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.transport = transport
        self._loop = loop
        self._held: list[bytes] = []
        self._size = 0

    def write(self, part: bytes) -> None:
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(part)
        self._size += len(part)
        if self._size > HELD_BYTES_MAX:  # the transport says when that is too much
            self._flush()

    def close(self) -> None:
        self._flush()
        self.transport.close()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - all else is the transport's own
        return getattr(self.transport, name)

    def _flush(self) -> None:
        held, self._held, self._size = self._held, [], 0
        if held and not self.transport.is_closing():
            self.transport.write(b"".join(held))


class HttpConnection(HttpToolsProtocol):
    """The library's, but it writes less often, and does not wait for what never ends.

    A stream is cut when the server stops: its client sees that, comes back and goes on.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride] - as the library has it
        super().connection_made(transport)
        self.transport = cast("asyncio.Transport", Together(transport, self.loop))

    def handle_websocket_upgrade(self) -> None:
        """Frames have a way of their own."""
        self.transport = cast("Together", self.transport).transport
        super().handle_websocket_upgrade()

    def shutdown(self) -> None:
        super().shutdown()
        cycle = cast("RequestResponseCycle | None", self.cycle)  # none before the first request
        if cycle is not None and ENDLESS in cycle.scope:
            self.transport.close()
