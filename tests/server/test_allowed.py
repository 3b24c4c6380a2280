"""Whatever way somebody asks, they get what is for them, and nothing else."""

import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from orderlog_server.auth.issuing import Wanted, ensure_key, issue
from orderlog_server.channel_settings import ChannelSettings
from orderlog_server.settings import load_settings
from tests.schema.api import Api, JsonObject, serving

WAYS = ["application/json", "text/event-stream", "multipart/mixed;subscriptionSpec=1.0", "socket"]
DRAFT = 'mutation { createDraftOrder(input: {currency: "GBP"}) { order { orderId channelId } } }'
ORDERS = "query { orders { nodes { orderId channelId } } }"
CHANGES = 'subscription { orderChanged(after: "0") { order { orderId } } }'
FORBIDDEN = {
    "query": "query { orders { nodes { number } } head }",
    "subscription": 'subscription { orderChanged(after: "0") { order { process { status } } } }',
}


@pytest.fixture
async def guarded(sqlite_url: str) -> AsyncGenerator[Api]:
    """Asks everyone for a token; there is a channel `north` beside the default one."""
    ensure_key(load_settings(database_url=sqlite_url, auth="token"))
    north = ChannelSettings(id="north")
    async with serving(sqlite_url, auth="token", channels=(north,)) as api:
        yield api


def token(api: Api, subject: str, *roles: str, channel: str = "default") -> str:
    kind = "staff" if roles else "customer"
    wanted = Wanted(kind=kind, subject=subject, roles=roles, channels=(channel,), seconds=60)
    return f"Bearer {issue(wanted, api.platform.settings).text}"


async def told(api: Api, way: str, authorization: str, query: str) -> JsonObject:
    """The first answer."""
    if way == "socket":
        return await told_by_socket(api, authorization, query)
    headers = {"accept": way, "authorization": authorization}
    async with api.http.stream("POST", "/graphql", json={"query": query}, headers=headers) as got:
        async for line in got.aiter_lines():
            text = line.removeprefix("data:").strip()
            if text.startswith('{"'):
                answer: JsonObject = json.loads(text)
                return answer.get("payload") or answer
    raise AssertionError(way)


async def told_by_socket(api: Api, authorization: str, query: str) -> JsonObject:
    address = api.url.replace("http", "ws") + "/graphql"
    async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        begin = {"type": "connection_init", "payload": {"authorization": authorization}}
        await socket.send(json.dumps(begin))
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}
        wanted = {"type": "subscribe", "id": "1", "payload": {"query": query}}
        await socket.send(json.dumps(wanted))
        async for text in socket:
            message = json.loads(text)
            if message["type"] == "error":
                return {"errors": message["payload"]}
            if message["type"] == "next":
                answer: JsonObject = message["payload"]
                return answer
    raise AssertionError(query)


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_for_others_is_refused(guarded: Api, way: str) -> None:
    customer = token(guarded, "ada")
    for kind, query in FORBIDDEN.items():
        if kind == "subscription" and way == "application/json":
            continue
        answer = await told(guarded, way, customer, query)
        assert not answer.get("data")
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}
        assert answer["errors"][0]["extensions"]["requires"] == ["STAFF"]


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_not_theirs_is_not_there(guarded: Api, way: str) -> None:
    askers = {
        "ada": token(guarded, "ada"),
        "bob": token(guarded, "bob"),
        "north": token(guarded, "carol", channel="north"),
    }
    made: dict[str, JsonObject] = {}
    for name, authorization in askers.items():
        answer = await told(guarded, "application/json", authorization, DRAFT)
        made[name] = answer["data"]["createDraftOrder"]["order"]
    await guarded.platform.settled()
    askers["the shop"] = token(guarded, "grace", "viewer")
    askers["the north"] = token(guarded, "grace", "viewer", channel="north")
    seen = {
        "ada": [made["ada"]],
        "bob": [made["bob"]],
        "north": [made["north"]],
        "the shop": [made["bob"], made["ada"]],
        "the north": [made["north"]],
    }
    for name, authorization in askers.items():
        answer = await told(guarded, way, authorization, ORDERS)
        assert answer["data"]["orders"]["nodes"] == seen[name], name
        if way != "application/json":
            change = await told(guarded, way, authorization, CHANGES)
            first = change["data"]["orderChanged"]["order"]["orderId"]
            assert first == seen[name][-1]["orderId"], name
        assert set(await exported(guarded, authorization)) == {
            order["orderId"] for order in seen[name]
        }


async def exported(api: Api, authorization: str) -> list[str]:
    """The orders in a file; an address that claims more reach gets no more."""
    forged = urlsafe_b64encode(b'{"reach": {"channel_ids": null, "customer_id": null}}').decode()
    headers = {"authorization": authorization}
    answer = await api.http.get(f"/exports/orders.ndjson?filter={forged}", headers=headers)
    assert answer.status_code == 200
    return [json.loads(line)["orderId"] for line in answer.text.splitlines()]
