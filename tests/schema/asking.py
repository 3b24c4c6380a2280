"""Somebody who asks the schema itself, as every transport does in the end."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from orderlog_schema.execution.operations import Asked
from orderlog_schema.principals import Principal
from orderlog_schema.schema import Schema
from orderlog_server.wiring import Platform
from tests.schema.api import ADDRESS, LINE, METHOD, Asking

JsonObject = dict[str, Any]
QUIET_SECONDS: Final = 0.1


@dataclass(frozen=True)
class Asker(Asking):
    """Without a transport between."""

    platform: Platform
    schema: Schema
    principal: Principal

    async def post(self, query: str, /, **variables: object) -> JsonObject:
        context = self.platform.context_for(self.principal)
        answered = await self.schema.executor.execute(Asked(query, variables, None), context)
        response: JsonObject = json.loads(answered.body)
        return response

    async def sees(self) -> set[str]:
        """The ids of all orders that are listed."""
        query = "{ orders(first: 100) { totalCount nodes { orderId } } }"
        orders = (await self.ask(query))["orders"]
        assert orders["totalCount"] == len(orders["nodes"])
        return {order["orderId"] for order in orders["nodes"]}

    async def codes(self, name: str, /, **given: object) -> list[str]:
        return [error["code"] for error in (await self.tell(name, **given))["errors"]]

    async def stock(self, sku: str, quantity: int) -> None:
        at = {"sku": sku, "warehouseId": "main"}
        await self.done("registerStockItem", **at)
        await self.done("receiveStock", **at, quantity=quantity, reference="opening")

    async def draft(self, **more: object) -> str:
        """A draft that lacks nothing; its UUID."""
        complete = {
            "currency": "GBP",
            "lines": [LINE],
            "addresses": [ADDRESS],
            "shippingMethod": METHOD,
            **more,
        }
        payload = await self.done("createDraftOrder", "order { orderId }", **complete)
        order_id: str = payload["order"]["orderId"]
        return order_id

    async def placed(self, **more: object) -> str:
        """An order whose process has done what it could; its UUID."""
        order_id = await self.draft(**more)
        await self.done("placeOrder", orderId=order_id)
        await self.platform.settled()
        return order_id

    @asynccontextmanager
    async def watching(
        self, query: str, /, **variables: object
    ) -> AsyncGenerator[AsyncGenerator[JsonObject]]:
        """What a subscription tells, event by event."""

        async def told() -> AsyncGenerator[JsonObject]:
            context = self.platform.context_for(self.principal)
            stream = self.schema.executor.stream(Asked(query, variables, None), context)
            async with aclosing(stream):
                async for answered in stream:
                    response = json.loads(answered.body)
                    assert "errors" not in response, response["errors"]
                    yield response["data"]

        async with aclosing(told()) as events:
            yield events

    async def first(self, text: str) -> JsonObject:
        """The answer, or what a subscription tells first; no data where that is nothing."""
        if not text.startswith("subscription"):
            return await self.post(text)
        context = self.platform.context_for(self.principal)
        stream = self.schema.executor.stream(Asked(text, {}, None), context)
        try:
            async with aclosing(stream), asyncio.timeout(QUIET_SECONDS):
                response: JsonObject = json.loads((await anext(stream)).body)
        except TimeoutError:
            return {"data": None}
        return response

    async def refused(self, query: str, /, **variables: object) -> dict[str, list[str]]:
        """The fields that were refused, each with the audiences that it is for."""
        response = await (self.post(query, **variables) if variables else self.first(query))
        extensions = [error["extensions"] for error in response.get("errors", ())]
        return {
            one["field"]: one["requires"] for one in extensions if one.get("code") == "FORBIDDEN"
        }
