"""What a request asks for: one operation, in the body of a POST or in the query of a GET."""

import asyncio
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Receive, Scope

from orderlog_schema.limits import BODY_BYTES_MAX, BODY_SECONDS_MAX, JSON_LEVELS_MAX
from orderlog_server.http.negotiation import is_json
from orderlog_server.http.refusals import Refused, bad_request, not_allowed

DIGITS_MAX: Final = 18

HEADERS_READ: Final = frozenset(
    {b"accept", b"content-encoding", b"content-length", b"content-type", b"last-event-id"}
)
UNREADABLE: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)

Headers = dict[bytes, bytes]
T = TypeVar("T")


class Operation(msgspec.Struct, rename="camel"):
    """What a client asks for, as GraphQL spells it in JSON; by its text, or by a name of it."""

    query: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None


class ClientGone(Exception):
    """It has not waited for an answer."""


_operation: Final = msgspec.json.Decoder(Operation)
_object: Final = msgspec.json.Decoder(dict[str, Any] | None)


def headers_of(scope: Scope) -> Headers:
    """Those that count here."""
    return {name: value for name, value in scope["headers"] if name in HEADERS_READ}


def number_in(headers: Headers, name: bytes) -> int | None:
    """What is longer than any number of ours is none."""
    text = headers.get(name, b"")
    return int(text) if text.isdigit() and len(text) <= DIGITS_MAX else None


async def operation_of(scope: Scope, headers: Headers, receive: Receive) -> Operation:
    """Raises `Refused`, `ClientGone`."""
    match scope["method"]:
        case "POST":
            require_json(headers)
            return posted(await body_of(headers, receive))
        case "GET":
            return in_query(scope["query_string"])
        case _:
            raise not_allowed("Send a POST, or a query by GET.")


def require_json(headers: Headers) -> None:
    is_coded = headers.get(b"content-encoding", b"identity").lower() != b"identity"
    if is_coded or not is_json(headers.get(b"content-type", b"")):
        message = "Send the request as application/json, in UTF-8 and not compressed."
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", message)


async def body_of(headers: Headers, receive: Receive) -> bytes:
    """Never more than a request may have, whatever its length is said to be."""
    if (number_in(headers, b"content-length") or 0) > BODY_BYTES_MAX:
        raise too_large()
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            return await received(receive)
    except TimeoutError:
        message = f"The request took longer than {BODY_SECONDS_MAX:g} seconds to come."
        raise Refused(408, "REQUEST_TIMEOUT", message) from None


async def received(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise too_large()
        if not message.get("more_body", False):
            return body


def posted(body: bytes) -> Operation:
    operation = decoded(_operation, body, "The body")
    if body.count(b"{") + body.count(b"[") > JSON_LEVELS_MAX:  # too few cannot be too deep
        require_flat(operation)
    return operation


def in_query(query: bytes) -> Operation:
    try:
        given = dict(parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict"))
    except ValueError:
        raise bad_request("The query of the address is not in UTF-8.") from None
    operation = Operation(
        given.get("query"),
        decoded(_object, given.get("variables") or "null", "`variables`"),
        given.get("operationName") or None,
        decoded(_object, given.get("extensions") or "null", "`extensions`"),
        given.get("documentId"),
    )
    require_flat(operation)
    return operation


def decoded(decoder: msgspec.json.Decoder[T], text: bytes | str, what: str) -> T:
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as error:
        raise bad_request(f"{what} has a wrong shape: {error}.") from None
    except UNREADABLE:
        raise bad_request(f"{what} cannot be read as JSON in UTF-8.") from None


def require_flat(operation: Operation) -> None:
    """Level by level, so that nothing here is as deep as what it looks at."""
    level: list[Any] = [operation.variables, operation.extensions]
    for _ in range(JSON_LEVELS_MAX):
        level = [inner for one in level for inner in inside(one)]
        if not level:
            return
    raise bad_request(f"The JSON of a request has at most {JSON_LEVELS_MAX} levels.")


def inside(one: Any) -> Any:  # noqa: ANN401 - what JSON holds
    match one:
        case dict():
            return one.values()  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] - any JSON
        case list():
            return one  # pyright: ignore[reportUnknownVariableType] - as above
        case _:
            return ()


def too_large() -> Refused:
    message = f"A request has at most {BODY_BYTES_MAX:,} bytes."
    return Refused(413, "REQUEST_TOO_LARGE", message)
