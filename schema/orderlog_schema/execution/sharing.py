"""Those who watch the same share it: one source, one execution and one encoding of each event.

Each has its own queue and its own position. One that resumes is first told its own past, by an
execution of its own, while what is new waits in its queue.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final, NamedTuple

import orjson
import structlog
from graphql import GraphQLError, GraphQLFormattedError
from strawberry.schema import BaseSchema
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from orderlog.consumers.following import Part, Reading, SubscriberTooSlow
from orderlog_schema.context import Context
from orderlog_schema.execution.operations import Asked, live
from orderlog_schema.faults import give_codes

QUEUED_MAX: Final = 256
TOGETHER_MAX: Final = 16
"""So many events are told at once, where they come quicker than they are sent."""
TURN_TELLINGS: Final = 2_000
"""So many are told something, then the event loop may do something else: some milliseconds."""

_log = structlog.get_logger(__name__)


class Told(NamedTuple):
    """An event as it is sent: a GraphQL response in JSON.

    `position` is None for what ends a stream. It was refused for `errors` before anything ran.
    """

    position: int | None
    body: bytes
    errors: list[GraphQLFormattedError] | None = None


SendNow = Callable[[Sequence[Told]], bool]
"""Sends at once and says so; False where that cannot be."""


class Execution:
    """One run of a subscription, or of one part of it."""

    def __init__(
        self, schema: BaseSchema, asked: Asked, context: Context, reading: Reading
    ) -> None:
        self._schema = schema
        self._asked = asked
        self.reading = reading
        self._context = replace(context, reading=reading)

    async def told(self) -> AsyncGenerator[Told]:
        results = await self._schema.stream(
            self._asked.query,
            dict(self._asked.variables),
            context_value=self._context,
            operation_name=self._asked.operation_name,
        )
        async with aclosing(results):
            async for result in results:
                yield self._encoded(result)

    def _encoded(self, result: Any) -> Told:  # noqa: ANN401 - of all kinds that the library has
        if isinstance(result, PreExecutionError):
            errors = formatted(result)
            return Told(None, orjson.dumps({"errors": errors}), errors)
        response = {"data": result.data, "errors": formatted(result)}
        if not result.errors:
            del response["errors"]
        is_of_item, self.reading.is_fresh = self.reading.is_fresh, False
        return Told(self.reading.position if is_of_item else None, orjson.dumps(response))


def formatted(result: ExecutionResult) -> list[GraphQLFormattedError]:
    return [error.formatted for error in result.errors or ()]


def too_slow(position: int) -> Told:
    """What ends a stream whose reader let too much wait."""
    error = GraphQLError("", original_error=SubscriberTooSlow(position))
    give_codes([error])
    return Told(None, orjson.dumps({"data": None, "errors": [error.formatted]}))


class Group:
    """All who watch the same: what it executes and encodes once, it tells every member."""

    def __init__(self, schema: BaseSchema, asked: Asked, context: Context) -> None:
        self.members: set[Member] = set()
        self.is_over = False
        self.has_begun = False
        self.reading = Reading(Part.LIVE, begin=self._begin)
        self._execution = Execution(schema, asked, context, self.reading)
        self._task = asyncio.create_task(self._run())

    def end(self) -> None:
        self.is_over = True
        self._task.cancel()

    def _begin(self) -> None:
        self.has_begun = True
        for member in self.members:
            member.wake()

    async def _run(self) -> None:
        try:
            await self._tell_all()
        except Exception:  # noqa: BLE001 - whatever it is, those who share it are told
            _log.exception("a shared subscription ended")
        finally:
            self.is_over = True
            self._begin()
            for member in self.members:
                member.end()

    async def _tell_all(self) -> None:
        batch: list[Told] = []
        async with aclosing(self._execution.told()) as stream:
            async for told in stream:
                batch.append(told)
                if len(batch) >= TOGETHER_MAX or not self.reading.has_more:
                    await self._tell(batch)
                    batch = []
        await self._tell(batch)

    async def _tell(self, batch: Sequence[Told]) -> None:
        if not batch:
            return
        for count, member in enumerate(tuple(self.members), 1):
            member.hear(batch)
            if count * len(batch) % TURN_TELLINGS < len(batch):
                await asyncio.sleep(0)


class Member:
    """One who watches. What it is told waits in a bounded queue, unless it can be sent at once."""

    __slots__ = (
        "_group",
        "_is_ended",
        "_is_overflown",
        "_queue",
        "_send_now",
        "_sent",
        "_waiting",
    )

    def __init__(self, group: Group) -> None:
        self._group = group
        self._send_now: SendNow | None = None
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
        if self._waiting is not None and self._send_now is not None:
            new = self._new(batch)
            if not new or self._send_now(new):
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

    async def told(
        self, past: Execution, send_now: SendNow | None
    ) -> AsyncGenerator[Sequence[Told]]:
        """Its past, then what is new, as much at a time as there is, and cannot be sent at once."""
        while not self._group.has_begun:
            await self._something()
        async with aclosing(past.told()) as stream:
            async for told in stream:
                yield (told,)
                if told.position is None:
                    return
        self._sent = past.reading.position
        del past, stream
        self._send_now = send_now
        while not self._is_overflown:
            while new := self._new(self._taken()):
                yield new
                self._has_sent(new)
            if self._is_ended:
                return
            if not self._is_overflown:
                await self._something()
        yield (too_slow(self._sent),)

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
        """Something is new."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
        self._waiting = None


class Streams:
    """All that is watched in this process, by what it is and who watches."""

    def __init__(self, schema: BaseSchema) -> None:
        self._schema = schema
        self._groups: dict[Hashable, Group] = {}
        self.too_slow_count = 0

    @property
    def member_count(self) -> int:
        return sum(len(group.members) for group in self._groups.values())

    @property
    def group_count(self) -> int:
        return len(self._groups)

    def watch(
        self, asked: Asked, context: Context, send_now: SendNow | None = None
    ) -> AsyncGenerator[Sequence[Told]] | None:
        """What somebody who asks for this is told, in order, as much at a time as there is.

        None for what nobody can share.
        """
        shared = live(asked)
        if shared is None:
            return None
        resumed_after = context.reading.resumed_after
        reading = Reading(Part.PAST, resumed_after=resumed_after)
        past = Execution(self._schema, asked, context, reading)
        return self._watch(shared, context, past, send_now)

    async def _watch(
        self, shared: Asked, context: Context, past: Execution, send_now: SendNow | None
    ) -> AsyncGenerator[Sequence[Told]]:
        key = (*shared.key, context.principal.scope)
        group = self._groups.get(key)
        if group is None or group.is_over:
            group = self._groups[key] = Group(self._schema, shared, context)
        member = Member(group)
        group.members.add(member)
        try:
            async with aclosing(member.told(past, send_now)) as told:
                del past, shared, context  # a thousand idle members need none of them
                async for batch in told:
                    yield batch
        finally:
            group.members.discard(member)
            self.too_slow_count += member.is_too_slow
            if not group.members:
                group.end()
                if self._groups.get(key) is group:
                    del self._groups[key]
