"""The first token, the server that refuses to start without a key, the demo that has one."""

import json
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from orderlog_server.cli.exits import ExitCode
from tests.support.crew import said, serving, started
from tests.support.program import Program, Typed

ASKED: Final = {"ORDERLOG_AUTH": "token"}
KEY: Final = "orderlog-token-key.json"
PROTOCOLS: Final = [Subprotocol("graphql-transport-ws")]


def created(typed: Typed, *arguments: str) -> str:
    answer = typed("token", "create", *arguments)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def inspected(typed: Typed, token: str) -> Mapping[str, Any]:
    whole: Mapping[str, Any] = json.loads(typed("token", "inspect", token, "--json").stdout)
    return whole


def test_the_first_token_makes_the_key(typed: Typed, tmp_path: Path) -> None:
    first = typed("token", "create", "--role", "admin")
    assert first.stderr == f"A key was made: {KEY}; keep it to yourself.\n"
    secret = json.loads((tmp_path / KEY).read_text())["k"]
    assert (tmp_path / KEY).stat().st_mode & 0o777 == 0o600
    second = typed("token", "create", "--role", "admin", "--json")
    assert second.stderr == ""
    assert {"token", "id", "expiresAt"} == set(json.loads(second.stdout))
    shown = first.stdout + first.stderr + second.stdout + typed("config", "show").stdout
    assert secret not in shown


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (
            ["--role", "support", "--role", "viewer", "--subject", "ada"],
            {"kind": "staff", "subject": "ada", "roles": ["support", "viewer"]},
        ),
        (["--customer", "c-1"], {"kind": "customer", "subject": "c-1", "roles": []}),
        (
            ["--kind", "app", "--role", "fulfilment", "--channel", "*"],
            {"kind": "app", "roles": ["fulfilment"], "channels": ["*"]},
        ),
        (["--kind", "system"], {"kind": "system", "channels": ["default"]}),
        (
            ["--role", "admin", "--channel", "eu", "--channel", "us"],
            {"channels": ["eu", "us"]},
        ),
    ],
)
def test_a_token_says_what_was_asked_for(
    typed: Typed, arguments: list[str], wanted: Mapping[str, Any]
) -> None:
    whole = inspected(typed, created(typed, *arguments))
    assert {name: whole[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Say for whom"),
        (["--role", "chef"], "Invalid enum value 'chef'"),
        (["--role", "admin", "--customer", "c-1"], "a customer with roles"),
        (["--kind", "root", "--role", "admin"], "Invalid enum value 'root'"),
        (["--role", "admin", "--subject", "two words"], "sub"),
        (["--role", "admin", "--ttl", "soon"], "write 90s, 15m or 1h"),
        (["--role", "admin", "--ttl", "0s"], "valid for too long"),
        (["--role", "admin", "--ttl", "16m"], "at most 900 seconds"),
    ],
)
def test_a_token_that_nobody_would_take_is_not_made(
    typed: Typed, arguments: list[str], sentence: str
) -> None:
    answer = typed("token", "create", *arguments)
    assert sentence in answer.stderr
    assert answer.returncode == ExitCode.USAGE
    assert answer.stdout == ""


def test_a_token_is_revoked_by_its_id_or_with_all_of_its_subject(typed: Typed) -> None:
    for arguments in ([], ["--subject", "local"]):
        token = json.loads(created(typed, "--role", "admin", "--json"))
        assert inspected(typed, token["token"])["id"] == token["id"]
        assert typed("token", "revoke", *(arguments or [token["id"]])).returncode == 0
        refused = typed("token", "inspect", token["token"])
        assert refused.stderr == "orderlog: It would be refused: revoked.\n"
        assert refused.returncode == ExitCode.FAILED


def test_the_server_refuses_to_start_without_a_key(typed: Typed, tmp_path: Path) -> None:
    answer = typed("serve", "--port", "0", **ASKED)
    assert answer.returncode == ExitCode.USAGE
    assert "There is no key to check tokens with" in answer.stderr
    assert "orderlog token create" in answer.stderr
    assert list(tmp_path.iterdir()) == [], "nothing was begun"


