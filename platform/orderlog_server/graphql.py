"""`/graphql` over HTTP: queries and mutations, and subscriptions by SSE and multipart.

Whatever is wrong with a request, the answer is a GraphQL error in JSON with a code. It goes
straight from the request to the bytes of its answer.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from graphql import GraphQLError
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from orderlog.consumers.following import Reading
from orderlog_schema.context import Context
from orderlog_schema.execution.executor import Answered, Executor
from orderlog_schema.execution.members import Told
from orderlog_schema.execution.operations import Asked
from orderlog_schema.execution.persisted import Persisted, Request
from orderlog_schema.execution.sharing import Execution, Streams
from orderlog_schema.faults import deadline_exceeded
from orderlog_schema.limits import OPERATION_SECONDS_MAX
from orderlog_schema.principals import Principal
from orderlog_schema.schema import build_schema
from orderlog_server.auth.authentication import Authentication
from orderlog_server.auth.refusing import Unauthenticated
from orderlog_server.http.connections import call_endless
from orderlog_server.http.exchange import Exchange
from orderlog_server.http.refusals import Refused, bad_request, not_allowed
from orderlog_server.http.requests import ClientGone, Operation
from orderlog_server.http.streaming import FORMATS, Batches, Streaming
from orderlog_server.observability.operations import INVALID, Observe, outcome_of, unobserved

ContextFor = Callable[[Principal], Context]


class Patience(NamedTuple):
    """How long things may take, in seconds."""

    operation_seconds_max: float = OPERATION_SECONDS_MAX
    heartbeat_seconds: float = 5.0


class Watched(NamedTuple):
    """What is streamed, and to whom."""

    batches: Batches
    principal: Principal


class GraphQLView:
    """Every answer is GraphQL, every error has a code."""

    def __init__(
        self,
        context_for: ContextFor,
        authentication: Authentication,
        observe: Observe = unobserved,
        patience: Patience = Patience(),  # noqa: B008 - it never changes
        persisted: Persisted | None = None,
        executor: Executor | None = None,
    ) -> None:
        self.executor = executor or build_schema().executor
        self.streams = Streams(self.executor)
        self.context_for = context_for
        self.authentication = authentication
        self.persisted = persisted or Persisted()
        self._observe = observe
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        try:
            reply = await self._reply(exchange)
        except ClientGone:
            return
        except Refused as refused:
            await exchange.refuse(refused)
        except GraphQLError as error:
            await exchange.answer(Answered(None, [error], is_refused=True))
        except Exception as fault:  # noqa: BLE001 - whatever it is, nobody is told more than its id
            await exchange.fail(fault)
        else:
            if isinstance(reply, Answered):
                await exchange.answer(reply)
            else:
                await self._stream(exchange, reply)

    async def _reply(self, exchange: Exchange) -> Answered | Watched:
        """One answer or many. Raises `Refused`, `ClientGone`, `GraphQLError`."""
        principal = await self._principal_of(exchange.scope)
        asked = self._asked(await exchange.operation(), is_get=exchange.is_get)
        context, kind = self.context_for(principal), self.executor.kind_of(asked)
        if kind == "mutation" and exchange.is_get:
            raise not_allowed("A mutation is sent by POST.")
        if kind == "subscription":
            return Watched(self._watch(asked, context, exchange), principal)
        if exchange.wanted.prefers_stream:
            return Watched(singly(partial(self.answer, asked, kind, context)), principal)
        return await self.answer(asked, kind, context)

    async def _principal_of(self, scope: Scope) -> Principal:
        try:
            return await self.authentication.principal_of(Headers(scope=scope))
        except Unauthenticated as error:
            challenge = (b"www-authenticate", error.challenge.encode())
            raise Refused(401, "UNAUTHENTICATED", str(error), [challenge]) from None

    def _asked(self, operation: Operation, *, is_get: bool) -> Asked:
        """Raises `Refused`; `GraphQLError` for a name that is none."""
        request = Request(operation.query, operation.extensions, operation.document_id)
        text = self.persisted.resolve(request, is_get=is_get)
        if text is None:
            raise bad_request("The request has no `query`.")
        return Asked(text, operation.variables or {}, operation.operation_name)

    def _watch(self, asked: Asked, context: Context, exchange: Exchange) -> Batches:
        """A client that lost its stream says where it was; it goes on there."""
        if exchange.wanted.stream is None:
            raise bad_request("Subscribe over a WebSocket, or accept text/event-stream.")
        reading = Reading(resumed_after=exchange.last_event)
        context = replace(context, reading=reading)
        shared = self.streams.watch(asked, context)
        return shared or alone(Execution(self.executor, asked, context, reading))

    async def _stream(self, exchange: Exchange, watched: Watched) -> None:
        call_endless(exchange.scope)
        streaming = Streaming(
            FORMATS[exchange.wanted.stream or ""],
            exchange.send,
            self._patience.heartbeat_seconds,
            partial(self.authentication.is_current, watched.principal),
        )
        await streaming.tell(watched.batches, exchange.receive)

    async def answer(self, asked: Asked, kind: str, context: Context) -> Answered:
        """What is answered once, over whatever it was asked."""
        begun, outcome = time.perf_counter(), INVALID
        try:
            answered = await self._answered(asked, kind, context)
            outcome = outcome_of(answered)
        finally:
            self._observe(kind, outcome, time.perf_counter() - begun)
        return answered

    async def _answered(self, asked: Asked, kind: str, context: Context) -> Answered:
        """What takes too long is given up, and says so."""
        seconds_max = self._patience.operation_seconds_max
        try:
            async with asyncio.timeout(seconds_max):
                return await self.executor.execute(asked, context)
        except TimeoutError:
            return Answered(None, [deadline_exceeded(seconds_max, is_mutation=kind == "mutation")])


async def singly(answer: Callable[[], Awaitable[Answered]]) -> Batches:
    yield (Told(None, (await answer()).body),)


async def alone(execution: Execution) -> Batches:
    """What nobody else can share."""
    async with aclosing(execution.told()) as stream:
        async for told in stream:
            yield (told,)
