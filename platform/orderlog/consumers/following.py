"""To follow a source: its past from a position on, then what is new; no gap, no duplicate.

Whoever follows listens first, so that what is new is kept; then reads the past up to where the
source stood; then goes on with what was kept. No item is missed and none comes twice.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol, TypeVar


class Positioned(Protocol):
    @property
    def position(self) -> int: ...


ItemT = TypeVar("ItemT", bound=Positioned)
ItemT_co = TypeVar("ItemT_co", bound=Positioned, covariant=True)


class SubscriberTooSlow(Exception):
    """Too much was waiting. Nothing is lost: subscribe again after `position`."""

    def __init__(self, position: int) -> None:
        super().__init__(f"Too many events were waiting; go on after position {position}.")
        self.position = position


class Listener(Protocol[ItemT_co]):
    """Hears what is new from the moment it was made, when the source stood at `position`."""

    @property
    def position(self) -> int: ...

    @property
    def has_more(self) -> bool:
        """Whether another item is there already."""
        ...

    def items(self) -> AsyncGenerator[ItemT_co]:
        """Never ends. Raises `SubscriberTooSlow`."""
        ...


class Source(Protocol[ItemT_co]):
    """Items in the order of their positions. What lies after `position`, listeners will hear."""

    @property
    def position(self) -> int: ...

    @property
    def newest(self) -> int:
        """What lies up to here has happened already, whether listeners heard of it or not yet."""
        ...

    def listen(self) -> AbstractAsyncContextManager[Listener[ItemT_co]]: ...

    def past(self, after: int, until: int) -> AsyncGenerator[ItemT_co]:
        """The items between two positions, the second one included."""
        ...


class Part(Enum):
    """What of a source is wanted: many who watch the same share the live part of it."""

    WHOLE = auto()
    PAST = auto()
    LIVE = auto()


def _nothing() -> None:
    """Nobody waits for it."""


@dataclass(eq=False, slots=True)
class Reading:
    """How far somebody who follows a source has come."""

    part: Part = Part.WHOLE
    position: int = 0
    is_fresh: bool = False
    """Whether what was yielded last is still to be told."""
    has_more: bool = False
    """Whether the next one is there already."""
    begin: Callable[[], None] = _nothing
    """Called as soon as nothing new can be missed."""
    resumed_after: int | None = None
    """Where one goes on whose connection broke, whatever it asked for at first."""

    def after(self, asked: int | None) -> int | None:
        return asked if self.resumed_after is None else self.resumed_after


async def follow(
    source: Source[ItemT], after: int | None, reading: Reading
) -> AsyncGenerator[ItemT]:
    """Items after a position (None: only what is new). The live part does not ask after which.

    Raises `SubscriberTooSlow`, but not in the live part: that goes back to the log by itself.
    """
    parts = {Part.WHOLE: _whole, Part.PAST: _past, Part.LIVE: _live}
    async with aclosing(parts[reading.part](source, reading.after(after), reading)) as items:
        async for item in items:
            reading.position, reading.is_fresh = item.position, True
            yield item


async def _whole(
    source: Source[ItemT], after: int | None, reading: Reading
) -> AsyncGenerator[ItemT]:
    async with source.listen() as listener, aclosing(_joined(source, listener, after)) as items:
        reading.begin()
        async for item in items:
            yield item


async def _past(
    source: Source[ItemT], after: int | None, reading: Reading
) -> AsyncGenerator[ItemT]:
    if after is None:
        reading.position = source.newest
        return
    until = source.position
    async with aclosing(source.past(after, until)) as items:
        async for item in items:
            yield item
    reading.position = max(after, until)


async def _live(source: Source[ItemT], _: int | None, reading: Reading) -> AsyncGenerator[ItemT]:
    """What comes after the moment in which it begins to listen: up to there goes the past."""
    after: int | None = None
    while True:
        async with source.listen() as listener:
            after = listener.position if after is None else after
            async with aclosing(_joined(source, listener, after)) as items:
                reading.position = after
                reading.begin()
                try:
                    async for item in items:
                        after, reading.has_more = item.position, listener.has_more
                        yield item
                except SubscriberTooSlow:
                    continue


async def _joined(
    source: Source[ItemT], listener: Listener[ItemT], after: int | None
) -> AsyncGenerator[ItemT]:
    """The past up to where the listener began, then what it hears."""
    heard_from = listener.position
    sent = source.newest if after is None else after
    async with aclosing(source.past(sent, heard_from)) as past:
        async for item in past:
            yield item
    sent = max(sent, heard_from)
    async with aclosing(listener.items()) as live:
        async for item in live:
            if item.position > sent:
                yield item
