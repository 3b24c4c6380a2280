"""Whoever has the token of the demo may try on every role; nobody else, and by no lesser role."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from orderlog.domain.envelope import ActorKind
from orderlog_schema.principals import Role
from orderlog_server.auth.opening import open_authentication
from orderlog_server.demo.roles import PATH, RoleTokens
from orderlog_server.demo.token import DEMO_TOKEN_SECONDS, demo_token
from orderlog_server.settings import Auth, Settings, load_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    url = f"sqlite:///{tmp_path}/demo.db"
    return load_settings(auth=Auth.TOKEN, database_url=url, token_seconds_max=DEMO_TOKEN_SECONDS)


@pytest.fixture
def token(settings: Settings) -> str:
    return demo_token(settings)


@pytest.fixture
def roles(settings: Settings, token: str) -> RoleTokens:
    assert token, "it makes the key that the roles are signed with"
    return RoleTokens(settings)


@pytest.fixture
def client(roles: RoleTokens) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=[roles.route])) as client:
        yield client


def bearing(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_each_role_has_a_token_of_its_own(
    client: TestClient, roles: RoleTokens, token: str, settings: Settings
) -> None:
    roles.customer_id = "customer-7"
    answer = client.get(PATH, headers=bearing(token))
    assert answer.headers["cache-control"] == "no-store"
    given = {one["role"]: one["token"] for one in answer.json()["tokens"]}
    assert list(given) == [*Role, "customer"]

    authentication = open_authentication(settings)
    for role in Role:
        principal = await authentication.principal_of(Headers(bearing(given[role])))
        assert principal.roles == {role}
    customer = await authentication.principal_of(Headers(bearing(given["customer"])))
    assert (customer.kind, customer.id) == (ActorKind.CUSTOMER, "customer-7")


def test_nobody_climbs_from_a_lesser_role(client: TestClient, token: str) -> None:
    given = client.get(PATH, headers=bearing(token)).json()["tokens"]
    for one in given:
        status = client.get(PATH, headers=bearing(one["token"])).status_code
        assert status == (200 if one["role"] == Role.ADMIN else 403)


def test_who_has_no_token_gets_none(client: TestClient) -> None:
    for headers in ({}, bearing("e30.e30.e30")):
        answer = client.get(PATH, headers=headers)
        assert (answer.status_code, list(answer.json())) == (401, ["error"])
        assert answer.headers["www-authenticate"].startswith("Bearer")
