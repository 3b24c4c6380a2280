"""Read models kept by a process of their own, so that a long import has both its hands free."""

import signal
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process
from multiprocessing.synchronize import Event
from typing import Final

from orderlog.eventstore.errors import StoreError
from orderlog.eventstore.store import open_store
from orderlog_projections.registry import PROJECTIONS, open_read_models
from orderlog_projections.runner import ProjectionRunner, ProjectionStopped
from orderlog_server.collector import collecting_rarely

PAUSE_SECONDS: Final = 0.1


@contextmanager
def read_models_beside(database_url: str) -> Generator[None]:
    """Another process follows the log. At the end it may be a page behind: catch up then."""
    context = get_context("spawn")
    stopped = context.Event()
    process = context.Process(target=_follow, args=(database_url, stopped), daemon=True)
    process.start()
    try:
        yield
    finally:
        stopped.set()
        process.join()


def _follow(database_url: str, stopped: Event) -> None:
    """Until told to stop, or its parent is gone; who catches up later meets the same faults."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    parent = parent_process()
    store = open_store(database_url)
    database = open_read_models(store.location)
    runner = ProjectionRunner(store, database, PROJECTIONS)
    with collecting_rarely(), suppress(StoreError, ProjectionStopped):
        while not stopped.is_set() and parent is not None and parent.is_alive():
            if not runner.step():
                time.sleep(PAUSE_SECONDS)
    database.close()
    store.close()
