"""Child processes that are kept going: started, started anew when they die, told to stop."""

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import forkserver, get_all_start_methods, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final

import structlog

FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 5.0
STEADY_SECONDS: Final = 30.0
"""Who dies after so long did not die of how it was started."""

IS_FORKED: Final = "forkserver" in get_all_start_methods()
CONTEXT: Final = get_context("forkserver") if IS_FORKED else get_context("spawn")

Ready = Callable[[], None]
Act = Callable[[Ready], object]
"""What a child does: it calls its argument when it is ready, and returns when SIGTERM comes."""

_log = structlog.get_logger(__name__)


class Post:
    """A place that is filled by one child, and after its death by another. On one event loop."""

    def __init__(self, name: str, act: Act) -> None:
        self.name = name
        self.is_ready = asyncio.Event()
        self._act = act
        self._child: BaseProcess | None = None
        self._keeping: asyncio.Task[None] | None = None

    def fill(self) -> None:
        """From now on somebody is there."""
        self._keeping = asyncio.create_task(self._keep_filled())

    async def clear(self, seconds_max: float) -> None:
        """Lets the child end what it does, for so long."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._child is None:
            return
        self._child.terminate()
        try:
            await asyncio.wait_for(_ended(self._child), seconds_max)
        except TimeoutError:
            _log.error("a process does not stop", name=self.name, pid=self._child.pid)
            self._child.kill()
            await _ended(self._child)

    async def _keep_filled(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            begun = time.monotonic()
            child = self._child = self._start()
            await _ended(child)
            if time.monotonic() - begun > STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            _log.error("a process has died", name=self.name, pid=child.pid, code=child.exitcode)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _start(self) -> BaseProcess:
        hears, says = CONTEXT.Pipe(duplex=False)
        child = CONTEXT.Process(target=_enter, args=(self._act, says), name=self.name, daemon=True)
        child.start()
        says.close()
        loop = asyncio.get_running_loop()
        loop.add_reader(hears.fileno(), self._hear, loop, hears)
        return child

    def _hear(self, loop: asyncio.AbstractEventLoop, hears: Connection) -> None:
        """It is ready, or it has died before."""
        with suppress(EOFError):
            hears.recv()
            self.is_ready.set()
        loop.remove_reader(hears.fileno())
        hears.close()


def preload(*modules: str) -> None:
    """Modules that are imported once, from now on and beside us, for all children."""
    if IS_FORKED:
        CONTEXT.set_forkserver_preload(list(modules))
        forkserver.ensure_running()


async def _ended(child: BaseProcess) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(child.sentinel, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(child.sentinel)
    child.join()


def _enter(act: Act, says: Connection) -> None:
    """The child's beginning."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    try:
        act(lambda: says.send("ready"))
    except Exception:  # noqa: BLE001 - the one who started it starts another
        _log.exception("a process cannot go on")
        sys.exit(1)
