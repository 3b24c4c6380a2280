"""What stories wait for: deadlines that survive a restart and are rung when their time has come."""

import asyncio
import heapq
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias

Changes: TypeAlias = dict[str, datetime | None]
"""Deadlines by key; None where there is none any more."""


class DeadlineKey(NamedTuple):
    """A story's deadline about one order; `what` is the story's own word for it."""

    story: str
    order_id: str
    what: str

    def __str__(self) -> str:
        return "|".join(self)

    @classmethod
    def parse(cls, text: str) -> "DeadlineKey":
        return cls(*text.split("|", 2))


@dataclass(frozen=True, slots=True)
class Alarm:
    """A deadline that has come."""

    key: str
    due_at: datetime


class DeadlineBook:
    """All deadlines in memory, and which of them the database does not know of yet."""

    def __init__(self, known: Mapping[str, datetime]) -> None:
        self.unwritten: Changes = {}
        self._deadlines = dict(known)
        self._queue = [(due_at, key) for key, due_at in known.items()]
        heapq.heapify(self._queue)
        self._changed = asyncio.Event()

    def change(self, key: str, due_at: datetime | None) -> None:
        self.unwritten[key] = due_at
        if due_at is None:
            self._deadlines.pop(key, None)
            return
        self._deadlines[key] = due_at
        heapq.heappush(self._queue, (due_at, key))
        self._changed.set()

    def done(self, alarm: Alarm) -> None:
        """Closes a deadline, unless it was set anew in the meantime."""
        if self._deadlines.get(alarm.key) == alarm.due_at:
            self.change(alarm.key, None)

    def take_due(self, now: datetime) -> list[Alarm]:
        """What has come by now, each once; what was changed since is left out."""
        alarms: list[Alarm] = []
        while self._queue and self._queue[0][0] <= now:
            due_at, key = heapq.heappop(self._queue)
            if self._deadlines.get(key) == due_at:
                alarms.append(Alarm(key, due_at))
        return alarms

    async def next_due(self, now: datetime) -> None:
        """Returns when the next deadline comes, or another one was set."""
        self._changed.clear()
        seconds = (self._queue[0][0] - now).total_seconds() if self._queue else None
        await wait(self._changed, seconds)


async def wait(event: asyncio.Event, seconds: float | None) -> None:
    """Returns when the event is set, or after so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
