"""Whoever wants to keep the server busy gets a refusal, and gets it cheaply."""

import asyncio
import json
import signal
import time
from collections.abc import Iterator
from statistics import median, quantiles
from typing import Final

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from orderlog_schema.limits import MESSAGE_BYTES_MAX
from tests.schema.api import Socket
from tests.server.test_serving import started, stopped
from tests.support.accounts import Account
from tests.support.hostile import ATTACKS, asked, bodies
from tests.support.program import Program

JSON: Final = {"content-type": "application/json"}
TRIES: Final = 3
MILLISECONDS_MAX: Final = 50
MEGABYTES_MAX: Final = 10
POLITE_CLIENTS: Final = 4
PAUSE_SECONDS: Final = 0.02
ROUND_SECONDS: Final = 3.0
ROUNDS: Final = 8
ATTACKS_PER_SECOND: Final = 1


class Server:
    """A real one, in a process of its own."""

    def __init__(self, client: httpx2.Client, process_id: int) -> None:
        self.url = str(client.base_url)
        self.account = Account(process_id)
        self._client = client

    def codes(self, body: bytes) -> list[str]:
        """What a body is refused with; also of a server that does not read it to its end."""
        try:
            answer = self._client.post("/graphql", content=body, headers=JSON)
        except httpx2.TransportError:
            return ["REQUEST_TOO_LARGE"] if len(body) > 1_000_000 else ["GONE"]
        assert answer.status_code < 500
        return [error["extensions"]["code"] for error in answer.json()["errors"]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    process, url = started(Program(tmp_path_factory.mktemp("hostile")))
    with httpx2.Client(base_url=url, timeout=30) as client:
        one = Server(client, process.pid)
        for _ in range(3):
            one.codes(asked("{ nothing }"))
        yield one
    stopped(process, signal.SIGTERM)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_and_costs_little(server: Server, name: str) -> None:
    attack = ATTACKS[name]
    server.account.spent()
    costs: list[tuple[float, float]] = []
    for _ in range(TRIES):
        assert attack.code in server.codes(attack.body())
        costs.append(server.account.spent())
    assert median(milliseconds for milliseconds, _ in costs) < MILLISECONDS_MAX, costs
    assert median(megabytes for _, megabytes in costs) < MEGABYTES_MAX, costs


async def test_a_socket_says_so_and_stays_open(server: Server) -> None:
    address, protocol = server.url.replace("http", "ws"), Subprotocol("graphql-transport-ws")
    async with connect(f"{address}/graphql", subprotocols=[protocol]) as connection:
        socket = Socket(connection)
        await socket.send(type="connection_init")
        assert (await socket.receive())["type"] == "connection_ack"
        for name, attack in ATTACKS.items():
            body = attack.body()
            if len(body) < MESSAGE_BYTES_MAX - 1_000 and body.endswith(b'"variables": null}'):
                await socket.send(type="subscribe", id=name, payload=json.loads(body))
                answer = await socket.receive()
                assert (answer["id"], answer["type"]) == (name, "error")
                assert attack.code in [one["extensions"]["code"] for one in answer["payload"]]
        await socket.send(type="ping")
        assert (await socket.receive())["type"] == "pong"


def test_the_server_answers_as_if_nothing_had_been(server: Server) -> None:
    for body in (attack.body() for attack in ATTACKS.values()):
        server.codes(body)
    answer = httpx2.post(f"{server.url}/graphql", json={"query": "{ version }"})
    assert answer.json()["data"]["version"]


async def times(url: str, *, under_attack: bool) -> list[float]:
    """How long those wait who ask politely, for some seconds."""
    found: list[float] = []
    until = time.monotonic() + ROUND_SECONDS

    async def ask(client: httpx2.AsyncClient) -> None:
        while time.monotonic() < until:
            begun = time.perf_counter()
            await client.post("/graphql", json={"query": "{ orders { nodes { id number } } }"})
            found.append(time.perf_counter() - begun)
            await asyncio.sleep(PAUSE_SECONDS)

    async def attack(client: httpx2.AsyncClient) -> None:
        for body in bodies():
            if time.monotonic() >= until:
                return
            if len(body) < 1_000_000:  # to send ten megabytes takes the polite clients' own time
                await client.post("/graphql", content=body, headers=JSON)
                await asyncio.sleep(1 / ATTACKS_PER_SECOND)

    async with httpx2.AsyncClient(base_url=url, timeout=30) as client, asyncio.TaskGroup() as tasks:
        for _ in range(POLITE_CLIENTS):
            tasks.create_task(ask(client))
        if under_attack:
            tasks.create_task(attack(client))
    return found


def p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98]


@pytest.mark.slow
async def test_others_hardly_notice(server: Server) -> None:
    """Round by round in turn, so that whatever else the machine does happens to both."""
    calm, attacked = list[float](), list[float]()
    for _ in range(ROUNDS):
        calm += await times(server.url, under_attack=False)
        attacked += await times(server.url, under_attack=True)
    assert p99(attacked) < 1.1 * p99(calm), (p99(calm), p99(attacked), len(calm), len(attacked))
