"""What is no proper request: whatever comes over the socket, a GraphQL error with a code."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from tests.schema.api import Api, JsonObject, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANSWERED_SECONDS_MAX = 2.0
"""Each takes some milliseconds; the machine may be busy."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Api]:
    folder = tmp_path_factory.mktemp("requests")
    async with serving(f"sqlite:///{folder}/orderlog.db") as api:
        yield api


@dataclass
class Reply:
    """What came back over a socket."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        response = json.loads(self.body)
        assert set(response) == {"errors"}, "nothing was executed"
        code: str = response["errors"][0]["extensions"]["code"]
        return code


@dataclass
class Sent:
    """A request as bytes; its length and JSON as its type are added unless told otherwise."""

    body: bytes = b""
    method: str = "POST"
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def __bytes__(self) -> bytes:
        usual = {"content-type": "application/json", "content-length": str(len(self.body))}
        headers = {"host": "localhost", "connection": "close", **usual, **self.headers}
        lines = [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([f"{self.method} /graphql{self.query} HTTP/1.1", *lines])
        return head.encode("latin-1") + b"\r\n\r\n" + self.body


async def sent(api: Api, request: Sent) -> Reply:
    address = urlsplit(api.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write(bytes(request))
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (h.partition(": ") for h in head[1:])}
        body = await reader.readexactly(int(headers["content-length"]))
        return Reply(int(head[0].split()[1]), headers, body)
    finally:
        writer.close()


def asked(variables: str) -> bytes:
    return b'{"query": "{ version }", "variables": %b}' % variables.encode()


GOOD = b'{"query": "{ version }"}'
BODIES = {
    "nothing": b"",
    "a-string": b'"x"',
    "null": b"null",
    "not-a-number": b"NaN",
    "not-a-number-inside": asked('{"a": NaN}'),
    "infinity": asked('{"a": 1e999}'),
    "a-huge-number": asked('{"a": ' + "9" * 5_000 + "}"),
    "not-utf8": b'{"query": "\xff"}',
    "not-utf8-inside": b'{"query": "{ version }", "variables": {"\xff": 1}}',
    "utf16": '{"query": "{ version }"}'.encode("utf-16"),
    "a-byte-order-mark": b"\xef\xbb\xbf" + GOOD,
    "half-a-surrogate": b'{"query": "\\ud800"}',
    "deep-lists": b"[" * 100_000,
    "deep-objects": b'{"x":' * 50_000,
    "deep-variables": asked('{"a":' * 40_000),
    "deep-and-closed": asked('{"a":' + "[" * 500 + "]" * 500 + "}"),
    "two-documents": GOOD + GOOD,
    "a-batch": b"[" + GOOD + b"]",
    "query-is-a-list": b'{"query": ["{ version }"]}',
    "name-is-a-list": b'{"query": "{ version }", "operationName": []}',
    "variables-are-a-text": asked('"{}"'),
    "extensions-are-a-list": b'{"query": "{ version }", "extensions": []}',
}
QUERIES = {
    "get-without-query": "",
    "get-bad-variables": "?query={version}&variables={",
    "get-variables-list": "?query={version}&variables=[]",
    "get-not-utf8": "?query=%FF",
    "get-bad-extensions": "?query={version}&extensions=1",
}
TYPES = {
    "no-type": "",
    "another-type": "text/plain",
    "another-charset": "application/json;charset=utf-16",
    "a-form": "application/x-www-form-urlencoded",
    "a-file": "multipart/form-data; boundary=x",
}
LARGE = {
    "too-large": Sent(b" " * 300_000),
    "said-to-be-too-large": Sent(headers={"content-length": "10000000"}),
}
METHODS = {
    "put": Sent(GOOD, method="PUT"),
    "delete": Sent(method="DELETE"),
    "a-word-of-its-own": Sent(GOOD, method="PROPFIND"),
    "mutation-by-get": Sent(method="GET", query="?query=mutation{a}"),
    "mutation-by-name-by-get": Sent(
        method="GET", query="?query=query%20Q{version}mutation%20M{a}&operationName=M"
    ),
}


def cases() -> Iterator[Any]:
    """All of these, with what must come back."""
    for name, body in BODIES.items():
        yield pytest.param(Sent(body), 400, "BAD_USER_INPUT", id=name)
    for name, query in QUERIES.items():
        yield pytest.param(Sent(method="GET", query=query), 400, "BAD_USER_INPUT", id=name)
    for name, kind in TYPES.items():
        request = Sent(GOOD, headers={"content-type": kind})
        yield pytest.param(request, 415, "UNSUPPORTED_MEDIA_TYPE", id=name)
    compressed = Sent(GOOD, headers={"content-encoding": "gzip"})
    yield pytest.param(compressed, 415, "UNSUPPORTED_MEDIA_TYPE", id="compressed")
    for name, request in LARGE.items():
        yield pytest.param(request, 413, "REQUEST_TOO_LARGE", id=name)
    for name, request in METHODS.items():
        yield pytest.param(request, 405, "METHOD_NOT_ALLOWED", id=name)


@pytest.mark.parametrize(("request_", "status", "code"), list(cases()))
async def test_it_is_refused_at_once_and_said_in_graphql(
    api: Api, request_: Sent, status: int, code: str
) -> None:
    begun = time.monotonic()
    reply = await sent(api, request_)
    assert time.monotonic() - begun < ANSWERED_SECONDS_MAX
    assert (reply.status, reply.code) == (status, code), reply.body
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    assert reply.headers.get("allow") == ("GET, POST" if status == 405 else None)
    assert b"Traceback" not in reply.body


async def test_variables_may_go_as_deep_as_any_input_does(api: Api) -> None:
    nested: JsonObject = {}
    for _ in range(30):
        nested = {"a": [nested]}
    reply = await sent(api, Sent(asked(json.dumps(nested))))
    assert json.loads(reply.body)["data"]["version"]


async def test_who_never_finishes_a_body_and_leaves_harms_nobody(api: Api) -> None:
    address = urlsplit(api.url)
    for _ in range(20):
        _, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(bytes(Sent(b"{", headers={"content-length": "1000"})))
        await writer.drain()
        writer.transport.abort()
    assert (await sent(api, Sent(GOOD))).status == 200


async def test_a_body_in_pieces_is_put_together(api: Api) -> None:
    address = urlsplit(api.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    for byte in bytes(Sent(GOOD)):
        writer.write(bytes([byte]))
        await writer.drain()
    answer = await reader.read()
    writer.close()
    assert b"200 OK" in answer
    assert b'{"data":{"version":' in answer


async def test_head_and_body_of_an_answer_come_in_one_piece(api: Api) -> None:
    address = urlsplit(api.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    for _ in range(30):
        writer.write(bytes(Sent(GOOD, headers={"connection": "keep-alive"})))
        piece = await reader.read(65_536)
        assert piece.startswith(b"HTTP/1.1 200 OK")
        assert piece.endswith(b"}"), "not the head alone"
    writer.close()


async def test_a_long_answer_waits_for_a_slow_reader(api: Api) -> None:
    """What is held to go out together has a bound, and the transport another one."""
    query = "query Types { __schema { types { name description fields { name description } } } }"
    address = urlsplit(api.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=1_024)
    body = json.dumps({"query": query}).encode()
    writer.write(bytes(Sent(body)))
    await asyncio.sleep(0.1)
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
    assert length > 20_000
    assert json.loads(await reader.readexactly(length))["data"]["__schema"]["types"]
    writer.close()


async def test_what_is_wrong_names_the_place(api: Api) -> None:
    reply = await sent(api, Sent(b'{"query": 1}'))
    message = json.loads(reply.body)["errors"][0]["message"]
    assert message == "The body has a wrong shape: Expected `str | null`, got `int` - at `$.query`."
