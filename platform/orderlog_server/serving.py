"""From a wired platform to a listening server, and back to silence."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Coroutine, Generator
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.loops.auto import auto_loop_factory

from orderlog_server.app import make_app
from orderlog_server.collector import collecting_rarely
from orderlog_server.frames import Connection
from orderlog_server.settings import Settings
from orderlog_server.wiring import Platform, running

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Server(uvicorn.Server):
    """Stops at the first Ctrl-C and returns: what was started around it stops in its turn."""

    stopped_by: signal.Signals | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.stopped_by = signal.Signals(sig)
        super().handle_exit(sig, frame)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """The library's own raises the signal again at the end, in the midst of our stopping."""
        before = {one: signal.signal(one, self.handle_exit) for one in STOP_SIGNALS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)


def make_server(app: ASGIApp, settings: Settings) -> Server:
    """A server with our limits; `serve(sockets=[…])` it."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        ws=Connection,
        ws_max_size=settings.websocket_message_bytes_max,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=settings.shutdown_grace_seconds,
    )
    return Server(config)


def serve(
    settings: Settings,
    listener: socket.socket,
    beside: Callable[[Platform], Coroutine[None, None, None]],
) -> signal.Signals | None:
    """As `serve_until_stopped`, on the quickest event loop there is."""
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        return runner.run(serve_until_stopped(settings, listener, beside))


async def serve_until_stopped(
    settings: Settings,
    listener: socket.socket,
    beside: Callable[[Platform], Coroutine[None, None, None]],
) -> signal.Signals | None:
    """Serves until a signal comes, and says which; `beside` runs from the start, and is cancelled.

    A fault in `beside` ends the server.
    """
    async with running(settings) as platform, asyncio.TaskGroup() as tasks:
        server = make_server(make_app(platform), settings)
        companion = tasks.create_task(beside(platform))
        with collecting_rarely():
            await server.serve(sockets=[listener])
        companion.cancel()
        return server.stopped_by
