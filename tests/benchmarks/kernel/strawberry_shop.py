"""Strawberry as it comes, on its own ASGI view: a list of orders and a mutation, from memory.

    python -m tests.benchmarks.kernel.strawberry_shop HELD.json

Types of their own, of plain attributes alone: enums, dates and amounts are texts, which costs less.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import strawberry
from strawberry import ID
from strawberry.asgi import GraphQL

from tests.benchmarks.kernel.plain_shop import serve

HELD: dict[str, Any] = {}


@strawberry.type
class Money:
    amount: str


@strawberry.type
class OrderLine:
    id: ID
    sku: str
    title: str
    tax_rate_ppm: int
    requires_shipping: bool
    quantity: int
    cancelled: int
    shipped: int
    delivered: int
    open: int


@strawberry.type
class Order:
    order_id: ID
    number: str | None
    customer_id: ID | None
    lifecycle: str
    payment_status: str
    fulfillment_status: str
    currency: str
    item_count: int
    version: int
    created_at: str
    total: Money
    lines: list[OrderLine]


@strawberry.type
class OrderConnection:
    nodes: list[Order]


@strawberry.input
class DiscardDraftInput:
    order_id: ID


@strawberry.type
class InvalidStateError:
    code: str
    message: str


@strawberry.type
class DiscardDraftPayload:
    errors: list[InvalidStateError]


@strawberry.type
class Query:
    @strawberry.field
    async def orders(self, first: int) -> OrderConnection:
        return OrderConnection(nodes=HELD["orders"][:first])


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def discard_draft(self, input: DiscardDraftInput) -> DiscardDraftPayload:  # noqa: A002, ARG002 - as our own API
        payload: DiscardDraftPayload = HELD["discardDraft"]
        return payload


def order_of(row: dict[str, Any]) -> Order:
    parts: dict[str, Any] = {
        "total": Money(**row["total"]),
        "lines": [OrderLine(**attributes(line)) for line in row["lines"]],
    }
    return Order(**attributes(row) | parts)


def payload_of(answer: dict[str, Any]) -> DiscardDraftPayload:
    refusals = [(one["code"], one["message"]) for one in answer["errors"]]
    return DiscardDraftPayload(
        errors=[InvalidStateError(code=code, message=text) for code, text in refusals]
    )


def attributes(row: dict[str, Any]) -> dict[str, Any]:
    return {re.sub("[A-Z]", lambda at: f"_{at[0].lower()}", name): row[name] for name in row}


def main(path: Path) -> None:
    answer = json.loads(path.read_text())
    if "orders" in answer:
        HELD["orders"] = [order_of(row) for row in answer["orders"]["nodes"]]
    else:
        HELD["discardDraft"] = payload_of(answer["discardDraft"])
    serve(GraphQL[None, None](strawberry.Schema(query=Query, mutation=Mutation)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
