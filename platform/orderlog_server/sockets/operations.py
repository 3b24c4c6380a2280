"""One operation on a socket: answered once, or watched until somebody ends it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Protocol

from graphql import GraphQLError, GraphQLFormattedError

from orderlog_schema.execution.members import Member, Past, Told
from orderlog_schema.execution.sharing import Streams
from orderlog_schema.faults import give_codes
from orderlog_server.sockets.messages import complete, head_of, refused

Work = Callable[["Operation"], Awaitable[None]]
"""What is done for an operation until it is over, or until it needs no task any more."""


class Outlet(Protocol):
    """The socket, as an operation sees it."""

    def write(self, text: bytes) -> None: ...

    def write_now(self, texts: Sequence[bytes]) -> bool:
        """False, and nothing written, where the client does not keep up."""
        ...

    async def drained(self) -> None:
        """Returns as soon as the client keeps up."""
        ...

    def forget(self, operation: "Operation") -> None:
        """It is over; its id is free."""
        ...


class Operation:
    """No task belongs to one that waits for events: whoever has them tells it."""

    __slots__ = ("_head", "_member", "_outlet", "_streams", "_task", "id", "is_over")

    def __init__(self, operation_id: str, outlet: Outlet, streams: Streams) -> None:
        self.id = operation_id
        self.is_over = False
        self._outlet = outlet
        self._streams = streams
        self._head = head_of(operation_id)
        self._member: Member | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, work: Work) -> None:
        self._task = asyncio.create_task(self._guarded(work))

    def stop(self) -> None:
        """The client has heard enough, or is gone."""
        self.is_over = True
        if self._task is not None:
            self._task.cancel()
        self._leave()

    def answer(self, told: Told) -> None:
        if self._say(told):
            self._complete()

    async def follow(self, stream: AsyncGenerator[Told]) -> None:
        """What is this client's alone, to its end."""
        async with aclosing(stream):
            async for told in stream:
                await self._outlet.drained()
                if not self._say(told):
                    return
        self._complete()

    async def watch(self, member: Member, past: Past) -> None:
        """What is shared: its own past as a task, and then without one."""
        self._member = member
        async with aclosing(member.caught_up(past)) as batches:
            async for batch in batches:
                for told in batch:
                    await self._outlet.drained()
                    if not self._say(told):
                        return
        member.attach(self)

    def tell(self, batch: Sequence[Told]) -> bool:
        texts = [b"%b%b}" % (self._head, told.body) for told in batch]
        return self.is_over or self._outlet.write_now(texts)

    def end(self, last: Told | None) -> None:
        if last is not None:
            self._say(last)
        self._complete()

    def drain(self) -> None:
        """The client reads again."""
        if self._member is not None:
            self._member.drain()

    def refuse(self, errors: Sequence[GraphQLFormattedError | Mapping[str, Any]]) -> None:
        if not self.is_over:
            self._finish(refused(self.id, errors))

    def _say(self, told: Told) -> bool:
        """False where that was all."""
        if told.errors is not None:
            self.refuse(told.errors)
        elif not self.is_over:
            self._outlet.write(b"%b%b}" % (self._head, told.body))
        return not self.is_over

    def _complete(self) -> None:
        if not self.is_over:
            self._finish(complete(self.id))

    def _finish(self, farewell: bytes) -> None:
        self.is_over = True
        self._leave()
        self._outlet.forget(self)
        self._outlet.write(farewell)

    def _leave(self) -> None:
        if self._member is not None:
            self._streams.leave(self._member)
            self._member = None

    async def _guarded(self, work: Work) -> None:
        try:
            await self._outlet.drained()  # answers that nobody reads would have to be kept
            await work(self)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the others on the socket go on
            error = fault if isinstance(fault, GraphQLError) else masked(fault)
            give_codes([error])
            self.refuse([error.formatted])
        finally:
            self._task = None


def masked(fault: Exception) -> GraphQLError:
    """Whoever gives it a code hides what it says."""
    return GraphQLError("", original_error=fault)
