"""Several processes as one server: some answer requests, one keeps read models and processes.

The one that started them does nothing else. It ends those that answer first, then the one that
works for them.
"""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from multiprocessing import parent_process
from typing import Any, Final

from orderlog.eventstore.store import open_store
from orderlog_projections.registry import open_read_models
from orderlog_server.duties import NO_DUTIES
from orderlog_server.observability.logs import configure_logs
from orderlog_server.serving import serve, stop_signal, work
from orderlog_server.settings import Settings
from orderlog_server.supervising import Post, Ready
from orderlog_server.wiring import Platform

STOPPING_SECONDS_MAX: Final = 15
"""Beside the grace that requests are given."""


def serve_with_crew(
    settings: Settings,
    listeners: Sequence[socket.socket],
    announce: Callable[[], None],
    *,
    with_worker: bool,
) -> signal.Signals:
    """Serves on each socket by a process of its own, until a signal comes, and says which."""
    prepare(settings)
    return asyncio.run(_serve(settings, listeners, announce, with_worker=with_worker))


def prepare(settings: Settings) -> None:
    """Creates what is missing of all tables, once. Raises what opening them raises."""
    store = open_store(settings.database_url)
    try:
        open_read_models(store.location).close()
    finally:
        store.close()


async def _serve(
    settings: Settings,
    listeners: Sequence[socket.socket],
    announce: Callable[[], None],
    *,
    with_worker: bool,
) -> signal.Signals:
    answering = [
        Post(f"api-{number}", partial(answer, settings, listener))
        for number, listener in enumerate(listeners, 1)
    ]
    working = [Post("worker", partial(keep, settings))] if with_worker else []
    posts = [*working, *answering]
    stopped = asyncio.create_task(stop_signal())
    for post in posts:
        post.fill()
    are_ready = asyncio.gather(*(post.is_ready.wait() for post in posts))
    first: list[asyncio.Future[Any]] = [are_ready, stopped]
    await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
    if not are_ready.cancel():
        announce()
    by = await stopped
    seconds_max = settings.shutdown_grace_seconds + STOPPING_SECONDS_MAX
    for group in (answering, working):
        await asyncio.gather(*(post.clear(seconds_max) for post in group))
    return by


def answer(settings: Settings, listener: socket.socket, ready: Ready) -> None:
    """A child that answers requests."""
    configure_logs(settings)
    serve(settings, listener, _beside(ready), NO_DUTIES, is_prepared=True)


def keep(settings: Settings, ready: Ready) -> None:
    """A child that does what is to be done once for all."""
    configure_logs(settings)
    work(settings, _beside(ready), is_prepared=True)


def _beside(ready: Ready) -> Callable[[Platform], Coroutine[None, None, None]]:
    async def beside(_: Platform) -> None:
        _end_with_parent()
        ready()

    return beside


def _end_with_parent() -> None:
    """Without it nobody would stop us."""
    parent, loop = parent_process(), asyncio.get_running_loop()

    def end(sentinel: int) -> None:
        loop.remove_reader(sentinel)
        os.kill(os.getpid(), signal.SIGTERM)

    if parent is not None:
        loop.add_reader(parent.sentinel, end, parent.sentinel)
