"""The protocol graphql-transport-ws, kept strictly: a bad message closes the socket with 4400.

A bad document does not: other operations run on the same socket.
"""

from typing import Any

import msgspec
from graphql import GraphQLError
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message

from orderlog_schema.context import Context


class ConnectionInit(msgspec.Struct, tag="connection_init"):
    payload: dict[str, Any] | None = None


class Ping(msgspec.Struct, tag="ping"):
    payload: dict[str, Any] | None = None


class Pong(msgspec.Struct, tag="pong"):
    payload: dict[str, Any] | None = None


class Wanted(msgspec.Struct):
    query: str
    variables: dict[str, Any] | None = None
    operationName: str | None = None  # noqa: N815 - as the protocol spells it
    extensions: dict[str, Any] | None = None


class Subscribe(msgspec.Struct, tag="subscribe"):
    id: str
    payload: Wanted


class Complete(msgspec.Struct, tag="complete"):
    id: str


Heard = ConnectionInit | Ping | Pong | Subscribe | Complete


class SocketHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Checks the shape of each message before the library acts on it."""

    async def handle_message(self, message: Message) -> None:
        try:
            heard = msgspec.convert(message, Heard)
        except msgspec.ValidationError as error:
            await self.handle_invalid_message(f"Invalid message: {error}"[:120])
            return
        if isinstance(heard, Subscribe | Complete) and not heard.id:
            await self.handle_invalid_message("Invalid message: an empty id")
            return
        if isinstance(heard, ConnectionInit) and heard.payload is None:
            message = {"type": "connection_init"}
        await super().handle_message(message)

    @staticmethod
    def _get_pre_execution_close_reason(error: GraphQLError) -> str | None:  # noqa: ARG004
        return None
