"""One request and the way its answer goes, from ASGI to ASGI."""

from collections.abc import Sequence
from typing import Final

import orjson
from graphql import GraphQLError
from starlette.types import Receive, Scope, Send

from orderlog_schema.execution.executor import Answered
from orderlog_schema.faults import give_codes
from orderlog_server.http.negotiation import JSON_TYPE, RESPONSE_TYPE, wanted_of
from orderlog_server.http.refusals import Header, Refused
from orderlog_server.http.requests import Operation, headers_of, number_in, operation_of

CONTENT_TYPES: Final[dict[str, Header]] = {
    kind: (b"content-type", f"{kind}; charset=utf-8".encode())
    for kind in (JSON_TYPE, RESPONSE_TYPE)
}


class Exchange:
    """What a client wants, and how it is told: whatever it is, as GraphQL says it."""

    __slots__ = ("_headers", "is_get", "receive", "scope", "send", "wanted")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self.receive, self.send = scope, receive, send
        self.is_get = scope["method"] == "GET"
        self._headers = headers_of(scope)
        self.wanted = wanted_of(self._headers.get(b"accept", b""))

    @property
    def last_event(self) -> int | None:
        """The position that a client has come to whose stream was cut."""
        return number_in(self._headers, b"last-event-id")

    async def operation(self) -> Operation:
        """Raises `Refused`, `ClientGone`."""
        return await operation_of(self.scope, self._headers, self.receive)

    async def answer(self, reply: Answered) -> None:
        """A request error is 400 or 429 by the newer media type; by the older one it stays 200."""
        if not reply.is_refused:
            await self._respond(reply.body)
            return
        wait = retry_after(reply)
        status = 200 if self.wanted.single == JSON_TYPE else 429 if wait else 400
        await self._respond(reply.body, status, wait)

    async def refuse(self, refused: Refused) -> None:
        error = GraphQLError(refused.message, extensions={"code": refused.code})
        await self._respond(body_of(error), refused.status, refused.headers)

    async def fail(self, fault: Exception) -> None:
        """For faults of ours: the log says more, under the id that the client is told."""
        error = GraphQLError("", original_error=fault)
        give_codes([error])
        await self._respond(body_of(error), 500)

    async def _respond(
        self, body: bytes, status: int = 200, headers: Sequence[Header] = ()
    ) -> None:
        length = (b"content-length", b"%d" % len(body))
        sent = [CONTENT_TYPES[self.wanted.single], length, *headers]
        await self.send({"type": "http.response.start", "status": status, "headers": sent})
        await self.send({"type": "http.response.body", "body": body})


def retry_after(reply: Answered) -> Sequence[Header]:
    """For who asked too much: when there will be points again."""
    seconds = [(error.extensions or {}).get("retryAfterSeconds") for error in reply.errors]
    return [(b"retry-after", b"%d" % one) for one in seconds if one is not None]


def body_of(error: GraphQLError) -> bytes:
    return orjson.dumps({"errors": [error.formatted]})
