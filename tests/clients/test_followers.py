"""Clients that others build on connect, ask, follow an order, and go on when they were cut off."""

import pytest

from tests.schema.api import Api
from tests.support.clients import Clients
from tests.support.following import follow_to_the_end, following


@pytest.mark.parametrize(
    ("program", "transport"),
    [
        ("graphql-ws", "websocket"),
        ("graphql-sse", "sse"),
        ("apollo", "websocket"),
        ("apollo", "multipart"),
        ("urql", "websocket"),
        ("urql", "sse"),
    ],
)
async def test_a_client_misses_nothing_and_sees_nothing_twice(
    guarded: Api, token: str, clients: Clients, program: str, transport: str
) -> None:
    order_id = await guarded.draft()
    command = (clients.node, f"followers/{program}.mjs", order_id, transport)
    async with following(guarded, clients.folder, *command, token=token) as client:
        assert "version" in await client.line()
        await follow_to_the_end(guarded, client, order_id, "ShippingMethodSelected")
