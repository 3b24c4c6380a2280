"""Orders as files: what is in them, of which moment, and who gets which."""

import asyncio
import csv
import gzip
import json
import tracemalloc
from collections.abc import AsyncGenerator, Sequence
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from orderlog.application.metadata import new_id, new_metadata
from orderlog.domain.orders.commands import CreateDraftOrder
from orderlog_projections.order_list.queries import every_order
from orderlog_schema.orders.files import COLUMNS, ExportFormat, write_orders
from orderlog_server.auth.authentication import Unasked
from orderlog_server.auth.issuing import Wanted, ensure_key, issue
from orderlog_server.exports import EXPORTS_AT_ONCE, Exports
from orderlog_server.settings import load_settings
from tests.benchmarks.paging import filled
from tests.schema.api import Api, JsonObject, serving
from tests.support.events import STAFF

EXPORT = """
  query Export($format: ExportFormat!, $filter: OrderFilter) {
    exportOrders(format: $format, filter: $filter) { url }
  }
"""


async def fetched(api: Api, kind: str, **wanted: object) -> httpx2.Response:
    """As a client does it: asks for the address, and gets what is there."""
    asked = await api.ask(EXPORT, format=kind, **({"filter": wanted} if wanted else {}))
    answer = await api.http.get(asked["exportOrders"]["url"])
    assert answer.status_code == 200, answer.text
    return answer


def records(answer: httpx2.Response) -> list[JsonObject]:
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_a_file_for_spreadsheets(any_api: Api) -> None:
    await any_api.stock("TEA", 10)
    order_id = await any_api.confirmed(customerId="ada", guestEmail=None)
    answer = await fetched(any_api, "CSV")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    head = str(any_api.platform.store.head())
    assert answer.headers["orderlog-position"] == head
    assert answer.headers["content-disposition"] == f'attachment; filename="orders-{head}.csv"'
    names, cells = csv.reader(answer.text.splitlines())
    assert tuple(names) == COLUMNS
    assert answer.text.endswith("\r\n")
    row = dict(zip(names, cells, strict=True))
    assert (row["orderId"], row["customerId"], row["lifecycle"]) == (order_id, "ada", "CONFIRMED")
    assert (row["total"], row["paid"], row["refunded"], row["currency"]) == (
        "8.95",
        "8.95",
        "0.00",
        "GBP",
    )
    assert row["placedAt"].endswith("Z")


async def test_a_file_for_programs_has_the_same_columns(api: Api) -> None:
    order_id = await api.draft()
    await api.platform.settled()
    (record,) = records(await fetched(api, "NDJSON"))
    assert tuple(record) == COLUMNS
    assert (record["orderId"], record["total"], record["itemCount"]) == (order_id, "8.95", 2)
    assert (record["number"], record["customerId"], record["placedAt"]) == (None, None, None)


async def test_a_file_holds_what_the_same_filter_lists(api: Api) -> None:
    drafts = [await api.draft(customerId=name, guestEmail=None) for name in ("ada", "bob", "ada")]
    await api.done("discardDraft", orderId=drafts[2])
    await api.platform.settled()

    async def exported(**wanted: object) -> list[str]:
        return [one["orderId"] for one in records(await fetched(api, "NDJSON", **wanted))]

    assert await exported() == drafts, "the oldest first"
    assert await exported(customerId="ada") == [drafts[0], drafts[2]]
    assert await exported(customerId="ada", lifecycle=["DRAFT"]) == drafts[:1]
    assert await exported(lifecycle=[]) == []
    assert await exported(placedFrom="2026-11-23T00:00:00Z", totalMin="5") == []


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"])  # noqa: RUF001 - a wide sign, too
async def test_no_cell_of_a_spreadsheet_is_a_formula(api: Api, name: str) -> None:
    await begun(api, name)
    _, row = csv.reader((await fetched(api, "CSV")).text.splitlines())
    assert row[COLUMNS.index("customerId")] == f"'{name}"
    (record,) = records(await fetched(api, "NDJSON"))
    assert record["customerId"] == name, "programs get it as it is"


