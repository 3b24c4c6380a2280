"""Who watches together with others: each has its own past, its own queue and its own position."""

import asyncio
from collections.abc import AsyncGenerator, Hashable, Sequence
from contextlib import aclosing
from typing import NamedTuple, Protocol

import orjson
from graphql import GraphQLError, GraphQLFormattedError

from orderlog.consumers.following import Reading, SubscriberTooSlow
from orderlog_schema.faults import give_codes
from orderlog_schema.limits import QUEUED_MAX


class Told(NamedTuple):
    """An event as it is sent: a GraphQL response in JSON.

    `position` is None for what ends a stream. It was refused for `errors` before anything ran.
    """

    position: int | None
    body: bytes
    errors: list[GraphQLFormattedError] | None = None


class Past(Protocol):
    """What one member alone is told first, by an execution of its own."""

    reading: Reading

    def told(self) -> AsyncGenerator[Told]: ...


class Company(Protocol):
    """All who watch the same."""

    key: Hashable
    """What they watch."""
    members: set["Member"]
    has_begun: bool
    """Whether nothing new can be missed any more."""

    def end(self) -> None: ...


class Ear(Protocol):
    """Where a member is told at once what is new, without a task that waits for it."""

    def tell(self, batch: Sequence[Told]) -> bool:
        """False, and nothing told, where the client does not keep up."""
        ...

    def end(self, last: Told | None) -> None:
        """Nothing more will come but this."""
        ...


class Member:
    """One who watches. What it is told waits in a bounded queue, unless it can be told at once."""

    __slots__ = ("_ear", "_is_ended", "_is_overflown", "_queue", "_sent", "_waiting", "group")

    def __init__(self, group: Company) -> None:
        self.group = group
        self._ear: Ear | None = None
        self._sent = 0
        self._queue: list[Told] = []
        self._waiting: asyncio.Future[None] | None = None
        self._is_overflown = False
        self._is_ended = False

    @property
    def is_too_slow(self) -> bool:
        """Whether more was waiting than is kept."""
        return self._is_overflown

    def hear(self, batch: Sequence[Told]) -> None:
        if self._is_ended:
            return
        if self._ear is not None and not self._queue:
            new = self._new(batch)
            if not new or self._ear.tell(new):
                self._has_sent(new)
                return
        self._is_overflown = self._is_overflown or len(self._queue) + len(batch) > QUEUED_MAX
        if not self._is_overflown:
            self._queue.extend(batch)
        self.wake()

    def end(self) -> None:
        """Nothing more will come."""
        self._is_ended = True
        self.wake()

    async def caught_up(self, past: Past) -> AsyncGenerator[Sequence[Told]]:
        """Its past, then what has come meanwhile, as much at a time as there is."""
        while not self.group.has_begun:
            await self._something()
        async with aclosing(past.told()) as stream:
            async for told in stream:
                yield (told,)
                if told.position is None:
                    self._is_ended, self._queue = True, []
                    return
        self._sent = past.reading.position
        while not self._is_overflown and (new := self._new(self._taken())):
            yield new
            self._has_sent(new)

    async def told(self, past: Past) -> AsyncGenerator[Sequence[Told]]:
        """As above, and whatever comes after that."""
        async with aclosing(self.caught_up(past)) as batches:
            async for batch in batches:
                yield batch
        del past, batches  # who waits for long needs neither
        while not self._is_overflown:
            while new := self._new(self._taken()):
                yield new
                self._has_sent(new)
            if self._is_ended:
                return
            if not self._is_overflown:
                await self._something()
        yield (too_slow(self._sent),)

    def attach(self, ear: Ear) -> None:
        """From here on this one is told; for those who have caught up."""
        self._ear = ear
        self.drain()

    def drain(self) -> None:
        """Tells what waits, if it can be told now."""
        ear = self._ear
        if ear is None:
            return
        if self._is_overflown:
            self._queue = []
            ear.end(too_slow(self._sent))
            return
        new = self._new(self._queue)
        if new and not ear.tell(new):
            return
        self._queue = []
        self._has_sent(new)
        if self._is_ended:
            ear.end(None)

    def _taken(self) -> Sequence[Told]:
        taken, self._queue = self._queue, []
        return taken

    def _new(self, batch: Sequence[Told]) -> Sequence[Told]:
        return [one for one in batch if one.position is None or one.position > self._sent]

    def _has_sent(self, batch: Sequence[Told]) -> None:
        if batch and (position := batch[-1].position) is not None:
            self._sent = position

    async def _something(self) -> None:
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            await self._waiting
        finally:
            self._waiting = None

    def wake(self) -> None:
        """Something is new, or the end."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
        self._waiting = None
        if self._ear is not None and (self._is_overflown or self._is_ended):
            self.drain()


def too_slow(position: int) -> Told:
    """What ends a stream whose reader let too much wait."""
    error = GraphQLError("", original_error=SubscriberTooSlow(position))
    give_codes([error])
    return Told(None, orjson.dumps({"data": None, "errors": [error.formatted]}))
