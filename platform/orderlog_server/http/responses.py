"""Answers that come at once, as ASGI sends them."""

from collections.abc import Sequence
from typing import Final

import orjson
from graphql import GraphQLError
from starlette.types import Send

from orderlog_schema.faults import give_codes
from orderlog_server.http.negotiation import JSON_TYPE, RESPONSE_TYPE
from orderlog_server.http.refusals import Header, Refused

CONTENT_TYPES: Final[dict[str, Header]] = {
    kind: (b"content-type", f"{kind}; charset=utf-8".encode())
    for kind in (JSON_TYPE, RESPONSE_TYPE)
}


async def answer(
    send: Send, kind: str, body: bytes, status: int = 200, headers: Sequence[Header] = ()
) -> None:
    """A GraphQL response in JSON, of one of the two media types."""
    length = (b"content-length", b"%d" % len(body))
    sent = [CONTENT_TYPES[kind], length, *headers]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, kind: str, refused: Refused) -> None:
    """Whatever is wrong, it is said as GraphQL says it."""
    error = GraphQLError(refused.message, extensions={"code": refused.code})
    await answer(send, kind, body_of(error), refused.status, refused.headers)


async def fail(send: Send, kind: str, fault: Exception) -> None:
    """For faults of ours: the log says more, under the id that the client is told."""
    error = GraphQLError("", original_error=fault)
    give_codes([error])
    await answer(send, kind, body_of(error), 500)


def body_of(error: GraphQLError) -> bytes:
    return orjson.dumps({"errors": [error.formatted]})
