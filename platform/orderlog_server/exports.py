"""`/exports/orders.csv` and `.ndjson`: orders as a file, all of one moment.

The whole file is written first, to disk if it is long, and sent then: a slow client holds up no
snapshot of the database, and whatever goes wrong is said instead of a file that ends too early.
"""

import asyncio
import gzip
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from tempfile import SpooledTemporaryFile
from typing import Any, Final, TypeAlias

import orjson
from graphql import GraphQLError
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog_projections.order_list.queries import every_order
from orderlog_schema.context import Context
from orderlog_schema.execution.charging import RATE_LIMITED, paid
from orderlog_schema.execution.permits import FORBIDDEN
from orderlog_schema.faults import DATABASE_UNAVAILABLE, INTERNAL, give_codes
from orderlog_schema.limits import EXPORT_POINTS
from orderlog_schema.orders.exporting import EXPORTS_PATH, unpacked, within_reach
from orderlog_schema.orders.files import MEDIA_TYPES, ExportFormat, write_orders
from orderlog_schema.principals import Principal
from orderlog_server.auth.authentication import Authentication
from orderlog_server.auth.refusing import Unauthenticated

EXPORTS_AT_ONCE: Final = 2
SECONDS_MAX: Final = 600.0
MEMORY_BYTES_MAX: Final = 1024 * 1024
CHUNK_BYTES: Final = 64 * 1024
COMPRESSION_LEVEL: Final = 5
NOT_FOUND: Final = "NOT_FOUND"
UNAUTHENTICATED: Final = "UNAUTHENTICATED"
STATUSES: Final = {
    DATABASE_UNAVAILABLE: 503,
    INTERNAL: 500,
    str(ErrorCode.OVERLOADED): 429,
    RATE_LIMITED: 429,
    NOT_FOUND: 404,
    FORBIDDEN: 403,
    UNAUTHENTICATED: 401,
}
"""Of the codes of errors; all others say that the request is to blame."""

ContextFor: TypeAlias = Callable[[Principal], Context]
File: TypeAlias = "SpooledTemporaryFile[bytes]"


class Exports:
    """Answers each principal with the orders that `orders` would show them."""

    def __init__(self, context_for: ContextFor, authentication: Authentication) -> None:
        self._context_for = context_for
        self._authentication = authentication
        self._running = 0
        self._threads = ThreadPoolExecutor(EXPORTS_AT_ONCE, "export")  # queries have their own

    @property
    def routes(self) -> list[Route]:
        paths = [f"{EXPORTS_PATH}.{kind.lower()}" for kind in ExportFormat]
        files = [Route(path, self, methods=["GET"]) for path in paths]
        return [*files, Route("/exports/{path:path}", no_such_file)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with asyncio.timeout(SECONDS_MAX):
            with ExitStack() as held:
                try:
                    response = await self._answer(Request(scope), held)
                except Exception as error:  # noqa: BLE001 - nothing is sent yet, so all can be said
                    response = refusal(error)
                await response(scope, receive, send)

    async def _answer(self, request: Request, held: ExitStack) -> Response:
        """Raises `Unauthenticated`, `GraphQLError`, `Rejected`, `StoreUnavailable`."""
        context = self._context_for(await self._authentication.principal_of(request.headers))
        wanted = within_reach(unpacked(request.query_params.get("filter", "")), context.principal)
        kind = ExportFormat[request.url.path.rpartition(".")[2].upper()]
        held.enter_context(self._place())
        paid(EXPORT_POINTS, context)
        file = held.enter_context(SpooledTemporaryFile(MEMORY_BYTES_MAX))  # noqa: SIM115 - it is closed by what it is held in
        is_compressed = accepts_gzip(request.headers)

        def write(connection: Any) -> int:  # noqa: ANN401 - of the read models, as they have it
            orders = every_order(connection, wanted)
            with opened(file, is_compressed=is_compressed) as opened_file:
                write_orders(orders, kind, opened_file)
            return orders.position

        read = context.read_models.database.read
        position = await asyncio.get_running_loop().run_in_executor(self._threads, read, write)
        headers = headers_of(kind, position, file.tell(), is_compressed=is_compressed)
        return StreamingResponse(chunks_of(file), headers=headers)

    @contextmanager
    def _place(self) -> Generator[None]:
        """Raises `OVERLOADED` where as many files are being written and fetched as may be."""
        if self._running >= EXPORTS_AT_ONCE:
            message = "Enough files are being fetched; try again in a moment."
            raise Rejected(ErrorCode.OVERLOADED, message)
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1


async def no_such_file(_: Request) -> Response:
    """Rather than the console, which answers at all other paths."""
    known = " and ".join(f"{EXPORTS_PATH}.{kind.lower()}" for kind in ExportFormat)
    return refusal(GraphQLError(f"There are {known}.", extensions={"code": NOT_FOUND}))


@contextmanager
def opened(file: File, *, is_compressed: bool) -> Generator[Any]:
    """What is to be written to: the file itself, or what compresses into it."""
    if not is_compressed:
        yield file
        return
    with gzip.GzipFile("", "wb", COMPRESSION_LEVEL, file, mtime=0) as compressed:
        yield compressed


def headers_of(
    kind: ExportFormat, position: int, size: int, *, is_compressed: bool
) -> dict[str, str]:
    """`orderlog-position`: how far the read model had read; all of the file is of that moment."""
    name = f"orders-{position}.{kind.lower()}"
    headers = {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{name}"',
        "content-length": str(size),
        "content-type": MEDIA_TYPES[kind],
        "orderlog-position": str(position),
        "vary": "accept-encoding, authorization",
    }
    return headers | {"content-encoding": "gzip"} if is_compressed else headers


async def chunks_of(file: File) -> AsyncGenerator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def accepts_gzip(headers: Headers) -> bool:
    for part in headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = part.replace(" ", "").partition(";q=")
        if coding == "gzip":
            return not weight or weight.strip("0.") != ""
    return False


def refusal(error: Exception) -> Response:
    """What went wrong, as GraphQL says it."""
    headers = dict[str, str]()
    told = (
        error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)
    )
    if isinstance(error, Unauthenticated):
        told.extensions = {"code": UNAUTHENTICATED}
        headers = {"www-authenticate": error.challenge}
    give_codes([told])
    extensions = told.extensions or {}
    if "retryAfterSeconds" in extensions:
        headers = {"retry-after": str(extensions["retryAfterSeconds"])}
    body = orjson.dumps({"errors": [told.formatted]})
    return Response(body, STATUSES.get(extensions["code"], 400), headers, "application/json")
