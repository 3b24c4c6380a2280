"""Rows of a read model as they change: those of the past first, then live, each state once."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, Generic

from orderlog.consumers.following import ItemT, SubscriberTooSlow
from orderlog_projections.consistency import Change, ReaderTooSlow
from orderlog_schema.context import ReadModels

PAST_ROWS: Final = 100

Past = Callable[[int, int], Awaitable[Sequence[ItemT]]]
"""`(after, limit)` → rows whose last event came after a position, by position."""
Present = Callable[[Sequence[str]], Awaitable[Sequence[ItemT]]]
"""Keys → their rows."""


@dataclass(frozen=True, slots=True)
class RowSource(Generic[ItemT]):
    """Positions only ever grow, so that the last one received is where to go on."""

    read_models: ReadModels
    name: str
    read_past: Past[ItemT]
    read_present: Present[ItemT]

    @property
    def position(self) -> int:
        return self.read_models.position_of(self.name)

    @property
    def newest(self) -> int:
        return self.position

    @asynccontextmanager
    async def listen(self) -> AsyncGenerator["RowListener[ItemT]"]:
        async with aclosing(self.read_models.changes(self.name)) as changes:
            reached, _ = await anext(changes)
            yield RowListener(reached, changes, self.read_present)

    async def past(self, after: int, until: int) -> AsyncGenerator[ItemT]:
        """A row that has moved on since is left out: who listens will hear of it."""
        rows: Sequence[ItemT] = ()
        while after < until and (rows := await self.read_past(after, PAST_ROWS)):
            for row in rows:
                if row.position > until:
                    return
                yield row
            after = rows[-1].position


class RowListener(Generic[ItemT]):
    """Reads the rows that were said to have changed.

    One that has moved on beyond what was said is left out: it will be said again.
    """

    def __init__(
        self, position: int, changes: AsyncGenerator[Change], read: Present[ItemT]
    ) -> None:
        self.position = position
        self.has_more = False
        self._changes = changes
        self._read = read

    async def items(self) -> AsyncGenerator[ItemT]:
        told = self.position
        try:
            async for reached, keys in self._changes:
                rows = [
                    row for row in await self._read(sorted(keys)) if told < row.position <= reached
                ]
                rows.sort(key=attrgetter("position"))
                for row in rows:
                    self.has_more = row is not rows[-1]
                    yield row
                told = max(told, reached)
        except ReaderTooSlow:
            raise SubscriberTooSlow(told) from None
