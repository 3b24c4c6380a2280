"""`/graphql`: queries and mutations over HTTP, subscriptions over WebSocket, SSE and multipart.

Whatever is wrong with a request, the answer is a GraphQL error in JSON with a code.
"""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Final, cast

import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import MissingQueryError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.base import BaseRequestProtocol
from strawberry.http.streaming import JSONEncoder, MultipartSubscriptionTransport, SSETransport
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import (
    GRAPHQL_SSE_PROTOCOL,
    GRAPHQL_TRANSPORT_WS_PROTOCOL,
    MULTIPART_SUBSCRIPTION_PROTOCOL,
)
from strawberry.types import ExecutionResult, SubscriptionExecutionResult
from strawberry.types.graphql import OperationType

from orderlog_schema.context import Context
from orderlog_schema.execution.operations import Asked, kind_of
from orderlog_schema.execution.sharing import Streams, Told
from orderlog_schema.faults import BAD_USER_INPUT
from orderlog_schema.principals import NOBODY, Principal
from orderlog_schema.schema import build_schema
from orderlog_server.auth.authentication import Authentication
from orderlog_server.auth.refusing import Unauthenticated
from orderlog_server.observability.operations import INVALID, Observe, outcome_of, unobserved
from orderlog_server.sockets import SocketAdapter, SocketHandler

BODY_BYTES_MAX: Final = 256 * 1024
OPERATIONS_PER_SOCKET_MAX: Final = 20
JSON_TYPE: Final = "application/json"
RESPONSE_TYPE: Final = "application/graphql-response+json"
EVENT_STREAM_TYPE: Final = "text/event-stream"
MULTIPART_TYPE: Final = "multipart/mixed"
STATUS_CODES: Final[Mapping[int, str]] = {
    405: "METHOD_NOT_ALLOWED",
    413: "REQUEST_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
}

ANSWERED_ONCE: Final = {
    "GET": {OperationType.QUERY},
    "POST": {OperationType.QUERY, OperationType.MUTATION},
}

ContextFor = Callable[[Principal], Context]


class NumberedSSE(SSETransport):
    """Every event has the position that its payload has: good for `Last-Event-ID`."""

    def encode_next(self, response: GraphQLHTTPResponse, encode_json: JSONEncoder) -> str:
        text = super().encode_next(response, encode_json)
        shared: object = response
        position = shared.position if isinstance(shared, Told) else position_in(response)
        return text if position is None else f"id: {position}\r\n{text}"


def position_in(response: GraphQLHTTPResponse) -> str | None:
    """The `position` of a subscription's payload, where it was asked for."""
    for payload in (response.get("data") or {}).values():
        match payload:
            case {"position": str(position)}:
                return position
            case _:
                continue
    return None


