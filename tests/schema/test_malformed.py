"""What is no proper request at all: a GraphQL error in JSON with a code, never a 500."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from orderlog.eventstore.errors import StoreUnavailable
from tests.schema.api import Api, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

JSON = {"content-type": "application/json"}
STRICT = {**JSON, "accept": "application/graphql-response+json"}
CREATE = "mutation M($i: CreateDraftOrderInput!) { createDraftOrder(input: $i) { position } }"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Api]:
    folder = tmp_path_factory.mktemp("malformed")
    async with serving(f"sqlite:///{folder}/orderlog.db") as api:
        yield api


@dataclass
class Sent:
    """What is sent, and what must come back."""

    body: bytes
    status: int
    code: str
    headers: dict[str, str]


def asked(query: str, **variables: object) -> bytes:
    return json.dumps({"query": query, "variables": variables}).encode()


def case(
    name: str, body: bytes, status: int, code: str, headers: dict[str, str] | None = None
) -> Any:  # noqa: ANN401 - pytest's own type
    return pytest.param(Sent(body, status, code, headers or JSON), id=name)


PARSE, VALIDATION, INPUT = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"
MUTUAL = """
  query Q { ...A } fragment A on Query { ...B version } fragment B on Query { ...A version }
"""
DOUBLING = "query Q { ...F0 } fragment F40 on Query { a: version }" + "".join(
    f"fragment F{n} on Query {{ x: version ...F{n + 1} y: version ...F{n + 1} }}" for n in range(40)
)
FAR = "{ " + "a { " * 12 + "b" + " }" * 13

CASES = [
    case("not-json", b"{", 400, INPUT),
    case("empty", b"", 400, INPUT),
    case("not-utf8", b'{"query": "\xff"}', 400, INPUT),
    case("a-string", b'"x"', 400, INPUT),
    case("null", b"null", 400, INPUT),
    case("a-number", b"1", 400, INPUT),
    case("a-list", b"[]", 400, INPUT),
    case("a-batch", b'[{"query": "{ version }"}]', 400, INPUT),
    case("deep-json", b"[" * 100_000, 400, INPUT),
    case("no-query", b"{}", 400, INPUT),
    case("query-no-text", b'{"query": 1}', 400, INPUT),
    case("variables-no-object", b'{"query": "{ version }", "variables": [1]}', 400, INPUT),
    case("operation-no-text", b'{"query": "{ version }", "operationName": 1}', 400, INPUT),
    case(
        "unknown-operation", b'{"query": "query A { version }", "operationName": "B"}', 200, INPUT
    ),
    case("no-operation", asked("fragment F on Query { version }"), 200, INPUT),
    case("subscription", asked("subscription { orderChanged { position } }"), 400, INPUT),
    case("wrong-type", b"x", 415, "UNSUPPORTED_MEDIA_TYPE", {"content-type": "text/plain"}),
    case("form", b"query=1", 415, "UNSUPPORTED_MEDIA_TYPE", {"content-type": "a/x-www-form"}),
    case("too-large", b" " * 300_000, 413, "REQUEST_TOO_LARGE"),
    case("syntax", asked("{ version"), 200, PARSE),
    case("syntax-strict", asked("{ version"), 400, PARSE, STRICT),
    case("too-many-tokens", asked("{ " + "version " * 2_001 + "}"), 200, PARSE),
    case("unknown-field", asked("{ nothing }"), 200, VALIDATION),
    case("unknown-field-strict", asked("{ nothing }"), 400, VALIDATION, STRICT),
    case("unknown-argument", asked("{ version(x: 1) }"), 200, VALIDATION),
    case("unknown-enum", asked("{ orders(sort: BEST) { totalCount } }"), 200, VALIDATION),
    case("no-selection", asked("{ orders }"), 200, VALIDATION),
    case("literal", asked('{ events(after: "x") { position } }'), 200, VALIDATION),
    case("fragment-cycle", asked(MUTUAL), 200, VALIDATION),
    case("two-operations", asked("query A { version } query B { version }"), 200, INPUT),
    case("missing-variable", asked(CREATE), 200, INPUT),
    case("missing-variable-strict", asked(CREATE), 400, INPUT, STRICT),
    case("wrong-variable", asked(CREATE, i={"currency": 1}), 200, INPUT),
    case("unknown-input", asked(CREATE, i={"currency": "GBP", "color": 1}), 200, INPUT),
    case("doubling-fragments", asked(DOUBLING), 200, "QUERY_TOO_COMPLEX"),
    case("too-deep", asked(FAR), 200, "QUERY_TOO_DEEP"),
]


@pytest.mark.parametrize("sent", CASES)
async def test_a_bad_request_gets_a_graphql_error(api: Api, sent: Sent) -> None:
    answer = await api.http.post("/graphql", content=sent.body, headers=sent.headers)
    response = answer.json()
    assert response["errors"][0]["extensions"]["code"] == sent.code, response
    assert answer.status_code == sent.status
    assert "data" not in response
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_another_method_is_told_which_ones_there_are(api: Api, method: str) -> None:
    answer = await api.http.request(method, "/graphql", json={"query": "{ version }"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert answer.json()["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"


async def test_a_query_may_come_by_get_and_a_mutation_may_not(api: Api) -> None:
    query = {"query": "{ version }"}
    assert (await api.http.get("/graphql", params=query)).json()["data"]["version"]
    mutation = {"query": "mutation M { discardDraft(input: {orderId: 1}) { position } }"}
    answer = await api.http.get("/graphql", params=mutation)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


async def test_the_media_type_is_negotiated(api: Api) -> None:
    newer, older = "application/graphql-response+json", "application/json"
    wanted = {
        "": older,
        "*/*": older,
        older: older,
        newer: newer,
        f"{newer}, {older};q=0.9": newer,
        f"{older}, {newer}": older,
        f"{newer};q=0.2, {older};q=0.9": older,
        "text/html": older,
        f"{newer}, {older}, text/event-stream, multipart/mixed": newer,
        f"{older}, text/event-stream": older,
    }
    for accept, kind in wanted.items():
        answer = await api.http.post(
            "/graphql", content=asked("{ version }"), headers={**JSON, "accept": accept}
        )
        assert answer.headers["content-type"] == f"{kind}; charset=utf-8", accept


async def test_a_body_that_hides_its_length_is_measured_on_the_way(api: Api) -> None:
    async def chunks() -> AsyncGenerator[bytes]:
        for _ in range(300):
            yield b" " * 1_000

    answer = await api.http.post("/graphql", content=chunks(), headers=JSON)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('{ order(id: "1") { number } }', INPUT),
        ('{ node(id: "nothing") { id } }', INPUT),
        ("{ orders(first: 101) { totalCount } }", "PAGE_TOO_LARGE"),
        ("{ orders(first: -1) { totalCount } }", "INVALID_VALUE"),
        ("{ orders(first: 1, last: 1) { totalCount } }", "INVALID_VALUE"),
        ('{ orders(after: "x") { totalCount } }', "INVALID_CURSOR"),
        ("{ events(first: 501) { position } }", "PAGE_TOO_LARGE"),
        ('{ process(orderId: "x") { status } }', INPUT),
    ],
)
async def test_a_refused_question_has_a_code_and_a_path(api: Api, query: str, code: str) -> None:
    response = await api.post(query)
    (error,) = response["errors"]
    assert error["extensions"]["code"] == code
    assert error["path"]


async def test_a_database_that_is_away_is_said_without_its_address(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> int:
        message = "no answer from db.internal"
        raise StoreUnavailable(message)

    monkeypatch.setattr(api.platform.log, "head", away)
    with capture_logs() as entries:
        response = await api.post("{ head }")
    (error,) = response["errors"]
    assert error["extensions"]["code"] == "DATABASE_UNAVAILABLE"
    assert "internal" not in json.dumps(response)
    assert entries == [], "those who follow the log say it, once"


async def test_a_fault_of_ours_is_logged_under_an_id_and_not_told(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> int:
        message = "secret"
        raise RuntimeError(message)

    monkeypatch.setattr(api.platform.log, "head", broken)
    with capture_logs() as entries:
        response = await api.post("{ head }")
    (error,) = response["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["errorId"] in error["message"]
    assert [entry["error_id"] for entry in entries] == [error["extensions"]["errorId"]]
    assert "secret" not in json.dumps(response)
