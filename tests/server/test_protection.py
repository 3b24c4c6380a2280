"""A page of another site, or a name that points here, gets no answer."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from orderlog_server.protection import Protection

HERE = "http://127.0.0.1:8000"
SOCKET = "ws://127.0.0.1:8000/graphql"


async def answer(_: Request) -> PlainTextResponse:
    return PlainTextResponse("answered")


async def greet(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("greeted")
    await socket.close()


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = Starlette(
        routes=[
            Route("/graphql", answer, methods=["GET", "POST"]),
            WebSocketRoute("/graphql", greet),
            Route("/other", answer),
        ],
        middleware=[Middleware(Protection, guarded_path="/graphql")],
    )
    with TestClient(app, base_url=HERE) as client:
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
    assert "loopback names only" in response.text


def test_pages_of_this_server_may_ask(client: TestClient) -> None:
    assert client.post("/graphql", headers={"origin": HERE}).text == "answered"


def test_programs_send_no_origin_and_may_ask(client: TestClient) -> None:
    assert client.post("/graphql").text == "answered"


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8000", "]"],
)
def test_pages_of_other_sites_may_not(client: TestClient, origin: str) -> None:
    response = client.post("/graphql", headers={"origin": origin})
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_a_socket_from_another_site_is_not_opened(client: TestClient) -> None:
    with client.websocket_connect(SOCKET, headers={"origin": HERE}) as socket:
        assert socket.receive_text() == "greeted"
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(SOCKET, headers={"origin": "https://evil.example"}),
    ):
        pass


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
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