async def test_a_file_is_compressed_for_those_who_say_so(api: Api) -> None:
    await api.draft()
    await api.platform.settled()
    url = "/exports/orders.ndjson"
    plain = await api.http.get(url, headers={"accept-encoding": "gzip;q=0, identity"})
    assert "content-encoding" not in plain.headers
    async with api.http.stream("GET", url, headers={"accept-encoding": "br, gzip;q=0.5"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        body = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert gzip.decompress(body) == plain.content


@pytest.mark.parametrize("broken", ["x", "e30x", "eyJzdGF0dXNlcyI6WyJMT1NUIl19", "é"])
async def test_a_broken_filter_is_refused(api: Api, broken: str) -> None:
    answer = await api.http.get("/exports/orders.csv", params={"filter": broken})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_VALUE"
    assert "content-disposition" not in answer.headers


async def test_a_file_of_another_kind_is_not_there(api: Api) -> None:
    answer = await api.http.get("/exports/orders.xlsx")
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["message"] == (
        "There are /exports/orders.csv and /exports/orders.ndjson."
    )
    assert (await api.http.post("/exports/orders.csv")).status_code == 405


async def test_only_so_many_files_are_made_at_once(api: Api) -> None:
    routes = Exports(api.platform.context_for, Unasked()).routes
    transport = httpx2.ASGITransport(Starlette(routes=list(routes)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:

        async def statuses(count: int) -> list[int]:
            asked = [http.get("/exports/orders.csv") for _ in range(count)]
            return sorted(answer.status_code for answer in await asyncio.gather(*asked))

        assert await statuses(EXPORTS_AT_ONCE + 2) == [200] * EXPORTS_AT_ONCE + [429] * 2
        assert await statuses(EXPORTS_AT_ONCE) == [200] * EXPORTS_AT_ONCE, "places are given back"


async def test_files_are_paid_for(sqlite_url: str) -> None:
    async with serving(sqlite_url, local_cost_points_per_second=1_000) as api:
        answers = [await api.http.get("/exports/orders.csv") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert 1 <= int(answers[2].headers["retry-after"]) <= 10


@pytest.fixture
async def guarded(sqlite_url: str) -> AsyncGenerator[Api]:
    """Asks everyone for a token."""
    ensure_key(load_settings(database_url=sqlite_url, auth="token"))
    async with serving(sqlite_url, auth="token") as api:
        yield api


def bearer(
    api: Api, kind: str, subject: str, *roles: str, channels: Sequence[str] = ()
) -> dict[str, str]:
    wanted = Wanted(kind=kind, subject=subject, roles=roles, channels=channels, seconds=60)
    return {"authorization": f"Bearer {issue(wanted, api.platform.settings).text}"}


async def begun(api: Api, customer_id: str, channel_id: str = "default") -> None:
    """A draft of this customer, that the read model knows."""
    command = CreateDraftOrder(order_id=new_id(), currency="GBP", customer_id=customer_id)
    metadata = new_metadata(STAFF, channel_id=channel_id)
    await api.platform.bus.execute(command, metadata=metadata)
    await api.platform.settled()


async def test_each_gets_what_is_theirs(guarded: Api) -> None:
    await begun(guarded, "ada")
    await begun(guarded, "bob")
    await begun(guarded, "ada", channel_id="north")

    async def seen(kind: str, subject: str, *roles: str, channels: Sequence[str] = ()) -> list[str]:
        headers = bearer(guarded, kind, subject, *roles, channels=channels)
        answer = await guarded.http.get("/exports/orders.ndjson", headers=headers)
        return [f"{one['customerId']} {one['channelId']}" for one in records(answer)]

    assert await seen("staff", "eve", "viewer") == ["ada default", "bob default"]
    assert await seen("staff", "eve", "viewer", channels=["north"]) == ["ada north"]
    assert len(await seen("staff", "eve", "viewer", channels=["*"])) == 3
    assert await seen("customer", "ada") == ["ada default"]
    assert await seen("customer", "nobody") == []


async def test_an_address_is_no_permission(guarded: Api) -> None:
    answer = await guarded.http.get("/exports/orders.csv")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    await begun(guarded, "ada")
    body = {"query": EXPORT, "variables": {"format": "CSV", "filter": {"customerId": "ada"}}}
    eve = bearer(guarded, "staff", "eve", "viewer")
    asked = (await guarded.http.post("/graphql", json=body, headers=eve)).json()
    url = asked["data"]["exportOrders"]["url"]
    bob = bearer(guarded, "customer", "bob")
    assert len((await guarded.http.get(url, headers=eve)).text.splitlines()) == 2
    assert len((await guarded.http.get(url, headers=bob)).text.splitlines()) == 1


class Counted:
    """A file that keeps nothing."""

    size = 0

    def write(self, chunk: bytes, /) -> None:
        self.size += len(chunk)


def test_a_long_file_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        with closing(filled(f"sqlite:///{tmp_path}/{count}.db", count)) as database:
            file = Counted()
            tracemalloc.start()
            database.read(lambda c: write_orders(every_order(c), ExportFormat.NDJSON, file))
            _, bytes_held = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert file.size > 400 * count
        return bytes_held

    assert peak(15_000) < 1.2 * peak(5_000)
