"""From a wired platform to a server or a worker in motion, and back to silence."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Coroutine, Generator, Sequence
from types import FrameType
from typing import Final, TypeAlias, TypeVar

import uvicorn
from starlette.routing import BaseRoute
from starlette.types import ASGIApp
from uvicorn.loops.auto import auto_loop_factory

from orderlog_server.app import make_app
from orderlog_server.collector import collecting_rarely
from orderlog_server.duties import ALL_DUTIES, Duties
from orderlog_server.frames import Connection
from orderlog_server.http.connections import HttpConnection
from orderlog_server.settings import Settings
from orderlog_server.wiring import Platform, running

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

Beside = Callable[[Platform], Coroutine[None, None, None]]
"""What runs from the start, and is cancelled at the end; a fault in it ends the whole."""
Parts: TypeAlias = contextlib.AbstractAsyncContextManager[Platform]

T = TypeVar("T")


class Server(uvicorn.Server):
    """Stops at the first Ctrl-C and returns: what was started around it stops in its turn."""

    stopped_by: signal.Signals | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.stopped_by = signal.Signals(sig)
        super().handle_exit(sig, frame)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """The library's own raises the signal again at the end, in the midst of our stopping."""
        with answering_signals(self.handle_exit):
            yield


@contextlib.contextmanager
def answering_signals(handler: Callable[[int, FrameType | None], None]) -> Generator[None]:
    """By this handler; what somebody has chosen to ignore stays ignored."""
    before = {
        one: signal.signal(one, handler)
        for one in STOP_SIGNALS
        if signal.getsignal(one) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for one, handler_before in before.items():
            signal.signal(one, handler_before)


def make_server(app: ASGIApp, settings: Settings) -> Server:
    """A server with our limits; `serve(sockets=[…])` it."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        http=HttpConnection,
        ws=Connection,
        ws_max_size=settings.websocket_message_bytes_max,
        ws_per_message_deflate=False,
        ws_ping_interval=None,  # the protocol above it has its own
        timeout_graceful_shutdown=settings.shutdown_grace_seconds,
    )
    return Server(config)


def serve(
    settings: Settings,
    listener: socket.socket,
    beside: Beside,
    duties: Duties = ALL_DUTIES,
    *,
    further: Sequence[BaseRoute] = (),
    is_prepared: bool = False,
) -> signal.Signals | None:
    """Serves until a signal comes, and says which."""
    parts = running(settings, duties, is_prepared=is_prepared)
    return _run(_serve(settings, listener, beside, parts, further))


async def _serve(
    settings: Settings,
    listener: socket.socket,
    beside: Beside,
    parts: Parts,
    further: Sequence[BaseRoute],
) -> signal.Signals | None:
    async with parts as platform, asyncio.TaskGroup() as tasks:
        server = make_server(make_app(platform, further), settings)
        companion = tasks.create_task(beside(platform))
        with collecting_rarely():
            await server.serve(sockets=[listener])
        companion.cancel()
        return server.stopped_by


def work(
    settings: Settings, beside: Beside, duties: Duties = ALL_DUTIES, *, is_prepared: bool = False
) -> signal.Signals:
    """Does what is to be done once for all processes, until a signal comes, and says which."""
    return _run(_work(beside, running(settings, duties, with_live=False, is_prepared=is_prepared)))


async def _work(beside: Beside, parts: Parts) -> signal.Signals:
    async with parts as platform, asyncio.TaskGroup() as tasks:
        companion = tasks.create_task(beside(platform))
        with collecting_rarely():
            by = await stop_signal()
        companion.cancel()
        return by


def _run(main: Coroutine[None, None, T]) -> T:
    """On the quickest event loop there is."""
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        return runner.run(main)


async def stop_signal() -> signal.Signals:
    """The first one that comes."""
    loop = asyncio.get_running_loop()
    heard: asyncio.Future[signal.Signals] = loop.create_future()

    def hear(number: int, _: FrameType | None) -> None:
        loop.call_soon_threadsafe(_settle, heard, signal.Signals(number))

    with answering_signals(hear):
        return await heard


def _settle(heard: asyncio.Future[signal.Signals], by: signal.Signals) -> None:
    if not heard.done():
        heard.set_result(by)
