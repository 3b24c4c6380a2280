"""Apollo Client's own persisted queries, against the real server."""

import json

import pytest

from tests.schema.api import Api
from tests.support.clients import Clients


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_apollo_sends_a_text_only_once(api: Api, clients: Clients, method: str) -> None:
    sent = json.loads(await clients.run("persisted.mjs", f"{api.url}/graphql", method))
    assert sent == [f"{method} hash", "POST text", f"{method} hash"]
