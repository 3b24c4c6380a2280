"""The protocol graphql-transport-ws, kept strictly: a bad message closes the socket with 4400.

A bad document does not: other operations run on the same socket.
"""

from collections.abc import Sequence
from contextlib import aclosing
from typing import Any, cast

import msgspec
import orjson
from graphql import GraphQLError
from starlette.websockets import WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
)

from orderlog_schema.context import Context
from orderlog_schema.execution.operations import Asked
from orderlog_schema.execution.sharing import SendNow, Streams, Told
from orderlog_server.auth.refusing import Unauthenticated
from orderlog_server.frames import write_now_of


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


class SocketAdapter(ASGIWebSocketAdapter):
    """The library's, which can also send what is text already."""

    async def send_text(self, text: bytes) -> None:
        try:
            await self.ws.send_text(text.decode())
        except WebSocketDisconnect as error:
            raise WebSocketDisconnected from error


class SocketHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Checks the shape of each message before the library acts on it; shares subscriptions."""

    view: Any
    websocket: SocketAdapter

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

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        if not self.connection_init_received:
            try:
                principal = await self.view.authentication.authenticate(
                    message.get("payload"), self.websocket.ws.headers
                )
            except Unauthenticated:
                await self.websocket.close(code=4403, reason="Forbidden")
                return
            self.context = self.view.context_for(principal)
        await super().handle_connection_init(message)
        if self.connection_acknowledged:
            self.connection_init_timeout_task = None  # cancelled; kept, it would cost a kilobyte

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        asked = Asked(operation.query, operation.variables or {}, operation.operation_name)
        streams: Streams = self.view.streams
        shared = streams.watch(asked, self.context, self._sender(operation))
        if shared is None:
            await super().run_operation(operation)
            return
        try:
            async with aclosing(shared):
                async for batch in shared:
                    await self._send(operation, batch)
            await operation.send_operation_message({"id": operation.id, "type": "complete"})
        except WebSocketDisconnected:
            return
        except Exception as error:
            await self.handle_task_exception(error)
            raise

    def _sender(self, operation: Operation[Context, None]) -> SendNow | None:
        write_now = write_now_of(self.websocket.ws.scope)
        if write_now is None:
            return None
        head = head_of(operation.id)

        def send_now(batch: Sequence[Told]) -> bool:
            if operation.completed or any(told.errors for told in batch):
                return False
            return write_now([b"%b%b}" % (head, told.body) for told in batch])

        return send_now

    async def _send(self, operation: Operation[Context, None], batch: Sequence[Told]) -> None:
        for told in batch:
            if told.errors is None:
                await self.websocket.send_text(b"%b%b}" % (head_of(operation.id), told.body))
            else:
                error = {"id": operation.id, "type": "error", "payload": told.errors}
                await operation.send_operation_message(cast("Message", error))

    @staticmethod
    def _get_pre_execution_close_reason(error: GraphQLError) -> str | None:  # noqa: ARG004
        return None


def head_of(operation_id: str) -> bytes:
    """What comes before the payload of every event of an operation."""
    return b'{"id":%b,"type":"next","payload":' % orjson.dumps(operation_id)
