"""Nobody gets in with a token that is forged, bent, borrowed or over: by HTTP or by a WebSocket."""

import json
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from starlette.datastructures import Headers
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from orderlog.domain.envelope import ActorKind
from orderlog_schema.principals import Principal, Role
from orderlog_server.auth.authentication import Authentication
from orderlog_server.auth.keys import make_local_key
from orderlog_server.auth.opening import open_authentication
from orderlog_server.auth.refusing import Unauthenticated
from orderlog_server.auth.tokens import SKEW_SECONDS
from orderlog_server.settings import load_settings
from tests.server.test_protection import FOREIGN
from tests.support.crew import Server, serving
from tests.support.forgeries import REFUSED, Credentials, by_rsa, by_us, good
from tests.support.program import Program
from tests.support.tokens import ISSUER, FromNow, Signers, published

HEAD: Final = {"query": "{ head }"}
ELSEWHERE: Final = "https://evil.example/keys.json"


@dataclass(frozen=True)
class House:
    """A server with every kind of key, what it asks tokens by, and who signs them."""

    server: Server
    authentication: Authentication
    signers: Signers


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    own, keys = folder / "own.json", folder / "keys.json"
    revocations = folder / "revocations.json"
    make_local_key(own)
    signers = Signers.of(own)
    keys.write_bytes(published(signers.rsa, signers.elliptic, signers.weak))
    revocations.write_text(json.dumps({"tokens": ["revoked"]}))
    given = {
        "auth": "token",
        "token_key_file": str(own),
        "jwks_file": str(keys),
        "token_issuer": ISSUER,
        "revocations_file": str(revocations),
    }
    variables = {f"ORDERLOG_{name.upper()}": value for name, value in given.items()}
    authentication = open_authentication(load_settings(**given))
    with serving(Program(folder), f"sqlite:///{folder}/log.db", **variables) as server:
        yield House(server, authentication, signers)


def headers_of(credentials: Sequence[str]) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", one.encode()) for one in credentials]


def payload_of(credentials: Sequence[str]) -> dict[str, str]:
    """As `connection_init` carries them."""
    return dict(zip(["authorization", "Authorization"], credentials, strict=False))


@contextmanager
def socket_to(house: House, headers: Sequence[tuple[str, str]] = ()) -> Generator[ClientConnection]:
    address = house.server.url.replace("http", "ws") + "/graphql"
    protocols: Any = ["graphql-transport-ws"]  # a NewType of str
    with connect(address, subprotocols=protocols, additional_headers=headers) as socket:
        yield socket


def is_acknowledged(socket: ClientConnection, payload: object) -> bool:
    """False where the socket is closed instead."""
    socket.send(json.dumps({"type": "connection_init", "payload": payload}))
    try:
        return bool(json.loads(socket.recv(10))["type"] == "connection_ack")
    except ConnectionClosed:
        assert socket.close_code in {4401, 4403}
        return False


def test_there_are_enough_of_them() -> None:
    assert len(REFUSED) >= 40


