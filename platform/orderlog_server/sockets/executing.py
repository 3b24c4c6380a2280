"""What is wanted over a socket, executed: shared where others watch the same, else for one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from graphql import GraphQLError

from orderlog.consumers.following import Reading
from orderlog_schema.context import Context
from orderlog_schema.execution.executor import Answered
from orderlog_schema.execution.executor import Executor as SchemaExecutor
from orderlog_schema.execution.members import Told
from orderlog_schema.execution.operations import Asked
from orderlog_schema.execution.persisted import Persisted, Request
from orderlog_schema.execution.sharing import Execution, Streams
from orderlog_schema.faults import BAD_USER_INPUT
from orderlog_server.sockets.messages import Wanted
from orderlog_server.sockets.operations import Operation

Answer = Callable[[Asked, str, Context], Awaitable[Answered]]
"""Runs what is answered once, a query or a mutation."""


@dataclass(frozen=True, slots=True)
class Executor:
    """Runs the operations of all sockets."""

    schema: SchemaExecutor
    streams: Streams
    persisted: Persisted
    answer: Answer
    _turnstile: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, wanted: Wanted, context: Context, operation: Operation) -> None:
        """Raises `GraphQLError` for what nobody can execute."""
        await self._pass()
        asked = Asked(self._text_of(wanted), wanted.variables or {}, wanted.operation_name)
        kind = self.schema.kind_of(asked)
        if kind != "subscription":
            operation.answer(await self._answered(asked, kind, context))
        elif (joined := self.streams.join(asked, context)) is not None:
            await operation.watch(*joined)
        else:
            await operation.follow(Execution(self.schema, asked, context, Reading()).told())

    async def _pass(self) -> None:
        """One after the other: much that is asked at once leaves room for requests in between."""
        async with self._turnstile:
            await asyncio.sleep(0)

    def _text_of(self, wanted: Wanted) -> str:
        request = Request(wanted.query, wanted.extensions, wanted.document_id)
        text = self.persisted.resolve(request)
        if text is None:
            raise bad_input("The payload has no `query`.")
        return text

    async def _answered(self, asked: Asked, kind: str, context: Context) -> Told:
        answered = await self.answer(asked, kind, context)
        errors = answered.formatted_errors if answered.is_refused else None
        return Told(None, answered.body, errors)


def bad_input(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": BAD_USER_INPUT})
