"""A program that appends as fast as it can: several of them at once are a test of the log.

It prints how many events it was told are durable, as one line.
"""

import argparse
import asyncio
import threading
import time
from contextlib import closing
from typing import Final

from orderlog.application.command_bus import CommandBus
from orderlog.application.metadata import new_id, new_metadata
from orderlog.domain.orders.commands import CreateDraftOrder, order_stream
from orderlog.eventstore.postgres import GroupPostgresRecorder
from orderlog.eventstore.store import EventStore, open_store
from tests.support.events import STAFF, note

EVENTS_PER_APPEND: Final = 2


def take_away_the_lock(store: EventStore) -> None:
    """What a writer would be like that does not hold back others between insert and commit."""
    recorder = store.recorder
    assert isinstance(recorder, GroupPostgresRecorder)
    assert recorder.lock_table_statements, "the lock has moved: take it away where it is now"
    recorder.lock_table_statements = []


def append_alone(store: EventStore, appends: int, until: float) -> int:
    """One transaction per append, as any writer of its own would do it."""
    stream_id, version = order_stream(new_id()), 0
    while version < appends * EVENTS_PER_APPEND and time.monotonic() < until:
        store.append([note(stream_id, version + 1), note(stream_id, version + 2)])
        version += EVENTS_PER_APPEND
    return version


def append_side_by_side(store: EventStore, writers: int, appends: int, until: float) -> int:
    done: list[int] = []
    threads = [
        threading.Thread(target=lambda: done.append(append_alone(store, appends, until)))
        for _ in range(writers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == writers, "a writer has failed"
    return sum(done)


async def send_side_by_side(store: EventStore, writers: int, appends: int, until: float) -> int:
    """Through the writer of the platform, which commits many commands together."""
    bus = CommandBus(store)

    async def send() -> int:
        sent = 0
        while sent < appends and time.monotonic() < until:
            begun = CreateDraftOrder(order_id=new_id(), currency="GBP")
            sent += len((await bus.execute(begun, metadata=new_metadata(STAFF))).events)
        return sent

    sent = await asyncio.gather(*(send() for _ in range(writers)))
    await bus.close()
    return sum(sent)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--writers", type=int, required=True)
    parser.add_argument("--appends", type=int, required=True, help="of each writer, at most")
    parser.add_argument("--seconds", type=float, required=True, help="at most")
    parser.add_argument("--together", action="store_true", help="through the platform's writer")
    parser.add_argument("--unlocked", action="store_true")
    given = parser.parse_args()
    with closing(open_store(given.url)) as store:
        if given.unlocked:
            take_away_the_lock(store)
        load = given.writers, given.appends, time.monotonic() + given.seconds
        if given.together:
            done = asyncio.run(send_side_by_side(store, *load))
        else:
            done = append_side_by_side(store, *load)
    print(done)  # noqa: T201 - its whole answer


if __name__ == "__main__":
    main()
