"""Operations by name, over HTTP and over WebSocket, as clients ask for them."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from graphql import get_introspection_query

from orderlog_schema.execution.persisted import hash_of
from orderlog_schema.manifest import FORMAT, VERSION, Listed, Manifest, as_json_text
from orderlog_server.manifests import open_persisted
from orderlog_server.settings import SettingsError, load_settings
from tests.schema.api import Api, serving

ASK: Final = "query Version { version }"
OTHER: Final = "query Head { head }"
FILTER: Final = "query ($filter: OrderFilter) { orders(filter: $filter) { totalCount } }"
WATCH: Final = "subscription Watch { orderChanged(after: 0) { position } }"
STRICT: Final = {"accept": "application/graphql-response+json"}


def named(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": hash_of(text)}}


def code(response: dict[str, Any]) -> str:
    assert "data" not in response
    found: str = response["errors"][0]["extensions"]["code"]
    return found


async def post(api: Api, **body: object) -> dict[str, Any]:
    answer: dict[str, Any] = (await api.http.post("/graphql", json=body)).json()
    return answer


async def get(api: Api, **query: object) -> httpx2.Response:
    texts = {name: one if isinstance(one, str) else json.dumps(one) for name, one in query.items()}
    return await api.http.get("/graphql", params=texts)


@pytest.fixture
async def api(sqlite_url: str) -> AsyncGenerator[Api]:
    async with serving(sqlite_url) as api:
        yield api


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    texts = {"version-1": ASK, hash_of(WATCH): WATCH}
    operations = [Listed(name, "A", "query", text) for name, text in texts.items()]
    path = tmp_path / "manifest.json"
    path.write_text(as_json_text(Manifest(FORMAT, VERSION, operations)))
    return path


@pytest.fixture
async def strict_api(sqlite_url: str, manifest: Path) -> AsyncGenerator[Api]:
    """With an allow-list."""
    async with serving(sqlite_url, operations_manifest=manifest, allow_list_only=True) as api:
        yield api


async def test_a_client_sends_a_text_once_and_its_hash_from_then_on(api: Api) -> None:
    assert code(await post(api, extensions=named(ASK))) == "PERSISTED_QUERY_NOT_FOUND"
    assert "data" in await post(api, query=ASK, extensions=named(ASK))
    assert "data" in await post(api, extensions=named(ASK))
    assert "data" in (await get(api, extensions=named(ASK))).json()
    assert "data" in await post(api, documentId=f"sha256:{hash_of(ASK)}")
    assert "data" in (await get(api, documentId=f"sha256:{hash_of(ASK)}")).json()
    assert code(await post(api, query=OTHER, extensions=named(ASK))) == "BAD_USER_INPUT"
    assert code(await post(api)) == "BAD_USER_INPUT"


async def test_a_hash_that_is_not_known_is_a_request_error(api: Api) -> None:
    body = {"extensions": named(ASK)}
    assert (await api.http.post("/graphql", json=body)).status_code == 200
    answer = await api.http.post("/graphql", json=body, headers=STRICT)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == "PersistedQueryNotFound"


async def test_what_http_was_told_a_socket_knows(api: Api) -> None:
    await post(api, query=ASK, extensions=named(ASK))
    async with api.socket() as socket:
        await socket.send(type="subscribe", id="1", payload={"extensions": named(ASK)})
        assert (await socket.next())["version"]
        assert (await socket.receive())["type"] == "complete"
        await socket.send(type="subscribe", id="2", payload={"extensions": named(OTHER)})
        error = await socket.receive()
        assert (error["id"], error["type"]) == ("2", "error")
        assert error["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


async def test_an_allow_list_lets_nothing_else_in(strict_api: Api) -> None:
    assert "data" in await post(strict_api, documentId="version-1")
    assert "data" in await post(strict_api, query=ASK)
    assert "data" in (await get(strict_api, extensions=named(ASK))).json()
    for body in ({"query": OTHER}, {"query": OTHER, "extensions": named(OTHER)}):
        assert code(await post(strict_api, **body)) == "OPERATION_NOT_ALLOWED"
    async with strict_api.socket() as socket:
        await socket.send(type="subscribe", id="1", payload={"query": OTHER})
        error = await socket.receive()
        assert error["payload"][0]["extensions"]["code"] == "OPERATION_NOT_ALLOWED"
        await socket.send(type="subscribe", id="2", payload={"documentId": hash_of(WATCH)})
        await socket.send(type="ping")
        assert (await socket.receive())["type"] == "pong", "it is watched"


def test_an_allow_list_needs_a_manifest(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ORDERLOG_OPERATIONS_MANIFEST"):
        open_persisted(load_settings(allow_list_only=True))
    with pytest.raises(SettingsError, match="cannot be read"):
        open_persisted(load_settings(operations_manifest=tmp_path / "none.json"))


async def test_in_production_nothing_of_the_schema_is_revealed(sqlite_url: str) -> None:
    async with serving(sqlite_url, production=True) as api:
        assert code(await post(api, query=get_introspection_query())) == "GRAPHQL_VALIDATION_FAILED"
        response = await post(api, query="{ versiom }")
        assert code(response) == "GRAPHQL_VALIDATION_FAILED"
        assert "version" not in response["errors"][0]["message"]
        wanted = {"query": FILTER, "variables": {"filter": {"skv": "TEA"}}}
        response = await post(api, **wanted)
        assert code(response) == "BAD_USER_INPUT"
        assert "sku" not in response["errors"][0]["message"]
    async with serving(sqlite_url) as api:
        response = await post(api, **wanted)
        assert "'sku'" in response["errors"][0]["message"]


async def test_in_production_a_get_names_what_it_wants(sqlite_url: str) -> None:
    async with serving(sqlite_url, production=True) as api:
        assert code((await get(api, query=ASK)).json()) == "OPERATION_NOT_ALLOWED"
        await post(api, query=ASK, extensions=named(ASK))
        assert "data" in (await get(api, extensions=named(ASK))).json()