@pytest.mark.parametrize("name", REFUSED)
async def test_nobody_gets_in_with(house: House, name: str) -> None:
    make, reason = REFUSED[name]
    credentials = make(house.signers)
    headers = headers_of(credentials)
    with pytest.raises(Unauthenticated) as caught:
        await house.authentication.principal_of(Headers(raw=headers))
    assert caught.value.args[0].startswith("Prove who you are"), "the same to all"
    assert any(one in caught.value.reason for one in reason.split("|")), caught.value.reason

    answer = house.server.http.post("/graphql", json=HEAD, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith('Bearer realm="orderlog"')
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    assert error["message"] == str(caught.value)
    with socket_to(house) as socket:
        assert not is_acknowledged(socket, payload_of(credentials))


@pytest.mark.parametrize("signer", ["local", "rsa", "elliptic"])
def test_a_good_token_opens_every_door(house: House, signer: str) -> None:
    authorization = f"Bearer {getattr(house.signers, signer).token()}"
    headers = {"authorization": authorization}
    answer = house.server.http.post("/graphql", json=HEAD, headers=headers)
    assert answer.json()["data"] == {"head": "0"}
    with socket_to(house) as socket:
        assert is_acknowledged(socket, {"authorization": authorization})
    with socket_to(house, [("Authorization", authorization)]) as socket:
        assert is_acknowledged(socket, None), "a program may say it at the handshake"


GOOD: Final[dict[str, Credentials]] = {
    "the scheme in small letters": lambda by: [f"bearer {good(by)}"],
    "several audiences": by_rsa(aud=["billing", "orderlog"]),
    "a clock that is a little early": by_rsa(iat=FromNow(30), exp=FromNow(900)),
    "a clock that is a little late": by_rsa(iat=FromNow(-300), exp=FromNow(-1)),
    "a type of its own": by_rsa({"typ": "at+jwt"}),
    "more than anybody asks for": by_rsa({"x5t": "abc"}, email="ada@example.org"),
    "the system by our own key": by_us(kind="system", roles=None),
}


@pytest.mark.parametrize("name", GOOD)
async def test_a_token_is_good_with(house: House, name: str) -> None:
    headers = Headers(raw=headers_of(GOOD[name](house.signers)))
    principal = await house.authentication.principal_of(headers)
    assert house.authentication.is_current(principal)


@pytest.mark.parametrize(
    ("claims", "principal"),
    [
        (
            {"sub": "ada", "roles": ["finance", "support"], "channels": ["eu", "us"]},
            Principal(
                kind=ActorKind.STAFF,
                id="ada",
                roles=frozenset({Role.FINANCE, Role.SUPPORT}),
                channel_id="eu",
                channel_ids=frozenset({"eu", "us"}),
            ),
        ),
        (
            {"sub": "login-7", "kind": "customer", "customer": "c-1", "roles": None},
            Principal(kind=ActorKind.CUSTOMER, id="c-1"),
        ),
        (
            {"sub": "till", "kind": "app", "roles": ["fulfilment"], "channels": ["*"]},
            Principal(
                kind=ActorKind.APP,
                id="till",
                roles=frozenset({Role.FULFILMENT}),
                channel_ids=None,
            ),
        ),
    ],
    ids=["staff", "customer", "app"],
)
async def test_a_token_says_who_it_is(
    house: House, claims: dict[str, Any], principal: Principal
) -> None:
    issued_at = int(time.time())
    token = house.signers.rsa.token(iat=issued_at, exp=issued_at + 600, jti="one", **claims)
    ends_at = datetime.fromtimestamp(issued_at + 600 + SKEW_SECONDS, UTC)
    assert await house.authentication.principal_of(
        Headers({"authorization": f"Bearer {token}"})
    ) == replace(
        principal,
        token_id="one",  # noqa: S106 - the id of a token is no secret
        issued_at=datetime.fromtimestamp(issued_at, UTC),
        expires_at=ends_at,
    )


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream", "multipart/mixed"])
def test_every_way_of_asking_is_closed_to_those_without_one(house: House, accept: str) -> None:
    headers = {"accept": accept}
    asked = [
        house.server.http.post("/graphql", json=HEAD, headers=headers),
        house.server.http.post("/graphql", json=[HEAD], headers=headers),
        house.server.http.post("/graphql", content=b"{", headers=headers),
        house.server.http.get("/graphql", params=HEAD, headers=headers),
    ]
    assert {answer.status_code for answer in asked} == {401}
    with socket_to(house) as socket:
        socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": HEAD}))
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_page_of_another_site_gets_in_not_even_with_a_good_one(house: House, origin: str) -> None:
    headers = {"origin": origin, "authorization": f"Bearer {good(house.signers)}"}
    assert house.server.http.post("/graphql", json=HEAD, headers=headers).status_code == 403
    with pytest.raises(InvalidStatus) as refused, socket_to(house, list(headers.items())):
        pass
    assert refused.value.response.status_code == 403


def test_a_token_in_the_address_is_no_token(house: House) -> None:
    params = HEAD | {"token": good(house.signers), "access_token": good(house.signers)}
    assert house.server.http.get("/graphql", params=params).status_code == 401


def test_pages_and_probes_hold_nothing_and_are_open(house: House) -> None:
    for path in ("/", "/playground", "/health", "/metrics"):
        assert house.server.http.get(path).status_code in {200, 503}
