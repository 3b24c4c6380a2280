"""Strawberry as it comes: the same subscription on its own ASGI view, fed from memory.

    python -m tests.benchmarks.kernel.strawberry_feed

`POST /publish` hands one event to every subscriber's queue.
"""

import asyncio
import itertools
import json
import socket
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from strawberry.asgi import GraphQL
from strawberry.scalars import JSON

QUEUES: set[asyncio.Queue["DomainEvent"]] = set()
DATA = {"lineId": "0198c0de-0000-7000-8000-000000000000", "fromQuantity": 1, "toQuantity": 2}


@strawberry.type
class Actor:
    kind: str
    id: strawberry.ID


@strawberry.type
class DomainEvent:
    position: str
    type: str
    recorded_at: datetime
    actor: Actor
    data: JSON


@strawberry.type
class Query:
    ok: bool = True


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def order_events(self, order_id: strawberry.ID) -> AsyncGenerator[DomainEvent]:  # noqa: ARG002
        queue = asyncio.Queue[DomainEvent]()
        QUEUES.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            QUEUES.discard(queue)


def publishing() -> Route:
    positions = itertools.count(1)

    async def publish(_: Request) -> JSONResponse:
        event = DomainEvent(
            position=str(next(positions)),
            type="OrderLineQuantityChanged",
            recorded_at=datetime.now(UTC),
            actor=Actor(kind="APP", id=strawberry.ID("anonymous")),
            data=JSON(DATA),
        )
        for queue in QUEUES:
            queue.put_nowait(event)
        return JSONResponse({})

    return Route("/publish", publish, methods=["POST"])


def main() -> None:
    view = GraphQL[None, None](strawberry.Schema(query=Query, subscription=Subscription))
    app = Starlette(routes=[publishing(), WebSocketRoute("/graphql", view)])
    listener = socket.create_server(("127.0.0.1", 0))
    print(json.dumps({"url": f"http://127.0.0.1:{listener.getsockname()[1]}"}), flush=True)
    config = uvicorn.Config(
        app, log_level="warning", ws="websockets-sansio", ws_per_message_deflate=False
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
