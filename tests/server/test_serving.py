"""A real server: what it answers, and how it stops."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import httpx2
import pytest
from websockets.sync.client import connect

from tests.support.program import Program

STOP_SECONDS_MAX = 30
HEAD = '{"query": "{ head }"}'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with a database of its own."""
    process, url = started(Program(tmp_path_factory.mktemp("server")))
    yield url
    stopped(process, signal.SIGTERM)


def started(program: Program, **variables: str) -> tuple["Popen[str]", str]:
    process = program.start("serve", "--port", "0", "--json", **variables)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()
    url: str = json.loads(line)["url"]
    return process, url


def stopped(process: "Popen[str]", by: signal.Signals) -> str:
    """What it says when it is stopped."""
    os.kill(process.pid, by)
    _, said = process.communicate(timeout=STOP_SECONDS_MAX)
    return said


def test_health_tells_of_database_and_readers(server: str) -> None:
    health = httpx2.get(f"{server}/health").json()
    assert health["status"] == "ok"
    assert health["database"] == {"kind": "sqlite", "head": 0}
    up_to_date = {"position": 0, "lag": 0, "lagSeconds": 0.0, "error": None}
    (order_list,) = [one for one in health["projections"] if one["name"] == "order_list"]
    assert order_list == {"name": "order_list", "parkedKeys": 0, **up_to_date}
    assert health["processes"] == {"inFlight": 0, **up_to_date}


def test_graphql_answers_and_is_never_compressed(server: str) -> None:
    answer = httpx2.post(
        f"{server}/graphql", content=HEAD, headers={"content-type": "application/json"}
    )
    assert answer.json()["data"] == {"head": "0"}
    assert "content-encoding" not in answer.headers
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_graphql_refuses_pages_of_other_sites(server: str) -> None:
    headers = {"content-type": "application/json", "origin": "https://evil.example"}
    assert httpx2.post(f"{server}/graphql", content=HEAD, headers=headers).status_code == 403


def test_every_page_answers(server: str) -> None:
    for path in ("/", "/playground", "/orders/0192", "/favicon.ico"):
        assert httpx2.get(server + path).status_code in {200, 204}


def test_a_socket_is_opened_without_compression(server: str) -> None:
    address = server.replace("http", "ws") + "/graphql"
    with connect(address, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item] # a NewType of str
        assert socket.protocol.extensions == []
        socket.send('{"type": "connection_init"}')
        assert json.loads(socket.recv())["type"] == "connection_ack"


@pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_stops_cleanly_and_says_how_to_go_on(
    tmp_path: Path, by: signal.Signals, code: int
) -> None:
    process, url = started(Program(tmp_path))
    address = url.replace("http", "ws") + "/graphql"
    with connect(address, subprotocols=["graphql-transport-ws"]):  # type: ignore[list-item] # as above
        said = stopped(process, by)
    assert process.returncode == code
    assert "Everything is kept in sqlite:///orderlog.db; go on with: orderlog serve" in said
    assert "Traceback" not in said
    kept = {"orderlog.db", "orderlog-read-models.db", "orderlog-owner.db"}
    assert {path.name for path in tmp_path.iterdir()} == kept, "the write-ahead logs are folded in"
