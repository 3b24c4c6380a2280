"""Those who watch the same share it: one source, one execution and one encoding of each event.

Each has its own queue and its own position. One that resumes is first told its own past, by an
execution of its own, while what is new waits in its queue.
"""

import asyncio
from collections.abc import AsyncGenerator, Hashable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Final

import structlog

from orderlog.consumers.following import Part, Reading
from orderlog_schema.context import Context
from orderlog_schema.execution.executor import Answered, Executor
from orderlog_schema.execution.members import Company, Member, Told
from orderlog_schema.execution.operations import Asked

TOGETHER_MAX: Final = 16
"""So many events are told at once, where they come quicker than they are sent."""
TURN_TELLINGS: Final = 2_000
"""So many are told something, then the event loop may do something else: some milliseconds."""

_log = structlog.get_logger(__name__)


class Execution:
    """One run of a subscription, or of one part of it."""

    def __init__(
        self, executor: Executor, asked: Asked, context: Context, reading: Reading
    ) -> None:
        self._executor = executor
        self._asked = asked
        self.reading = reading
        self._context = replace(context, reading=reading)

    async def told(self) -> AsyncGenerator[Told]:
        async with aclosing(self._executor.stream(self._asked, self._context)) as stream:
            async for answered in stream:
                yield self._told(answered)

    def _told(self, answered: Answered) -> Told:
        if answered.is_refused:
            return Told(None, answered.body, answered.formatted_errors)
        is_of_item, self.reading.is_fresh = self.reading.is_fresh, False
        return Told(self.reading.position if is_of_item else None, answered.body)


class Group(Company):
    """All who watch the same: what it executes and encodes once, it tells every member."""

    def __init__(self, executor: Executor, asked: Asked, context: Context, key: Hashable) -> None:
        self.key = key
        self.members: set[Member] = set()
        self.is_over = False
        self.has_begun = False
        self.reading = Reading(Part.LIVE, begin=self._begin)
        self._execution = Execution(executor, asked, context, self.reading)
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
            for member in tuple(self.members):
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


class Streams:
    """All that is watched in this process, by what it is and who watches."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._groups: dict[Hashable, Group] = {}
        self.too_slow_count = 0

    @property
    def member_count(self) -> int:
        return sum(len(group.members) for group in self._groups.values())

    @property
    def group_count(self) -> int:
        return len(self._groups)

    def join(self, asked: Asked, context: Context) -> tuple[Member, Execution] | None:
        """A member of those who watch the same, and what it is to be told first.

        None for what nobody can share. Whoever joins must `leave`.
        """
        shared = self._executor.live(asked)
        if shared is None:
            return None
        key = shared.key(context.principal.scope)
        group = self._groups.get(key)
        if group is None or group.is_over:
            group = self._groups[key] = Group(self._executor, shared, context, key)
        member = Member(group)
        group.members.add(member)
        reading = Reading(Part.PAST, resumed_after=context.reading.resumed_after)
        return member, Execution(self._executor, asked, context, reading)

    def leave(self, member: Member) -> None:
        """The last one ends what they shared."""
        group = member.group
        group.members.discard(member)
        self.too_slow_count += member.is_too_slow
        if not group.members:
            group.end()
            if self._groups.get(group.key) is group:
                del self._groups[group.key]

    def watch(self, asked: Asked, context: Context) -> AsyncGenerator[Sequence[Told]] | None:
        """What somebody who asks for this is told, in order, as much at a time as there is.

        None for what nobody can share.
        """
        return None if self._executor.live(asked) is None else self._watch(asked, context)

    async def _watch(self, asked: Asked, context: Context) -> AsyncGenerator[Sequence[Told]]:
        joined = self.join(asked, context)
        if joined is None:
            return
        member, past = joined
        try:
            async with aclosing(member.told(past)) as told:
                async for batch in told:
                    yield batch
        finally:
            self.leave(member)
