"""WebSocket connections that need no task: an application is told what comes, and writes at once.

uvicorn's own wakes a task for each message and keeps one for each connection. Here an application
that has accepted a connection may take it over, by the `extensions` of its scope, and return.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, cast

from starlette.types import Scope
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

TAKE_OVER: Final = "orderlog.take_over"
TEXT: Final = 0x81
"""The first byte of a frame that is a whole text message."""
SHORT_MAX: Final = 125
MEDIUM_MAX: Final = 0xFFFF
REASON_BYTES_MAX: Final = 123
SLICE_BYTES: Final = 4_096
"""So much is read at a time: a flood of tiny frames is noticed before all of it is."""
CLOSING_SECONDS_MAX: Final = 5.0
"""So long a client may take to answer that it is closed."""


class Listener(Protocol):
    """Whoever took a connection over. It is told at once, and must not wait."""

    def hear_bytes(self, count: int) -> bool:
        """So many came, of whatever kind; False where they are not to be read any more."""
        ...

    def hear_frame(self) -> object:
        """One that is no message: a ping, a pong, or a fragment."""
        ...

    def hear(self, text: bytes) -> None: ...

    def hear_binary(self) -> None: ...

    def can_write(self) -> None:
        """The client has read what was written."""
        ...

    def lost(self) -> None:
        """Nothing comes any more, and nothing can be written."""
        ...


class Line(Protocol):
    """A connection, as whoever took it over sees it."""

    @property
    def is_writable(self) -> bool:
        """Whether the client keeps up with what is written."""
        ...

    def write(self, texts: Sequence[bytes]) -> None:
        """A frame for each; nothing where the connection is closed."""
        ...

    def close(self, code: int, reason: str, *, at_once: bool = False) -> None:
        """At once: nothing that still comes is looked at."""
        ...


TakeOver = Callable[[Callable[[Line], Listener]], None]


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

    def take_all(self) -> list[Any]:
        taken, self._messages = self._messages, []
        return taken


class Connection(WebSocketsSansIOProtocol):
    """The library's, which can be taken over, and is lighter: thousands of them are idle."""

    _listener: Listener | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the library's own
        super().__init__(*args, **kwargs)
        self.queue = cast("asyncio.Queue[Any]", Inbox())

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.handshake_initiated and not self.close_sent:
            self.scope.setdefault("extensions", {})[TAKE_OVER] = {"call": self.take_over}

    def take_over(self, listen: Callable[[Line], Listener]) -> None:
        """For an application that has accepted; it must not `receive` or `send` any more."""
        self.request.headers.clear()
        self.response.headers.clear()
        self.scope = cast("Any", {})
        waiting = cast("Inbox", self.queue).take_all()
        listener = self._listener = listen(self)
        for message in waiting:  # it came before the handshake was over
            match message:
                case {"type": "websocket.receive", "text": str(text)}:
                    listener.hear(text.encode())
                case {"type": "websocket.receive"}:
                    listener.hear_binary()
                case _:
                    self.forsake()
        self._read_on()

    def forsake(self) -> None:
        """There is nothing more to hear for whoever listens."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.lost()

    async def run_asgi(self) -> None:
        """The library's closes the connection when the application returns."""
        try:
            await self.app(self.scope, self.receive, self.send)  # pyright: ignore[reportUnknownMemberType] - partly untyped there
        except ClientDisconnected:
            pass
        except Exception:
            self.logger.exception("Exception in ASGI application\n")
            self.send_500_response()
        if self._listener is None and self.close_timer is None:
            self.transport.close()

    # what comes

    def data_received(self, data: bytes) -> None:
        for begin in range(0, len(data), SLICE_BYTES):
            part, listener = data[begin : begin + SLICE_BYTES], self._listener
            if listener is None or listener.hear_bytes(len(part)):
                super().data_received(part)

    def handle_cont(self, event: Frame) -> None:
        """Empty ones are not kept: they would not count against the length of a message."""
        self._hear_frame()
        if event.data or event.fin:
            super().handle_cont(event)

    def handle_ping(self) -> None:
        self._hear_frame()
        super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        self._hear_frame()
        super().handle_pong(event)

    def _hear_frame(self) -> None:
        if self._listener is not None:
            self._listener.hear_frame()

    def send_receive_event_to_app(self) -> None:
        listener = self._listener
        if listener is None:
            super().send_receive_event_to_app()
            return
        message, self.frames = b"".join(self.frames), []
        if self.close_sent:
            return
        if self.curr_msg_data_type == "text":
            listener.hear(message)
        else:
            listener.hear_binary()

    def handle_close(self, event: Frame) -> None:
        """What was written is sent first; who does not take that either is not waited for."""
        super().handle_close(event)
        self.forsake()
        self._hang_up_soon()

    def handle_parser_exception(self) -> None:
        """The client is told why before the connection goes: what it still sends is not read."""
        if self._listener is not None:
            self._say_farewell()
            self._end()
        elif not self.close_sent:
            super().handle_parser_exception()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.forsake()

    def pause_writing(self) -> None:
        """Who does not read is not heard either: its answers would have to be kept."""
        super().pause_writing()
        if self._listener is not None:
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        """What the client has said meanwhile comes first: that it has heard enough, perhaps."""
        super().resume_writing()
        if self._listener is not None:
            self._read_on()
            self.loop.call_soon(self._tell_writable)

    def _tell_writable(self) -> None:
        if self._listener is not None:
            self._listener.can_write()

    # what goes out

    @property
    def is_writable(self) -> bool:
        return self.writable.is_set()

    def write(self, texts: Sequence[bytes]) -> None:
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return
        self.transport.write(b"".join([part for text in texts for part in framed(text)]))

    def close(self, code: int, reason: str, *, at_once: bool = False) -> None:
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return
        shown = reason.encode()[:REASON_BYTES_MAX].decode(errors="ignore")
        if at_once:
            self.conn.fail(code, shown)
        else:
            self.conn.send_close(code, shown)
        self._say_farewell()
        if at_once:
            self._end()

    def _say_farewell(self) -> None:
        """What the protocol has to say last; then the client has some time to answer."""
        self.transport.write(b"".join(self.conn.data_to_send()))
        if not self.close_sent:
            self.close_sent = True
            self._hang_up_soon()
            self._read_on()
            self.forsake()

    def _end(self) -> None:
        """The client sees that nothing more comes, and hangs up by itself."""
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _hang_up_soon(self) -> None:
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(CLOSING_SECONDS_MAX, self.transport.abort)

    def _read_on(self) -> None:
        self.read_paused = False
        if not self.transport.is_closing():
            self.transport.resume_reading()


def framed(text: bytes) -> tuple[bytes, bytes]:
    """Header and text of one frame from the server (RFC 6455, 5.2: whole, not masked)."""
    size = len(text)
    if size <= SHORT_MAX:
        return bytes((TEXT, size)), text
    if size <= MEDIUM_MAX:
        return bytes((TEXT, 126)) + size.to_bytes(2, "big"), text
    return bytes((TEXT, 127)) + size.to_bytes(8, "big"), text


def taking_over(scope: Scope) -> TakeOver:
    """Raises `KeyError` under a server that has no such way."""
    take_over: TakeOver = scope["extensions"][TAKE_OVER]["call"]
    return take_over
