"""How a command is sent: `await bus.execute(PlaceOrder(...), metadata=...)`."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from copy import copy
from typing import Any, TypeVar

from orderlog.application.committer import OnCommit, unheard
from orderlog.application.idempotency import IdempotencyKey
from orderlog.application.writer import Question, Receipt, Sight, Unit, Writer
from orderlog.domain.aggregate import Aggregate
from orderlog.domain.commands import Command
from orderlog.domain.envelope import CommandMetadata
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.eventstore.claims import Claim
from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.store import EventStore

__all__ = ["CommandBus", "StoreUnavailable"]  # the latter is part of what a sender must expect

T = TypeVar("T")


class CommandBus:
    """Belongs to one event loop: make it inside, `close` it there.

    `answers` counts what senders were told: `committed`, `replayed`, `refused`, `overloaded`,
    `unavailable`, `failed`, or `unheard` where they did not wait for it.
    """

    def __init__(self, store: EventStore, on_commit: OnCommit = unheard) -> None:
        self.answers: Counter[str] = Counter()
        self._unanswered: set[asyncio.Future[Any]] = set()
        self._loop = asyncio.get_running_loop()
        self.claim: Callable[[], Claim | None] = _none
        self._answered: deque[tuple[asyncio.Future[Any], Any]] = deque()
        self._writer = Writer(store, self._wake, on_commit)

    @property
    def unanswered(self) -> int:
        """How many senders wait."""
        return len(self._unanswered)

    def under(self, claim: Callable[[], Claim | None]) -> "CommandBus":
        """The same bus for those who do a duty: what they send is recorded only while they own it.

        `claim` says under which claim they act; sending raises `NotOwner` when it does not hold.
        """
        bus = copy(self)
        bus.claim = claim
        return bus

    async def execute(
        self,
        *commands: Command,
        metadata: CommandMetadata,
        expected_version: int | None = None,
        idempotency: IdempotencyKey | None = None,
        sees: Sight | None = None,
    ) -> Receipt:
        """Decides the commands in order and commits their events together, or none of them.

        Returns when they are durable. `expected_version` is about the first command's stream. To
        one who `sees` not everything, the rest is not there.
        Raises `Rejected`, with its code, and nothing was recorded; `StoreUnavailable`, after which
        it may have been recorded: send it again with the same key; other exceptions are faults.
        """
        future: asyncio.Future[Receipt] = self._loop.create_future()
        answer = self._answer_of(future)
        claim = self.claim()
        self._unanswered.add(future)
        try:
            self._writer.put(
                Unit(commands, metadata, answer, expected_version, idempotency, claim, sees)
            )
            receipt = await future
        except BaseException as error:
            self.answers[_kind_of(error)] += 1
            raise
        finally:
            self._unanswered.discard(future)
        self.answers["replayed" if receipt.replayed else "committed"] += 1
        return receipt

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


def _kind_of(error: BaseException) -> str:
    match error:
        case Rejected(code=ErrorCode.OVERLOADED):
            return "overloaded"
        case Rejected():
            return "refused"
        case StoreUnavailable():
            return "unavailable"
        case asyncio.CancelledError():
            return "unheard"
        case _:
            return "failed"


def _none() -> None:
    """Commands of clients need no claim."""
