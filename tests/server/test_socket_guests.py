"""Who may open a socket, for how long, and how much may be said on it."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.routing import WebSocketRoute

from orderlog_schema.principals import LOCAL, Principal
from orderlog_server.app import make_hall
from orderlog_server.auth.authentication import Unasked
from orderlog_server.auth.issuing import Issued, Wanted, ensure_key, issue
from orderlog_server.auth.opening import revocations_path
from orderlog_server.auth.revocations import Revocations, write_revocations
from orderlog_server.graphql import GraphQLView
from orderlog_server.serving import make_server
from orderlog_server.settings import Settings, load_settings
from orderlog_server.sockets import conversation
from orderlog_server.sockets.endpoint import SocketEndpoint
from orderlog_server.wiring import running
from tests.schema.api import Api, served, serving
from tests.server.test_socket_protocol import DRAFT, HEAD, WATCH
from tests.support.talking import ACK, INIT, Message, Talk, talking

WHO: Final = """
  subscription Who($id: ID!) { orderEvents(orderId: $id, after: "0") { actor { kind id } } }
"""


@asynccontextmanager
async def house(folder: Path, **given: object) -> AsyncGenerator[Api]:
    async with serving(f"sqlite:///{folder}/orders.db", **given) as api:
        yield api


# --- who it is


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a server with a key of its own, which asks everyone."""
    settings = load_settings(database_url=f"sqlite:///{tmp_path}/orders.db", auth="token")
    ensure_key(settings)
    return settings


def token(settings: Settings, subject: str = "grace", seconds: int = 60) -> Issued:
    wanted = Wanted(kind="staff", subject=subject, roles=["admin"], seconds=seconds)
    return issue(wanted, settings)


def bearing(token: Issued) -> Message:
    return INIT | {"payload": {"authorization": f"Bearer {token.text}"}}


async def test_whoever_has_a_token_is_who_it_says(settings: Settings, tmp_path: Path) -> None:
    async with (
        house(tmp_path, auth="token") as api,
        talking(api.url, init=bearing(token(settings))) as talk,
    ):
        await talk.ask(DRAFT)
        order = (await talk.hear())["payload"]["data"]["createDraftOrder"]["order"]
        assert await talk.hear() == {"id": "1", "type": "complete"}
        await talk.ask(WHO, variables={"id": order["orderId"]})
        event = (await talk.hear())["payload"]["data"]["orderEvents"]
        assert event == {"actor": {"kind": "STAFF", "id": "grace"}}


async def test_a_token_may_come_with_the_handshake(settings: Settings, tmp_path: Path) -> None:
    async with house(tmp_path, auth="token") as api:
        headers = {"authorization": f"Bearer {token(settings).text}"}
        async with talking(api.url, additional_headers=headers) as talk:
            assert await talk.is_alive()


@pytest.mark.parametrize(
    "init",
    [
        INIT,
        INIT | {"payload": None},
        INIT | {"payload": {"authorization": None}},
        INIT | {"payload": {"authorization": "Bearer nonsense"}},
        INIT | {"payload": {"authorization": ["Bearer", "nonsense"]}},
    ],
)
@pytest.mark.usefixtures("settings")
async def test_nobody_else_gets_in(tmp_path: Path, init: Message) -> None:
    async with house(tmp_path, auth="token") as api, talking(api.url, init=None) as talk:
        await talk.say(init)
        assert await talk.closed() == (4403, "Forbidden")


async def test_who_is_revoked_must_leave_at_once(settings: Settings, tmp_path: Path) -> None:
    ada, bob = token(settings, "ada"), token(settings, "bob")
    async with (
        house(tmp_path, auth="token") as api,
        talking(api.url, init=bearing(ada)) as hers,
        talking(api.url, init=bearing(bob)) as his,
    ):
        await hers.ask(WATCH)
        write_revocations(revocations_path(settings), Revocations(tokens={ada.id}))
        assert await hers.closed(within_seconds=5) == (4403, "Access revoked")
        assert await his.is_alive()


async def test_nobody_has_too_many_sockets(settings: Settings, tmp_path: Path) -> None:
    init = bearing(token(settings))
    async with house(tmp_path, auth="token", websockets_per_principal_max=2) as api:
        async with talking(api.url, init=init), talking(api.url, init=init):
            async with talking(api.url, init=None) as third:
                await third.say(bearing(token(settings)))  # another one of the same person
                assert await third.closed() == (4429, "Too many sockets")
            async with talking(api.url, init=bearing(token(settings, "another"))) as other:
                assert await other.is_alive()
        async with talking(api.url, init=init) as again:
            assert await again.is_alive()


# --- while somebody is asked


class Door(Unasked):
    """Answers in its own way who somebody is."""

    async def authenticate(
        self,
        payload: Mapping[str, object] | None,  # noqa: ARG002 - not asked
        headers: Headers,  # noqa: ARG002 - as above
    ) -> Principal:
        return await self.answer()

    async def answer(self) -> Principal:
        raise NotImplementedError


