"""A page of another site, or a name that points here, gets no answer."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from orderlog_server.protection import Admission, Protection
from orderlog_server.settings import Auth, Settings

HERE = "http://127.0.0.1:8000"
SOCKET = "ws://127.0.0.1:8000/graphql"
FRIEND = "https://friend.example"
FOREIGN = [
    "https://evil.example",
    "http://evil.example:8000",
    "null",
    "",
    "]",
    "*",
    "http://127.0.0.1",
    "http://127.0.0.1:9999",
    "http://127.0.0.1:80000",
    "http://localhost:8000",
    "http://[::1]:8000",
    "http://127.0.0.1:8000.evil.example",
    "http://127.0.0.1:8000@evil.example",
    "http://evil.example@127.0.0.1:8000",
    "http://evil.example/127.0.0.1:8000",
    "http://127.0.0.1:8000/",
    "http://127.0.0.1:8000, https://evil.example",
    "ftp://127.0.0.1:8000",
    "file://",
    "chrome-extension://127.0.0.1:8000",
    "https://sub.127.0.0.1:8000",
    "http://xn--127-0-0-1.example:8000",
    "http://2130706433:8000",
]
"""None of them is the page of this server at `HERE`."""


async def answer(_: Request) -> PlainTextResponse:
    return PlainTextResponse("answered")


async def greet(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("greeted")
    await socket.close()


@contextmanager
def client_of(admission: Admission) -> Generator[TestClient]:
    app = Starlette(
        routes=[
            Route("/graphql", answer, methods=["GET", "POST"]),
            WebSocketRoute("/graphql", greet),
            Route("/other", answer),
        ],
        middleware=[Middleware(Protection, admission=admission)],
    )
    with TestClient(app, base_url=HERE) as client:
        yield client


@pytest.fixture
def client() -> Iterator[TestClient]:
    """Of a server on loopback that knows no other site."""
    with client_of(Admission.of(Settings(auth=Auth.NONE))) as client:
        yield client


@pytest.fixture
def public_client() -> Iterator[TestClient]:
    """Of a server that other machines reach, by one name, and that one other site may ask."""
    settings = Settings(
        host="0.0.0.0",  # noqa: S104 - nothing listens here
        allowed_hosts=("Shop.Example",),
        allowed_origins=(FRIEND,),
    )
    with client_of(Admission.of(settings)) as client:
        yield client


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "localhost"])
def test_names_of_this_machine_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/other", headers={"host": host}).text == "answered"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "192.168.0.9", ""]
)
def test_a_name_that_only_points_here_is_refused(client: TestClient, host: str) -> None:
    response = client.get("/other", headers={"host": host})
    assert response.status_code == 421
    assert "ORDERLOG_ALLOWED_HOSTS" in response.text


def test_pages_of_this_server_may_ask(client: TestClient) -> None:
    assert client.post("/graphql", headers={"origin": HERE}).text == "answered"


def test_programs_send_no_origin_and_may_ask(client: TestClient) -> None:
    assert client.post("/graphql").text == "answered"


@pytest.mark.parametrize("origin", FOREIGN)
def test_pages_of_other_sites_may_not(client: TestClient, origin: str) -> None:
    assert len(FOREIGN) > 20
    response = client.post("/graphql", headers={"origin": origin})
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "access-control-allow-origin" not in response.headers
    asked = {"origin": origin, "access-control-request-method": "POST"}
    assert client.options("/graphql", headers=asked).status_code == 403


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_socket_from_another_site_is_not_opened(client: TestClient, origin: str) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(SOCKET, headers={"origin": origin}),
    ):
        pass


def test_a_socket_from_a_page_of_this_server_is_opened(client: TestClient) -> None:
    with client.websocket_connect(SOCKET, headers={"origin": HERE}) as socket:
        assert socket.receive_text() == "greeted"


def test_two_origins_are_none(client: TestClient) -> None:
    headers = [("origin", HERE), ("origin", "https://evil.example")]
    assert client.post("/graphql", headers=headers).status_code == 403


def test_another_site_is_recognised_where_it_names_no_origin(client: TestClient) -> None:
    embedded = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert client.get("/graphql", headers=embedded).status_code == 403
    visited = embedded | {"sec-fetch-mode": "navigate"}
    assert client.get("/other", headers=visited).text == "answered", "somebody followed a link"


def test_an_allowed_site_may_ask_and_read(public_client: TestClient) -> None:
    asked = {"origin": FRIEND, "access-control-request-method": "POST"}
    preflight = public_client.options("/graphql", headers=asked)
    assert preflight.status_code == 204
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    answer = public_client.post("/graphql", headers={"origin": FRIEND})
    assert answer.text == "answered"
    for response in (preflight, answer):
        assert response.headers["access-control-allow-origin"] == FRIEND
        assert response.headers["vary"] == "origin"
        assert "access-control-allow-credentials" not in response.headers
    with public_client.websocket_connect(SOCKET, headers={"origin": FRIEND}) as socket:
        assert socket.receive_text() == "greeted"


@pytest.mark.parametrize(
    "origin", [f"{FRIEND}.evil.example", "http://friend.example", f"{FRIEND}:8443"]
)
def test_what_only_resembles_an_allowed_site_may_not(
    public_client: TestClient, origin: str
) -> None:
    assert public_client.post("/graphql", headers={"origin": origin}).status_code == 403


def test_a_public_server_answers_to_its_names_and_to_bare_addresses(
    public_client: TestClient,
) -> None:
    names = [
        "shop.example",
        "SHOP.example:8443",
        "192.0.2.7:8000",
        "[2001:db8::7]:8000",
        "localhost",
    ]
    for host in names:
        assert public_client.get("/other", headers={"host": host}).text == "answered"
    for host in ("evil.example", "shop.example.evil.example", "192.0.2.7.evil.example"):
        assert public_client.get("/other", headers={"host": host}).status_code == 421


def test_two_hosts_are_none(public_client: TestClient) -> None:
    headers = [("host", "shop.example"), ("host", "evil.example")]
    assert public_client.get("/other", headers=headers).status_code == 421


def test_tls_is_kept_where_it_is(public_client: TestClient) -> None:
    assert "strict-transport-security" not in public_client.get("/other").headers
    headers = public_client.get("https://shop.example/other").headers
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert "connect-src 'self' wss://shop.example;" in headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/other", "/graphql", "/missing"])
def test_every_response_carries_the_policy(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(
        directive.strip().split(" ", 1)
        for directive in headers["content-security-policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "worker-src": "'self' blob:",
        "connect-src": "'self' ws://127.0.0.1:8000",
        "font-src": "'self' data:",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