class GraphQLView(GraphQL[Context, None]):
    """The library's view, made strict: every answer is JSON, every error has a code."""

    stream_transport_classes_by_protocol = {  # noqa: RUF012 - the library's own shape
        GRAPHQL_SSE_PROTOCOL: NumberedSSE,
        MULTIPART_SUBSCRIPTION_PROTOCOL: MultipartSubscriptionTransport,
    }
    websocket_adapter_class = SocketAdapter
    graphql_transport_ws_handler_class = SocketHandler

    def __init__(
        self,
        context_for: ContextFor,
        authentication: Authentication,
        observe: Observe = unobserved,
    ) -> None:
        schema = build_schema()
        self.streams = Streams(schema)
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=[
                GRAPHQL_TRANSPORT_WS_PROTOCOL,
                GRAPHQL_SSE_PROTOCOL,
                MULTIPART_SUBSCRIPTION_PROTOCOL,
            ],
            max_subscriptions_per_connection=OPERATIONS_PER_SOCKET_MAX,
        )
        self.context_for = context_for
        self.authentication = authentication
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        request = Request(scope, limited(receive))
        try:
            require_short(request)
            response = await self.run(request)
        except HTTPException as error:
            response = refusal(request, error)
        except Unauthenticated as error:
            response = unauthenticated(request, error)
        await response(scope, receive, send)

    async def execute_operation(
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        request_data: GraphQLRequestData | list[GraphQLRequestData],
        context: Context,
        root_value: None,
        sub_response: Response,
    ) -> ExecutionResult | list[ExecutionResult] | SubscriptionExecutionResult:
        """Streams share what they show, as sockets do."""
        if isinstance(request_data, GraphQLRequestData) and request_data.protocol != "http":
            query, variables = request_data.query or "", request_data.variables or {}
            asked = Asked(query, variables, request_data.operation_name)
            shared = self.streams.watch(asked, context)
            if shared is not None:
                return cast("SubscriptionExecutionResult", singly(shared))
        return await super().execute_operation(
            request, request_adapter, request_data, context, root_value, sub_response
        )

    async def execute_single(
        self,
        request: Request,  # noqa: ARG002 - as above
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: Response,  # noqa: ARG002 - as above
        context: Context,
        root_value: None,
        request_data: GraphQLRequestData,
    ) -> ExecutionResult:
        """The library's own would run a subscription to answer once."""
        begun, outcome = time.perf_counter(), INVALID
        try:
            result = await self.schema.execute(
                request_data.query,
                root_value=root_value,
                variable_values=request_data.variables,
                context_value=context,
                operation_name=request_data.operation_name,
                allowed_operation_types=ANSWERED_ONCE[request_adapter.method],
            )
            outcome = outcome_of(result)
        except MissingQueryError:
            raise HTTPException(400, "The body has no `query`.") from None
        except CannotGetOperationTypeError as error:
            raise HTTPException(400, error.as_http_error_reason()) from None
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.MUTATION:
                raise HTTPException(405, "A mutation is sent by POST.") from None
            message = "Subscribe over a WebSocket, or accept text/event-stream."
            raise HTTPException(400, message) from None
        finally:
            kind = kind_of(request_data.query, request_data.operation_name)
            self._observe(kind, outcome, time.perf_counter() - begun)
        return result

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002 - resolvers set no headers
    ) -> Context:
        """For one request; a WebSocket gets another one when it has said who it is."""
        if isinstance(request, WebSocket):
            return self.context_for(NOBODY)
        return self.context_for(await self.authentication.principal_of(request.headers))

    def is_websocket_origin_allowed(self, request: WebSocket, origin: str) -> bool:  # noqa: ARG002 - `Protection` has looked at it
        return True

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:  # noqa: ARG002
        return False

    async def parse_http_body(
        self, request: AsyncHTTPRequestAdapter
    ) -> GraphQLRequestData | list[GraphQLRequestData]:
        if request.method == "POST" and media_type(request.content_type or "") != JSON_TYPE:
            message = f"Send the request as {JSON_TYPE}."
            raise HTTPException(415, message)
        try:
            asked = await super().parse_http_body(request)
        except AttributeError:
            message = "The body must be a JSON object."
            raise HTTPException(400, message) from None
        if isinstance(asked, GraphQLRequestData):
            if not isinstance(asked.operation_name, str | None):  # pyright: ignore[reportUnnecessaryIsInstance] - it comes unchecked
                raise HTTPException(400, "`operationName` must be a string.")
            if prefers_json(request.headers.get("accept") or ""):
                asked.protocol = "http"
            resume(asked, request.headers.get("last-event-id"))
        return asked

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)

    def encode_json(self, data: object) -> str:
        """As text: bytes would make binary frames on a WebSocket."""
        return orjson.dumps(data, default=as_encoded).decode()

    async def process_result(
        self, request: Request, result: ExecutionResult | Told
    ) -> GraphQLHTTPResponse:
        if isinstance(result, Told):
            return cast("GraphQLHTTPResponse", result)
        response = await super().process_result(request, result)
        if result.errors and result.data is None and is_of_request(result.errors):
            del response["data"]
        return response

    def create_response(
        self,
        response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse],
        sub_response: Response,
    ) -> Response:
        """By the newer media type a request error is 400; by the older one it stays 200."""
        kind = sub_response.headers["content-type"]
        is_refused = "data" not in response_data and kind.startswith(RESPONSE_TYPE)
        return Response(
            self.encode_json(response_data), 400 if is_refused else 200, media_type=kind
        )

    async def create_streaming_response(
        self,
        request: Request | WebSocket,  # noqa: ARG002 - the library's signature
        stream: Callable[[], AsyncIterator[str]],
        sub_response: Response,  # noqa: ARG002 - its media type is not that of a stream
        headers: Mapping[str, str],
    ) -> Response:
        return StreamingResponse(stream(), headers=headers)

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        return Response(media_type=negotiated(request.headers.get("accept", "")))


