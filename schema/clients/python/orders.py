"""Lists orders, begins one, and follows it until it is discarded, whatever the network does.

    pip install "gql[httpx,websockets]"
    python orders.py BASKET

BASKET names what is bought: the same name again gives the same order. Where the server is comes
from ORDERLOG_URL, who asks from ORDERLOG_TOKEN.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any
from uuid import uuid4

from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportError, TransportQueryError, TransportServerError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport
from httpx import TransportError as NoConnection

URL = os.environ.get("ORDERLOG_URL", "http://localhost:8000/graphql")
TOKEN = os.environ.get("ORDERLOG_TOKEN")
CREDENTIALS = {"authorization": f"Bearer {TOKEN}"} if TOKEN else {}
OPERATIONS = Path("operations")
PAUSE_SECONDS = 0.25
REFUSALS = range(400, 500)

Answer = dict[str, Any]


def operation(name: str) -> str:
    return (OPERATIONS / f"{name}.graphql").read_text()


async def ask(name: str, **variables: object) -> Answer:
    """Until there is an answer: a query may be sent again, and so may a mutation with a key."""
    request = GraphQLRequest(operation(name), variable_values=variables)
    while True:
        try:
            async with Client(transport=HTTPXAsyncTransport(URL, headers=CREDENTIALS)) as session:
                answer: Answer = await session.execute(request)
                return answer
        except (TransportError, NoConnection) as error:
            await pause_after(error)


async def pause_after(error: Exception) -> None:
    """Raises it again where the answer would be the same: to a bad token, or a bad question."""
    is_refused = isinstance(error, TransportServerError) and error.code in REFUSALS
    if is_refused or isinstance(error, TransportQueryError):
        raise error
    await asyncio.sleep(PAUSE_SECONDS)


async def events_of(order_id: str) -> AsyncGenerator[Answer]:
    """What happens to an order, from its beginning: each event once, over any number of sockets."""
    after = "0"
    while True:
        transport = WebsocketsTransport(URL.replace("http", "ws", 1), init_payload=CREDENTIALS)
        request = GraphQLRequest(
            operation("OrderEvents"), variable_values={"orderId": order_id, "after": after}
        )
        try:
            async with Client(transport=transport) as session:
                async for answer in session.subscribe(request):
                    event = answer["orderEvents"]
                    after = event["position"]
                    yield event
        except (TransportError, OSError) as error:
            await pause_after(error)


def say(**line: object) -> None:
    print(json.dumps(line), flush=True)


async def main(basket: str) -> None:
    orders = (await ask("Orders", first=3, sort="PLACED_AT_DESC"))["orders"]
    say(count=orders["totalCount"], newest=[order["number"] for order in orders["nodes"]])

    tea = {"sku": "TEA", "title": "Tea", "quantity": 2}
    wanted = {
        "currency": "GBP",
        "guestEmail": "ada@example.org",
        "idempotencyKey": basket,
        "lines": [{**tea, "unitPrice": {"amount": "2.50", "currency": "GBP"}}],
    }
    payload = (await ask("CreateDraftOrder", input=wanted))["createDraftOrder"]
    if payload["errors"]:
        sys.exit(json.dumps(payload["errors"]))
    order = payload["order"]
    say(orderId=order["orderId"], total=order["total"]["amount"], replayed=payload["replayed"])

    async for event in events_of(order["orderId"]):
        say(position=event["position"], type=event["type"])
        if event["type"] == "DraftDiscarded":
            return


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else str(uuid4())))
