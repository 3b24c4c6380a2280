"""Whatever the schema allows may be asked: the answer is never a fault of ours."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

from tests.schema.api import ADDRESS, LINE, METHOD, NOWHERE
from tests.server.test_serving import started, stopped
from tests.support.program import Program

SDL: Final = Path(__file__).parents[2] / "schema/schema.graphql"
CASES: Final = 300
BATCH: Final = 50
CASES_OF_LONG_FORM: Final = 5_000
LONG_FORM_SECONDS: Final = 900
ids: Final[list[str]] = [NOWHERE, "nonsense", ""]
"""Those of what there is stand here too, once there is something."""

SETUP: Final = """
mutation Setup($draft: CreateDraftOrderInput!) {
  registerStockItem(input: { sku: "TEA", warehouseId: "main" }) { stockItem { id } }
  receiveStock(input: { sku: "TEA", warehouseId: "main", quantity: 9, reference: "a" }) {
    position
  }
  createDraftOrder(input: $draft) { order { id orderId lines { id } } }
}
"""
PLACE: Final = """
mutation Place($id: ID!) { placeOrder(input: { orderId: $id }) { order { id } } }
"""
FOUND: Final = """
{ orders { nodes { id payments { id } process { id } history { nodes { eventId } } } } }
"""
DRAFT: Final = {
    "currency": "GBP",
    "customerId": "ada",
    "lines": [LINE],
    "addresses": [ADDRESS],
    "shippingMethod": METHOD,
}


def text_of(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return values.map(str).map(nodes.String)


SCALARS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "ID": text_of(st.deferred(lambda: st.sampled_from(ids))),
    "Position": text_of(st.integers(-2, 300) | st.integers(-(2**65), 2**65)),
    "BigInt": text_of(st.integers(-100, 2_000) | st.integers(-(2**65), 2**65)),
    "Decimal": text_of(st.decimals()),
    "CurrencyCode": text_of(st.sampled_from(["GBP", "GBP", "EUR", "JPY", "ZZZ", ""])),
    "JSON": text_of(st.text()),
    "Date": text_of(st.dates()),
    "DateTime": text_of(st.datetimes().map(lambda one: f"{one.isoformat()}Z")),
}


class Server:
    """A real one, with an order in it."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client
        made = self.ask(SETUP, draft=DRAFT)["data"]["createDraftOrder"]["order"]
        self.ask(PLACE, id=made["id"])
        ids.extend([made["id"], made["orderId"], made["lines"][0]["id"], "ada"])
        self._learn()

    def _learn(self) -> None:
        time.sleep(1)  # its process pays for it
        for order in self.ask(FOUND)["data"]["orders"]["nodes"]:
            ids.extend(payment["id"] for payment in order["payments"])
            ids.extend(one["id"] for one in (order["process"],) if one)

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """Its answer, which may be a refusal and must not be a fault."""
        body = {"query": query, "variables": variables}
        answer = self._client.post("/graphql", json=body)
        assert answer.status_code == 200, answer.text
        response: dict[str, Any] = answer.json()
        codes = [error["extensions"]["code"] for error in response.get("errors", [])]
        assert "INTERNAL" not in codes, (response["errors"], query)
        return response


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    process, url = started(Program(tmp_path_factory.mktemp("fuzz")))
    with httpx2.Client(base_url=url, timeout=30) as client:
        yield Server(client)
    stopped(process, signal.SIGTERM)


@pytest.fixture(scope="module")
def documents(server: Server) -> st.SearchStrategy[Any]:  # noqa: ARG001 - its ids are in them
    for name, values in SCALARS.items():
        schemathesis.graphql.scalar(name, values)
    schema: Any = schemathesis.graphql.from_path(SDL)  # pyright: ignore[reportUnknownMemberType] - theirs
    values_of_cases: st.SearchStrategy[Any] = schema.as_strategy()
    return values_of_cases


def fuzz(server: Server, documents: st.SearchStrategy[Any], seeds: range, seconds: float) -> int:
    """How many documents were tried before the time was over: a batch for each seed."""
    tried, until = 0, time.monotonic() + seconds

    @settings(
        max_examples=BATCH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(case=documents)
    def ask(case: Any) -> None:  # noqa: ANN401 - schemathesis' own
        nonlocal tried
        tried += 1
        server.ask(case.body)

    for number in seeds:
        if time.monotonic() < until:
            seed(number)(ask)()
    return tried


def test_nothing_that_the_schema_allows_is_a_fault(
    server: Server, documents: st.SearchStrategy[Any]
) -> None:
    assert fuzz(server, documents, range(CASES // BATCH), 90) >= CASES


@pytest.mark.slow
@pytest.mark.timeout(LONG_FORM_SECONDS + 60)
def test_the_long_form(server: Server, documents: st.SearchStrategy[Any]) -> None:
    first = time.time_ns()  # other ones each time
    seeds = range(first, first + CASES_OF_LONG_FORM // BATCH)
    assert fuzz(server, documents, seeds, LONG_FORM_SECONDS) >= CASES_OF_LONG_FORM