async def singly(batches: AsyncGenerator[Sequence[Told]]) -> AsyncGenerator[Told]:
    async with aclosing(batches):
        async for batch in batches:
            for told in batch:
                yield told


def as_encoded(told: object) -> orjson.Fragment:
    """What is JSON already goes into a response as it is."""
    if isinstance(told, Told):
        return orjson.Fragment(told.body)
    message = f"{type(told)} is not JSON"
    raise TypeError(message)


def limited(receive: Receive) -> Receive:
    """Raises 413 when more of a body comes than is allowed, whatever its length was said to be."""
    count = 0

    async def counted() -> Message:
        nonlocal count
        message = await receive()
        count += len(message.get("body", b""))
        if count > BODY_BYTES_MAX:
            raise too_large()
        return message

    return counted


def require_short(request: Request) -> None:
    """Raises 413 before anything is read."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > BODY_BYTES_MAX:
        raise too_large()


def too_large() -> HTTPException:
    return HTTPException(413, f"A request has at most {BODY_BYTES_MAX:,} bytes.")


def refusal(request: Request, error: HTTPException) -> Response:
    """What was wrong with the request itself, as GraphQL says it."""
    status = error.status_code
    answer = GraphQLError(
        error.reason, extensions={"code": STATUS_CODES.get(status, BAD_USER_INPUT)}
    )
    return Response(
        orjson.dumps({"errors": [answer.formatted]}),
        status,
        headers={"allow": "GET, POST"} if status == 405 else None,  # noqa: PLR2004 - a name of its own
        media_type=negotiated(request.headers.get("accept", "")),
    )


def unauthenticated(request: Request, error: Unauthenticated) -> Response:
    """Who must prove first who it is."""
    answer = GraphQLError(str(error), extensions={"code": "UNAUTHENTICATED"})
    return Response(
        orjson.dumps({"errors": [answer.formatted]}),
        401,
        headers={"www-authenticate": error.challenge},
        media_type=negotiated(request.headers.get("accept", "")),
    )


def resume(asked: GraphQLRequestData, last_event_id: str | None) -> None:
    """A browser that lost its event stream says where it was: that is what `after` means."""
    if asked.protocol == "sse" and last_event_id is not None and last_event_id.isdecimal():
        asked.variables = {**(asked.variables or {}), "after": last_event_id}


def is_of_request(errors: list[GraphQLError]) -> bool:
    """Whether nothing was executed at all."""
    return all(error.path is None for error in errors)


def media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()


def negotiated(accept: str) -> str:
    """The media type to answer in: the older one, unless the newer one is preferred."""
    weights = dict(weight_of(part) for part in accept.split(",") if part.strip())
    wildcard = max(weights.get("*/*", 0.0), weights.get("application/*", 0.0))
    older = weights.get(JSON_TYPE, wildcard)
    chosen = RESPONSE_TYPE if weights.get(RESPONSE_TYPE, 0.0) > older else JSON_TYPE
    if RESPONSE_TYPE in weights and weights[RESPONSE_TYPE] == older > 0:
        chosen = first_of(accept, JSON_TYPE, RESPONSE_TYPE)
    return f"{chosen}; charset=utf-8"


def prefers_json(accept: str) -> bool:
    """Clients list streams behind JSON for queries, and in front of it for subscriptions."""
    kinds = (JSON_TYPE, RESPONSE_TYPE, EVENT_STREAM_TYPE, MULTIPART_TYPE)
    return first_of(accept, *kinds) in {JSON_TYPE, RESPONSE_TYPE}


def first_of(accept: str, *kinds: str) -> str:
    """Of media types that are wanted equally, the one that stands first."""
    listed = [media_type(part) for part in accept.split(",")]
    return min(kinds, key=lambda kind: listed.index(kind) if kind in listed else len(listed))


def weight_of(part: str) -> tuple[str, float]:
    """A media range of an `Accept` header and how much it is wanted, 0 to 1."""
    kind, *parameters = (piece.strip() for piece in part.split(";"))
    weights = [p.removeprefix("q=") for p in parameters if p.startswith("q=")]
    try:
        return kind.lower(), float(weights[0]) if weights else 1.0
    except ValueError:
        return kind.lower(), 0.0
