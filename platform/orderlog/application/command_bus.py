"""How a command is sent: `await bus.execute(PlaceOrder(...), metadata=...)`."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from orderlog.application.idempotency import IdempotencyKey
from orderlog.application.writer import Question, Receipt, Unit, Writer
from orderlog.domain.aggregate import Aggregate
from orderlog.domain.commands import Command
from orderlog.domain.envelope import CommandMetadata
from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.store import EventStore

__all__ = ["CommandBus", "StoreUnavailable"]  # the latter is part of what a sender must expect

T = TypeVar("T")


class CommandBus:
    """Belongs to one event loop: make it inside, `close` it there."""

    def __init__(self, store: EventStore) -> None:
        self._loop = asyncio.get_running_loop()
        self._answered: deque[tuple[asyncio.Future[Any], Any]] = deque()
        self._writer = Writer(store, self._wake)

    async def execute(
        self,
        *commands: Command,
        metadata: CommandMetadata,
        expected_version: int | None = None,
        idempotency: IdempotencyKey | None = None,
    ) -> Receipt:
        """Decides the commands in order and commits their events together, or none of them.

        Returns when they are durable. `expected_version` is about the first command's stream.
        Raises `Rejected`, with its code, and nothing was recorded; `StoreUnavailable`, after which
        it may have been recorded: send it again with the same key; other exceptions are faults.
        """
        future: asyncio.Future[Receipt] = self._loop.create_future()
        answer = self._answer_of(future)
        self._writer.put(Unit(commands, metadata, answer, expected_version, idempotency))
        return await future

    async def inspect(self, stream_id: str, read: Callable[[Aggregate | None], T]) -> T:
        """Reads something off an aggregate's newest state; `read` must not keep the aggregate."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._writer.put(Question(stream_id, read, self._answer_of(future)))
        return await future

    async def close(self) -> None:
        """Commits what is queued, then stops."""
        await asyncio.to_thread(self._writer.close)

    def _answer_of(self, future: asyncio.Future[Any]) -> Callable[[Any], None]:
        return lambda outcome: self._answered.append((future, outcome))

    def _wake(self) -> None:
        """In a thread of the writer, once per group: waking the loop costs a system call."""
        if self._answered:
            self._loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        """In the loop; what another group has answered meanwhile is settled as well."""
        while self._answered:
            future, outcome = self._answered.popleft()
            if future.done():
                continue
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
