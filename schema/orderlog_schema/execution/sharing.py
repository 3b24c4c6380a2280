"""Those who watch the same share it: one source, one execution and one encoding of each event.

Each has its own queue and its own position. One that resumes is first told its own past, by an
execution of its own, while what is new waits in its queue.
"""

import asyncio
from collections import deque
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
from orderlog_schema.execution.operations import Asked, Watching
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

    def __init__(self, schema: BaseSchema, asked: Asked, context: Context, part: Part) -> None:
        self._schema = schema
        self._asked = asked
        self.reading = Reading(part)
        self._context = replace(context, reading=self.reading)

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

    def __init__(self, execution: Execution) -> None:
        self.members: set[Member] = set()
        self.is_over = False
        self.reading = execution.reading
        self._execution = execution
        self._task = asyncio.create_task(self._run())

    def end(self) -> None:
        self.is_over = True
        self._task.cancel()

    async def _run(self) -> None:
        try:
            await self._tell_all()
        except Exception:  # noqa: BLE001 - whatever it is, those who share it are told
            _log.exception("a shared subscription ended")
        finally:
            self.is_over = True
            self.reading.has_begun.set()
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

    def __init__(self, group: Group, past: Execution | None) -> None:
        self.send_now: SendNow | None = None
        self._group = group
        self._past = past
        self._sent = 0
        self._queue: deque[Told] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self._is_overflown = False
        self._is_ended = False

    @property
    def is_too_slow(self) -> bool:
        """Whether more was waiting than is kept."""
        return self._is_overflown

    def hear(self, batch: Sequence[Told]) -> None:
        if self._waiting is not None and self.send_now is not None:
            new = self._new(batch)
            if not new or self.send_now(new):
                self._has_sent(new)
                return
        self._is_overflown = self._is_overflown or len(self._queue) + len(batch) > QUEUED_MAX
        if not self._is_overflown:
            self._queue.extend(batch)
        self._wake()

    def end(self) -> None:
        """Nothing more will come."""
        self._is_ended = True
        self._wake()

    async def told(self) -> AsyncGenerator[Sequence[Told]]:
        """Its past, then what is new, as much at a time as there is."""
        await self._group.reading.has_begun.wait()
        self._sent = self._group.reading.position
        if self._past is not None:
            async with aclosing(self._past.told()) as past:
                async for told in past:
                    yield (told,)
                    if told.position is None:
                        return
            self._sent = self._past.reading.position or self._sent
            self._past = None
        while not self._is_overflown:
            while new := self._new(self._taken()):
                yield new
                self._has_sent(new)
            if self._is_ended:
                return
            await self._something()
        yield (too_slow(self._sent),)

    def _taken(self) -> Sequence[Told]:
        taken = tuple(self._queue)
        self._queue.clear()
        return taken

    def _new(self, batch: Sequence[Told]) -> Sequence[Told]:
        return [one for one in batch if one.position is None or one.position > self._sent]

    def _has_sent(self, batch: Sequence[Told]) -> None:
        if batch and (position := batch[-1].position) is not None:
            self._sent = position

    async def _something(self) -> None:
        if self._queue or self._is_overflown or self._is_ended:
            return
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            await self._waiting
        finally:
            self._waiting = None

    def _wake(self) -> None:
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

    async def watch(
        self, asked: Asked, watching: Watching, context: Context, send_now: SendNow | None = None
    ) -> AsyncGenerator[Sequence[Told]]:
        """What somebody who asks for this is told, in order, as much at a time as there is."""
        key = (*watching.asked.key, context.actor, context.channel_id)
        group = self._groups.get(key)
        if group is None or group.is_over:
            live = Execution(self._schema, watching.asked, context, Part.LIVE)
            group = self._groups[key] = Group(live)
        past = None
        if watching.is_resumable:
            past = Execution(self._schema, asked, context, Part.PAST)
        member = Member(group, past)
        member.send_now = send_now
        group.members.add(member)
        try:
            async with aclosing(member.told()) as told:
                async for batch in told:
                    yield batch
        finally:
            group.members.discard(member)
            self.too_slow_count += member.is_too_slow
            if not group.members:
                group.end()
                if self._groups.get(key) is group:
                    del self._groups[key]
