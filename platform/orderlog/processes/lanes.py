"""Lanes: work on one order in sequence, on many orders at once."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

W = TypeVar("W")

ORDERS_AT_ONCE_MAX: Final = 256
WAITING_MAX: Final = 4_000


class Lanes(Generic[W]):
    """`work` must not raise. Belongs to one event loop."""

    def __init__(self, work: Callable[[W], Awaitable[None]], at_once_max: int) -> None:
        self._work = work
        self._turns = asyncio.Semaphore(at_once_max)
        self._lanes: dict[str, deque[W]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._has_room = asyncio.Event()
        self._has_room.set()

    def put(self, lane: str, item: W) -> None:
        """Behind everything that waits in the same lane."""
        self._waiting += 1
        if self._waiting >= WAITING_MAX:
            self._has_room.clear()
        queued = self._lanes.get(lane)
        if queued is not None:
            queued.append(item)
            return
        self._lanes[lane] = deque([item])
        task = asyncio.create_task(self._drive(lane))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def room(self) -> None:
        """Returns when not too much is waiting."""
        await self._has_room.wait()

    @property
    def waiting(self) -> int:
        """What is in the lanes, with what is being done."""
        return self._waiting

    @property
    def is_idle(self) -> bool:
        return not self._lanes

    async def stop(self) -> None:
        """Gives up what is being done: it will be delivered again."""
        running = tuple(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._lanes.clear()
        self._waiting = 0
        self._has_room.set()

    async def _drive(self, lane: str) -> None:
        queued = self._lanes[lane]
        async with self._turns:
            while queued:
                await self._work(queued[0])
                queued.popleft()
                self._waiting -= 1
                if self._waiting < WAITING_MAX:
                    self._has_room.set()
        del self._lanes[lane]
