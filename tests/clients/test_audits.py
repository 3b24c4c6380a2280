"""GraphQL over HTTP, as the audits of that specification's own test suite judge it."""

import json

from tests.schema.api import Api
from tests.support.clients import Clients

AUDITS = 61


async def test_every_audit_passes(api: Api, clients: Clients) -> None:
    results = json.loads(await clients.run("audits.mjs", f"{api.url}/graphql"))
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == AUDITS