class Slow(Door):
    """Takes its time to say who somebody is."""

    def __init__(self) -> None:
        self.is_asked, self.may_answer = asyncio.Event(), asyncio.Event()
        self.is_let_go = asyncio.Event()

    async def answer(self) -> Principal:
        self.is_asked.set()
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.is_let_go.set()
            raise
        return LOCAL


class Broken(Door):
    async def answer(self) -> Principal:
        raise RuntimeError("the identity provider is on fire")


class Brief(Door):
    """Knows everybody, for a second."""

    async def answer(self) -> Principal:
        soon = datetime.now(UTC) + timedelta(seconds=1)
        return replace(LOCAL, id="grace", expires_at=soon)


@asynccontextmanager
async def asked_by(door: Door, folder: Path) -> AsyncGenerator[Talk]:
    """A socket on which `connection_init` was sent."""
    given = load_settings(database_url=f"sqlite:///{folder}/orders.db", shutdown_grace_seconds=1)
    async with running(given) as platform:
        hall = make_hall(platform, GraphQLView(platform.context_for, door))
        app = Starlette(routes=[WebSocketRoute("/graphql", SocketEndpoint(hall))])
        listener = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with served(make_server(app, given), listener), talking(url, init=None) as talk:
            await talk.say(INIT)
            yield talk


async def test_whoever_waits_to_be_let_in_is_answered_all_the_same(tmp_path: Path) -> None:
    door = Slow()
    async with asked_by(door, tmp_path) as talk:
        await door.is_asked.wait()
        assert await talk.is_alive()
        door.may_answer.set()
        assert await talk.hear() == ACK
        await talk.ask(HEAD)
        assert (await talk.hear())["type"] == "next"


async def test_who_subscribes_while_asked_is_sent_away_at_once(tmp_path: Path) -> None:
    door = Slow()
    async with asked_by(door, tmp_path) as talk:
        await door.is_asked.wait()
        await talk.ask(HEAD)
        assert await talk.closed() == (4401, "Unauthorized")
        await asyncio.wait_for(door.is_let_go.wait(), 5)


async def test_who_begins_again_while_asked_is_sent_away_at_once(tmp_path: Path) -> None:
    async with asked_by(Slow(), tmp_path) as talk:
        await talk.say(INIT)
        assert await talk.closed() == (4429, "Too many initialisation requests")


async def test_nobody_is_asked_about_who_hung_up(tmp_path: Path) -> None:
    door = Slow()
    async with asked_by(door, tmp_path) as talk:
        await door.is_asked.wait()
        await talk.connection.close()
        await asyncio.wait_for(door.is_let_go.wait(), 5)


async def test_an_answer_that_never_comes_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "AUTHENTICATION_SECONDS_MAX", 0.2)
    async with asked_by(Slow(), tmp_path) as talk:
        assert await talk.closed() == (4408, "Connection initialisation timeout")


async def test_nobody_gets_in_by_a_fault(tmp_path: Path) -> None:
    async with asked_by(Broken(), tmp_path) as talk:
        assert await talk.closed() == (4500, "Internal server error")


async def test_a_socket_lives_as_long_as_what_was_proved(tmp_path: Path) -> None:
    async with asked_by(Brief(), tmp_path) as talk:
        assert await talk.hear() == ACK
        await talk.ask(WATCH)
        assert await talk.is_alive()
        assert await talk.closed(within_seconds=1 + 5) == (4403, "Token expired")


# --- how much, and how long


async def test_who_says_too_much_is_sent_away(tmp_path: Path) -> None:
    async with house(tmp_path, websocket_messages_per_minute_max=10) as api:
        async with talking(api.url) as talk:
            for _ in range(9):
                await talk.say({"type": "ping"})
                assert await talk.hear() == {"type": "pong"}
            await talk.say({"type": "ping"})
            assert await talk.closed() == (4429, "Too many messages in a minute")
        async with talking(api.url) as another:
            assert await another.is_alive()


async def test_bytes_count_of_whatever_kind(tmp_path: Path) -> None:
    async with (
        house(tmp_path, websocket_bytes_per_minute_max=4_096) as api,
        talking(api.url) as talk,
    ):
        for number in range(40):
            await talk.connection.ping(f"{number:120}")
        assert await talk.closed() == (4429, "Too many bytes in a minute")


async def test_who_gives_no_sign_of_life_is_hung_up_on(tmp_path: Path) -> None:
    async with house(tmp_path, websocket_ping_seconds=0.4) as api, talking(api.url) as talk:
        assert await talk.hear() == {"type": "ping"}
        assert await talk.closed() == (4499, "No sign of life")


async def test_who_answers_stays(tmp_path: Path) -> None:
    async with house(tmp_path, websocket_ping_seconds=1) as api, talking(api.url) as talk:
        for _ in range(3):
            assert await talk.hear() == {"type": "ping"}
            await talk.say({"type": "pong"})
        assert await talk.is_alive()


async def test_a_socket_without_operations_is_closed_after_a_while(tmp_path: Path) -> None:
    async with (
        house(tmp_path, websocket_idle_seconds_max=1) as api,
        talking(api.url) as idle,
        talking(api.url) as busy,
    ):
        await busy.ask(WATCH)
        assert await idle.closed() == (1000, "Nothing was watched here for a while")
        assert await busy.is_alive()
