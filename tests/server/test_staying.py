"""Who watches is let go within seconds when what they proved holds no more."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from orderlog_server.auth.keys import make_local_key
from tests.schema.api import Api, serving
from tests.support.tokens import Signer

LET_GO_SECONDS_MAX: Final = 5.0
WATCHED: Final = {"query": 'subscription Watch { orderChanged(after: "0") { position } }'}
STREAMS: Final = ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"]


@dataclass(frozen=True)
class Place:
    api: Api
    folder: Path
    authorization: str

    def revoke(self) -> None:
        (self.folder / "log-revocations.json").write_text(json.dumps({"tokens": ["mine"]}))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncGenerator[Place]:
    key = tmp_path / "log-token-key.json"
    make_local_key(key)
    token = Signer.local(key).token(jti="mine")
    async with serving(f"sqlite:///{tmp_path}/log.db", auth="token") as api:
        yield Place(api, tmp_path, f"Bearer {token}")


@pytest.mark.parametrize("accept", STREAMS)
async def test_a_stream_ends_and_says_why(place: Place, accept: str) -> None:
    headers = {"accept": accept, "authorization": place.authorization}
    text = ""
    async with (
        asyncio.timeout(30),
        place.api.http.stream("POST", "/graphql", json=WATCHED, headers=headers) as stream,
    ):
        assert stream.status_code == 200
        pieces = stream.aiter_text()
        text += await anext(pieces)
        begun = time.monotonic()
        place.revoke()
        async for piece in pieces:
            text += piece
    assert time.monotonic() - begun < LET_GO_SECONDS_MAX
    assert '"code":"UNAUTHENTICATED"' in text
    assert text.endswith(("event: complete\ndata:\n\n", "--graphql--\r\n"))


async def test_a_socket_is_closed(place: Place) -> None:
    address = place.api.url.replace("http", "ws") + "/graphql"
    async with (
        asyncio.timeout(30),
        connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket,
    ):
        proof = {"authorization": place.authorization}
        await socket.send(json.dumps({"type": "connection_init", "payload": proof}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": WATCHED}))
        begun = time.monotonic()
        place.revoke()
        await socket.wait_closed()
    assert time.monotonic() - begun < LET_GO_SECONDS_MAX
    assert socket.close_code == 4403
