"""A real server on loopback, asked over HTTP and WebSocket as any client would."""

import asyncio
import json
import socket
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import httpx2
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from orderlog_server.app import make_app
from orderlog_server.serving import make_server
from orderlog_server.settings import load_settings
from orderlog_server.wiring import Platform, running

JsonObject = dict[str, Any]
NOWHERE: Final = str(UUID(int=0))
LINE: Final = {
    "sku": "TEA",
    "title": "Tea",
    "quantity": 2,
    "unitPrice": {"amount": "2.50", "currency": "GBP"},
}
ADDRESS: Final = {
    "kind": "SHIPPING",
    "name": "Ada Lovelace",
    "line1": "12 St James's Square",
    "city": "London",
    "postcode": "SW1Y 4JH",
    "country": "GB",
}
METHOD: Final = {
    "methodId": "standard",
    "name": "Standard",
    "price": {"amount": "3.95", "currency": "GBP"},
}
ERRORS: Final = """
errors {
  __typename code message path retryable
  ... on CommandRejectedError { details }
  ... on InvalidQuantityError { min max }
  ... on InvalidStateError { status allowed }
  ... on VersionConflictError { expected current }
  ... on InsufficientStockError { items { sku requested available } }
}
"""


class Asking(ABC):
    """`post` answers the whole response, `ask` its data, `tell` the payload of one mutation."""

    @abstractmethod
    async def post(self, query: str, /, **variables: object) -> JsonObject: ...

    async def ask(self, query: str, /, **variables: object) -> JsonObject:
        response = await self.post(query, **variables)
        assert "errors" not in response, response["errors"]
        data: JsonObject = response["data"]
        return data

    async def tell(self, name: str, selection: str = "", /, **given: object) -> JsonObject:
        kind = f"{name[0].upper()}{name[1:]}Input!"
        mutation = f"""
          mutation Tell($input: {kind}) {{
            {name}(input: $input) {{ position replayed {ERRORS} {selection} }}
          }}
        """
        payload: JsonObject = (await self.ask(mutation, input=given))[name]
        return payload

    async def done(self, name: str, selection: str = "", /, **given: object) -> JsonObject:
        payload = await self.tell(name, selection, **given)
        assert payload["errors"] == []
        return payload


@dataclass
class Api(Asking):
    """`ask` raises on top-level errors; `tell` answers the payload of one mutation."""

    platform: Platform
    http: httpx2.AsyncClient
    url: str

    async def post(self, query: str, /, **variables: object) -> JsonObject:
        """The whole response."""
        answer = await self.http.post("/graphql", json={"query": query, "variables": variables})
        response: JsonObject = answer.json()
        return response

    async def draft(self, **more: object) -> str:
        """A draft that lacks nothing, unless told otherwise; its UUID."""
        complete: JsonObject = {
            "currency": "GBP",
            "guestEmail": "ada@example.org",
            "lines": [LINE],
            "addresses": [ADDRESS],
            "shippingMethod": METHOD,
            **more,
        }
        given = {name: value for name, value in complete.items() if value is not None}
        payload = await self.done("createDraftOrder", "order { orderId }", **given)
        order_id: str = payload["order"]["orderId"]
        return order_id

    async def stock(self, sku: str, quantity: int) -> None:
        at = {"sku": sku, "warehouseId": "main"}
        await self.done("registerStockItem", **at)
        await self.done("receiveStock", **at, quantity=quantity, reference="opening")

    async def confirmed(self, **more: object) -> str:
        """An order that was placed and accepted; its UUID."""
        order_id = await self.draft(**more)
        await self.done("placeOrder", orderId=order_id)
        await self.platform.settled()
        return order_id

    async def payment_ids(self, order_id: str) -> list[str]:
        query = "query Payments($id: ID!) { order(id: $id) { payments { id } } }"
        order = (await self.ask(query, id=order_id))["order"]
        return [payment["id"] for payment in order["payments"]]

    async def authorized(self) -> str:
        """A payment whose capture the gateway declines; its id."""
        order_id = await self.draft()
        await self.done("placeOrder", orderId=order_id, paymentMethod="sandbox:decline-capture")
        await self.platform.settled()
        (payment_id,) = await self.payment_ids(order_id)
        return payment_id

    async def line_ids(self, order_id: str) -> list[str]:
        query = "query Lines($id: ID!) { order(id: $id) { lines { id } } }"
        order = (await self.ask(query, id=order_id))["order"]
        return [line["id"] for line in order["lines"]]

    @asynccontextmanager
    async def socket(self) -> AsyncGenerator["Socket"]:
        """A WebSocket that has been acknowledged."""
        address = self.url.replace("http", "ws") + "/graphql"
        protocol = Subprotocol("graphql-transport-ws")
        async with connect(address, subprotocols=[protocol]) as connection:
            opened = Socket(connection)
            await opened.send(type="connection_init")
            assert (await opened.receive())["type"] == "connection_ack"
            yield opened


@dataclass
class Socket:
    """The messages of graphql-transport-ws."""

    connection: ClientConnection

    async def send(self, **message: object) -> None:
        await self.connection.send(json.dumps(message))

    async def receive(self) -> JsonObject:
        text = await self.connection.recv()
        assert isinstance(text, str), "frames are text"
        message: JsonObject = json.loads(text)
        return message

    async def subscribe(self, query: str, key: str = "1", /, **variables: object) -> None:
        await self.send(type="subscribe", id=key, payload={"query": query, "variables": variables})

    async def next(self) -> JsonObject:
        """The data of the next event."""
        message = await self.receive()
        assert message["type"] == "next", message
        data: JsonObject = message["payload"]["data"]
        return data


@asynccontextmanager
async def serving(database_url: str, **given: object) -> AsyncGenerator[Api]:
    """Nobody is asked who they are, unless the settings that are `given` want it."""
    ours: JsonObject = {"auth": "none", "shutdown_grace_seconds": 1}
    settings = load_settings(database_url=database_url, **(ours | given))
    async with running(settings) as platform:
        listener = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = make_server(make_app(platform), settings)
        async with served(server, listener), httpx2.AsyncClient(base_url=url, timeout=30) as http:
            yield Api(platform, http, url)


@asynccontextmanager
async def served(server: uvicorn.Server, listener: socket.socket) -> AsyncGenerator[None]:
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:  # noqa: ASYNC110 - it offers nothing to wait for
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await task
