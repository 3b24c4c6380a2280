"""A load of customers over HTTP: they order, cancel, and ask again with the same key.

Talks to loopback only, and stops when it is told to.
"""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2

from orderlog.application.metadata import new_id
from orderlog.domain.envelope import DEFAULT_CHANNEL
from orderlog_schema.principals import LOCAL
from tests.support.evidence import Told

JsonObject = dict[str, Any]
SKUS: Final = ("TEA", "MUG", "CUP")
METHODS: Final = (*["approve"] * 6, "decline", "decline-once", "twice", "timeout")
UNITS_AT_FIRST: Final = 60
UNITS_DELIVERED: Final = 20
AGAIN_SECONDS: Final = 0.05
ANSWER_SECONDS_MAX: Final = 15.0

_ADDRESS: Final = {
    "kind": "SHIPPING",
    "name": "Ada Lovelace",
    "line1": "12 St James's Square",
    "city": "London",
    "postcode": "SW1Y 4JH",
    "country": "GB",
}


class Refused(Exception):
    """A command was answered by a rejection: nothing has happened."""


@dataclass
class Load:
    """`told` is what all customers know together."""

    url: str
    rng: random.Random
    told: Told = field(default_factory=Told)
    answers: int = 0
    is_over: bool = False

    async def tell(self, http: httpx2.AsyncClient, name: str, **given: object) -> None:
        """Sends a command until it is answered. Raises `Refused`."""
        actor = f"{LOCAL.kind}:{LOCAL.id}"
        key = (f"{DEFAULT_CHANNEL}/{actor}/{name}", new_id())
        self.told.sent.add(key)
        payload = await self._until_answered(http, name, given | {"idempotencyKey": key[1]})
        self.answers += 1
        if payload["errors"]:
            raise Refused(payload["errors"][0]["message"])
        self.told.acknowledged[key] = int(payload["position"])

    async def _until_answered(
        self, http: httpx2.AsyncClient, name: str, given: JsonObject
    ) -> JsonObject:
        while True:
            payload = await self._ask_once(http, name, given)
            if payload and not _is_to_be_tried_again(payload):
                return payload
            await asyncio.sleep(AGAIN_SECONDS)

    async def _ask_once(
        self, http: httpx2.AsyncClient, name: str, given: JsonObject
    ) -> JsonObject | None:
        """None where it is not known what became of it."""
        kind = f"{name[0].upper()}{name[1:]}Input!"
        answer = "{ position errors { message retryable } }"
        query = f"mutation M($input: {kind}) {{ {name}(input: $input) {answer} }}"
        try:
            response = await http.post(
                "/graphql", json={"query": query, "variables": {"input": given}}
            )
            body: JsonObject = response.json()
        except (httpx2.TransportError, ValueError):
            return None
        if "errors" in body:
            assert body["errors"][0]["extensions"]["code"] != "GRAPHQL_VALIDATION_FAILED", body
            return None
        payload: JsonObject = body["data"][name]
        return payload

    async def stock(self, http: httpx2.AsyncClient) -> None:
        for sku in SKUS:
            await self.tell(http, "registerStockItem", sku=sku, warehouseId="main")
            await self.receive(http, sku, UNITS_AT_FIRST)

    async def receive(self, http: httpx2.AsyncClient, sku: str, quantity: int) -> None:
        delivery = {"sku": sku, "warehouseId": "main", "quantity": quantity}
        await self.tell(http, "receiveStock", **delivery, reference="delivery")

    async def shop(self, http: httpx2.AsyncClient) -> None:
        """One customer after the other: an order, sometimes cancelled, sometimes a delivery."""
        while not self.is_over:
            order_id = new_id()
            try:
                await self.order(http, order_id)
                if self.rng.random() < 0.3:
                    await self.tell(http, "cancelOrder", orderId=order_id, reasonCode="late")
                if self.rng.random() < 0.2:
                    await self.receive(http, self.rng.choice(SKUS), UNITS_DELIVERED)
            except Refused:
                continue

    async def order(self, http: httpx2.AsyncClient, order_id: str) -> None:
        lines = [
            {
                "sku": sku,
                "title": sku,
                "quantity": self.rng.randint(1, 3),
                "unitPrice": {"amount": "2.50", "currency": "GBP"},
            }
            for sku in self.rng.sample(SKUS, self.rng.randint(1, len(SKUS)))
        ]
        price = {"amount": "3.95", "currency": "GBP"}
        await self.tell(
            http,
            "createDraftOrder",
            orderId=order_id,
            currency="GBP",
            guestEmail="ada@example.org",
            lines=lines,
            addresses=[_ADDRESS],
            shippingMethod={"methodId": "standard", "name": "Standard", "price": price},
        )
        method = f"sandbox:{self.rng.choice(METHODS)}"
        await self.tell(http, "placeOrder", orderId=order_id, paymentMethod=method)


def _is_to_be_tried_again(payload: JsonObject) -> bool:
    errors: list[JsonObject] = payload["errors"]
    return any(error["retryable"] for error in errors)


@asynccontextmanager
async def customers(load: Load, count: int) -> AsyncGenerator[None]:
    """So many shop until the end of the block, and finish what they are at: be there for that."""
    async with httpx2.AsyncClient(base_url=load.url, timeout=ANSWER_SECONDS_MAX) as http:
        stocking = asyncio.create_task(load.stock(http))
        shopping = [asyncio.create_task(load.shop(http)) for _ in range(count)]
        try:
            yield
            load.is_over = True
            await asyncio.gather(stocking, *shopping)
        finally:
            for task in (stocking, *shopping):
                task.cancel()


async def at_rest(url: str) -> None:
    """Returns when the server at this address has handled everything, and nothing follows."""
    async with httpx2.AsyncClient(base_url=url, timeout=ANSWER_SECONDS_MAX) as http:
        before: int | None = None
        while (now := await _calm_head(http)) is None or now != before:
            before = now
            await asyncio.sleep(0.3)


async def _calm_head(http: httpx2.AsyncClient) -> int | None:
    """The end of the log, if all consumers are there."""
    try:
        health: JsonObject = (await http.get("/health")).json()
    except (httpx2.TransportError, ValueError):
        return None
    if health["status"] != "ok":
        return None
    lags = [one["lag"] for one in [*health["projections"], health["processes"]]]
    return None if any(lags) else health["database"]["head"]
