"""The messages of graphql-transport-ws: those that a client may send, and how ours are written.

After PROTOCOL.md of graphql-ws.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, TypeAlias

import msgspec
import orjson
from graphql import GraphQLFormattedError

from orderlog_schema.limits import ID_CHARACTERS_MAX

PROTOCOL: Final = "graphql-transport-ws"
ACK: Final = b'{"type":"connection_ack"}'
PING: Final = b'{"type":"ping"}'
PONG: Final = b'{"type":"pong"}'

Id: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=ID_CHARACTERS_MAX)]
Payload: TypeAlias = dict[str, Any] | None


class ConnectionInit(msgspec.Struct, tag="connection_init"):
    payload: Payload = None


class Ping(msgspec.Struct, tag="ping"):
    payload: Payload = None


class Pong(msgspec.Struct, tag="pong"):
    payload: Payload = None


class Wanted(msgspec.Struct, rename="camel"):
    """An operation; its document by its text, or by a name that is known."""

    query: str | None = None
    variables: Payload = None
    operation_name: str | None = None
    extensions: Payload = None
    document_id: str | None = None


class Subscribe(msgspec.Struct, tag="subscribe"):
    id: Id
    payload: Wanted


class Complete(msgspec.Struct, tag="complete"):
    id: Id


Heard: TypeAlias = ConnectionInit | Ping | Pong | Subscribe | Complete

_decoder: Final[msgspec.json.Decoder[Heard]] = msgspec.json.Decoder(Heard)


class Malformed(Exception):
    """Not a message that a client may send; says why."""


def heard(text: bytes) -> Heard:
    """Raises `Malformed`."""
    try:
        message = _decoder.decode(text)
    except msgspec.ValidationError as error:
        raise Malformed(f"Invalid message: {error}") from None
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise Malformed("Invalid message: it must be JSON") from None
    if isinstance(message, Subscribe) and not says_which_document(message.payload):
        raise Malformed("Invalid message: the payload has no `query`")
    return message


def says_which_document(wanted: Wanted) -> bool:
    is_named = "persistedQuery" in (wanted.extensions or ()) or wanted.document_id is not None
    return is_named or wanted.query is not None


def pong(payload: Payload) -> bytes:
    """With what came with the ping."""
    return PONG if not payload else orjson.dumps({"type": "pong", "payload": payload})


def head_of(operation_id: str) -> bytes:
    """What comes before the payload of every event of an operation; a brace comes after it."""
    return b'{"id":%b,"type":"next","payload":' % orjson.dumps(operation_id)


def complete(operation_id: str) -> bytes:
    return orjson.dumps({"id": operation_id, "type": "complete"})


def refused(
    operation_id: str, errors: Sequence[GraphQLFormattedError | Mapping[str, Any]]
) -> bytes:
    return orjson.dumps({"id": operation_id, "type": "error", "payload": errors})