def test_the_doctor_knows_whether_there_is_a_key(typed: Typed) -> None:
    def finding() -> Mapping[str, Any]:
        findings = json.loads(typed("doctor", "--json", **ASKED).stdout)
        (found,) = (one for one in findings if one["subject"] == "tokens")
        tokens: Mapping[str, Any] = found
        return tokens

    assert not finding()["is_well"]
    assert "orderlog token create" in finding()["remedy"]
    created(typed, "--role", "admin")
    assert finding() == {
        "subject": "tokens",
        "is_well": True,
        "state": "can be checked",
        "remedy": "",
    }


def test_with_a_key_it_may_listen_on_any_address(orderlog: Program) -> None:
    token = json.loads(orderlog.run("token", "create", "--role", "admin", "--json").stdout)["token"]
    url = "sqlite:///orderlog.db"
    with serving(orderlog, url, "--host", "0.0.0.0", **ASKED) as server:  # noqa: S104 - the point
        port = server.url.rpartition(":")[2]
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            head, proof = {"query": "{ head }"}, {"authorization": f"Bearer {token}"}
            assert http.post("/graphql", json=head).status_code == 401
            answer = http.post("/graphql", json=head, headers=proof)
            assert answer.json()["data"] == {"head": "0"}
            assert http.get("/metrics").status_code == 401
            assert http.get("/metrics", headers=proof).status_code == 200
            assert http.get("/health").status_code == 200


def test_no_token_and_no_key_is_ever_logged(orderlog: Program) -> None:
    token = orderlog.run("token", "create", "--role", "admin").stdout.strip()
    secret = json.loads((orderlog.folder / KEY).read_text())["k"]
    wordy = ASKED | {"ORDERLOG_LOG_LEVEL": "debug", "ORDERLOG_LOG_FORMAT": "json"}
    with started(orderlog, "serve", "--port", "0", **wordy) as process:
        url = said(process)["url"]
        for one in (token, f"{token}x", "nonsense", token[:-20]):
            proof = {"authorization": f"Bearer {one}"}
            httpx2.post(f"{url}/graphql", json={"query": "{ head }"}, headers=proof)
            address = url.replace("http", "ws") + "/graphql"
            with connect(address, subprotocols=PROTOCOLS) as socket:
                socket.send(json.dumps({"type": "connection_init", "payload": proof}))
                with suppress(ConnectionClosed):
                    socket.recv(10)
        os.kill(process.pid, signal.SIGTERM)
        _, logged = process.communicate(timeout=30)
    assert logged.count("token_refused") == 6
    assert secret not in logged
    for part in token.split("."):
        assert part[:20] not in logged


def test_without_tokens_it_says_so(orderlog: Program) -> None:
    with started(orderlog, "serve", "--port", "0", "--no-auth", **ASKED) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        os.kill(process.pid, signal.SIGTERM)
        _, printed = process.communicate(timeout=30)
    assert "Nobody is asked who they are" in printed


def test_the_demo_hands_out_a_token_in_its_links(orderlog: Program) -> None:
    process = orderlog.start("demo", "--port", "0", **ASKED)
    try:
        assert process.stdout is not None
        console, playground = process.stdout.readline(), process.stdout.readline()
        url, token = console.split()[1].split("/#token=")
        assert playground.split() == ["playground", f"{url}/playground#token={token}"]
        lines = [process.stdout.readline() for _ in range(8)]
        curl = next(line for line in lines if "curl" in line)
        assert '-H "authorization: Bearer $TOKEN"' in curl
        assert f"  TOKEN={token}\n" in lines
        query = {"query": "{ orders(first: 1) { nodes { number } } }"}
        assert httpx2.post(f"{url}/graphql", json=query).status_code == 401
        proof = {"authorization": f"Bearer {token}"}
        answer = httpx2.post(f"{url}/graphql", json=query, headers=proof).json()
        assert len(answer["data"]["orders"]["nodes"]) == 1
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.communicate(timeout=30)
