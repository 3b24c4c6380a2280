"""`/graphql` over HTTP: queries and mutations, and subscriptions by SSE and multipart.

Whatever is wrong with a request, the answer is a GraphQL error in JSON with a code. It goes
straight from the request to the bytes of its answer.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from graphql import GraphQLError
from starlette.datastructures import Headers as HTTPHeaders
from starlette.types import Receive, Scope, Send

from orderlog.consumers.following import Reading
from orderlog_schema.context import Context
from orderlog_schema.execution.executor import UNKNOWN, Answered, Executor
from orderlog_schema.execution.members import Told
from orderlog_schema.execution.operations import Asked
from orderlog_schema.execution.persisted import Persisted, Request
from orderlog_schema.execution.sharing import Execution, Streams
from orderlog_schema.faults import BAD_USER_INPUT, deadline_exceeded
from orderlog_schema.limits import OPERATION_SECONDS_MAX
from orderlog_schema.principals import Principal
from orderlog_schema.schema import build_schema
from orderlog_server.auth.authentication import Authentication
from orderlog_server.auth.refusing import Unauthenticated
from orderlog_server.http.negotiation import JSON_TYPE, Wanted, wanted_of
from orderlog_server.http.refusals import Header, Refused, bad_request, not_allowed
from orderlog_server.http.requests import (
    ClientGone,
    Headers,
    Operation,
    headers_of,
    number_in,
    operation_of,
)
from orderlog_server.http.responses import answer, fail, refuse
from orderlog_server.http.streaming import FORMATS, Batches, Streaming
from orderlog_server.observability.operations import INVALID, Observe, outcome_of, unobserved

ContextFor = Callable[[Principal], Context]


class Patience(NamedTuple):
    """How long things may take, in seconds."""

    operation_seconds_max: float = OPERATION_SECONDS_MAX
    heartbeat_seconds: float = 5.0


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
        headers = headers_of(scope)
        wanted = wanted_of(headers.get(b"accept", b""))
        try:
            context = self.context_for(await self._principal_of(scope))
            reply = await self._reply(scope, headers, wanted, receive, context)
        except ClientGone:
            return
        except Refused as refused:
            await refuse(send, wanted.single, refused)
        except GraphQLError as error:
            await self._answer(Answered(None, [error], is_refused=True), wanted, send)
        except Exception as fault:  # noqa: BLE001 - whatever it is, nobody is told more than its id
            await fail(send, wanted.single, fault)
        else:
            if isinstance(reply, Answered):
                await self._answer(reply, wanted, send)
            else:
                may_stay = partial(self.authentication.is_current, context.principal)
                await self._stream(reply, wanted, may_stay, receive, send)

    async def _reply(
        self,
        scope: Scope,
        headers: Headers,
        wanted: Wanted,
        receive: Receive,
        context: Context,
    ) -> Answered | Batches:
        """One answer or many. Raises `Refused`, `ClientGone`, `GraphQLError`."""
        operation = await operation_of(scope, headers, receive)
        asked = self._asked(operation, is_get=scope["method"] == "GET")
        kind = self.executor.kind_of(asked)
        if kind == "mutation" and scope["method"] == "GET":
            raise not_allowed("A mutation is sent by POST.")
        if kind != "subscription":
            answering = self.answer(asked, kind, context)
            return singly(answering) if wanted.prefers_stream else await answering
        if wanted.stream is None:
            raise bad_request("Subscribe over a WebSocket, or accept text/event-stream.")
        return self._watch(asked, resumed(context, headers))

    def _asked(self, operation: Operation, *, is_get: bool) -> Asked:
        """Raises `Refused`; `GraphQLError` for a name that is none."""
        request = Request(operation.query, operation.extensions, operation.document_id)
        text = self.persisted.resolve(request, is_get=is_get)
        if text is None:
            raise bad_request("The request has no `query`.")
        return Asked(text, operation.variables or {}, operation.operation_name)

    async def _answer(self, reply: Answered, wanted: Wanted, send: Send) -> None:
        """A request error is 400 or 429 by the newer media type; by the older one it stays 200."""
        wait = retry_after(reply)
        status = 200
        if reply.is_refused and wanted.single != JSON_TYPE:
            status = 429 if wait else 400
        await answer(send, wanted.single, reply.body, status, wait)

    async def _stream(
        self,
        reply: Batches,
        wanted: Wanted,
        may_stay: Callable[[], bool],
        receive: Receive,
        send: Send,
    ) -> None:
        heartbeat_seconds = self._patience.heartbeat_seconds
        streaming = Streaming(FORMATS[wanted.stream or ""], send, heartbeat_seconds, may_stay)
        await streaming.tell(reply, receive)

    async def answer(self, asked: Asked, kind: str, context: Context) -> Answered:
        """What is answered once, over whatever it was asked. Raises `Refused`."""
        begun, outcome = time.perf_counter(), INVALID
        try:
            answered = await self._answered(asked, kind, context)
            outcome = outcome_of(answered)
        finally:
            self._observe(kind, outcome, time.perf_counter() - begun)
        if is_misnamed(answered, kind):
            raise bad_request(answered.errors[0].message)
        return answered

    async def _answered(self, asked: Asked, kind: str, context: Context) -> Answered:
        """What takes too long is given up, and says so."""
        seconds_max = self._patience.operation_seconds_max
        try:
            async with asyncio.timeout(seconds_max):
                return await self.executor.execute(asked, context)
        except TimeoutError:
            return Answered(None, [deadline_exceeded(seconds_max, is_mutation=kind == "mutation")])

    def _watch(self, asked: Asked, context: Context) -> Batches:
        shared = self.streams.watch(asked, context)
        return shared or alone(Execution(self.executor, asked, context, context.reading))

    async def _principal_of(self, scope: Scope) -> Principal:
        try:
            return await self.authentication.principal_of(HTTPHeaders(scope=scope))
        except Unauthenticated as error:
            challenge = (b"www-authenticate", error.challenge.encode())
            raise Refused(401, "UNAUTHENTICATED", str(error), [challenge]) from None


def resumed(context: Context, headers: Headers) -> Context:
    """A client that lost its stream says where it was; it goes on there."""
    last = number_in(headers, b"last-event-id")
    return context if last is None else replace(context, reading=Reading(resumed_after=last))


def retry_after(reply: Answered) -> Sequence[Header]:
    """For who asked too much: when there will be points again."""
    seconds = [(error.extensions or {}).get("retryAfterSeconds") for error in reply.errors]
    return [(b"retry-after", b"%d" % one) for one in seconds if one is not None]


def is_misnamed(answered: Answered, kind: str) -> bool:
    """Whether a document has no such operation."""
    codes = {(error.extensions or {}).get("code") for error in answered.errors}
    return answered.is_refused and kind == UNKNOWN and codes == {BAD_USER_INPUT}


async def singly(answering: Awaitable[Answered]) -> Batches:
    yield (Told(None, (await answering).body),)


async def alone(execution: Execution) -> Batches:
    """What nobody else can share."""
    async with aclosing(execution.told()) as stream:
        async for told in stream:
            yield (told,)
