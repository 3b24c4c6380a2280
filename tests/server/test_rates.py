"""What an operation costs is said with its answer; who asks too much is told to wait."""

from collections.abc import AsyncGenerator
from typing import Any, Final

import pytest

from orderlog_schema.cost import ASKING, WATCHING
from orderlog_schema.limits import BUDGET_POINTS_MAX, COST_MAX
from orderlog_server.auth.issuing import Wanted, ensure_key, issue
from orderlog_server.settings import load_settings
from tests.schema.api import Api, serving

ORDERS: Final = "query Orders($n: Int) { orders(first: $n) { nodes { id total { amount } } } }"
COSTLY: Final = "{ orders(first: 90) { nodes { lines { id } history { nodes { type } } } } }"
WATCH: Final = "subscription Watch { orderChanged { position } }"
STRICT: Final = {"accept": "application/graphql-response+json"}


@pytest.fixture
async def api(sqlite_url: str) -> AsyncGenerator[Api]:
    """Whose budget hardly fills up again."""
    async with serving(sqlite_url, local_cost_points_per_second=1) as api:
        yield api


async def use_up(api: Api) -> None:
    """Leaves less than such a question costs."""
    while "errors" not in await api.post(COSTLY):
        pass


async def ask(api: Api, **headers: str) -> tuple[int, dict[str, str], dict[str, Any]]:
    answer = await api.http.post("/graphql", json={"query": COSTLY}, headers=headers)
    return answer.status_code, dict(answer.headers), answer.json()


async def test_an_answer_says_what_it_cost_and_what_is_left(api: Api) -> None:
    cost = (await api.post(ORDERS, n=7))["extensions"]["cost"]
    assert cost["requested"] == ASKING.weight + 1 + 7 * 2
    assert cost["max"] == COST_MAX
    assert BUDGET_POINTS_MAX - cost["remaining"] == pytest.approx(cost["requested"], abs=5)


async def test_where_nobody_is_metered_nothing_is_left_or_used_up(sqlite_url: str) -> None:
    async with serving(sqlite_url) as api:
        cost = (await api.post(ORDERS, n=7))["extensions"]["cost"]
        assert cost == {"requested": ASKING.weight + 1 + 7 * 2, "max": COST_MAX}


async def test_what_costs_too_much_is_refused_and_costs_nothing(api: Api) -> None:
    history = "history(first: 100) { nodes { type } }"
    response = await api.post(f"{{ orders(first: 100) {{ nodes {{ {history} }} }} }}")
    assert "data" not in response
    expected = ASKING.weight + 1 + 100 * (1 + ASKING.weight + 1 + 100)
    extensions = response["errors"][0]["extensions"]
    assert extensions == {"code": "QUERY_TOO_COMPLEX", "cost": expected, "max": COST_MAX}
    remaining = (await api.post("{ version }"))["extensions"]["cost"]["remaining"]
    assert remaining == BUDGET_POINTS_MAX


async def test_who_has_used_up_their_budget_waits(api: Api) -> None:
    await use_up(api)
    status, headers, response = await ask(api, **STRICT)
    extensions = response["errors"][0]["extensions"]
    assert (status, extensions["code"]) == (429, "RATE_LIMITED")
    assert headers["retry-after"] == str(extensions["retryAfterSeconds"])
    assert 0 < extensions["retryAfterSeconds"] <= extensions["cost"]
    assert "data" not in response
    status, headers, response = await ask(api)
    assert (status, response["errors"][0]["extensions"]["code"]) == (200, "RATE_LIMITED")
    assert "retry-after" in headers
    assert "errors" not in await api.post("{ version }"), "what costs nothing may still be asked"


async def test_each_has_a_budget_of_their_own(sqlite_url: str) -> None:
    settings = load_settings(database_url=sqlite_url, auth="token")
    ensure_key(settings)

    def bearer(name: str) -> dict[str, str]:
        wanted = Wanted(kind="staff", subject=name, roles=["admin"], seconds=600)
        return {"authorization": f"Bearer {issue(wanted, settings).text}"}

    async with serving(sqlite_url, auth="token", cost_points_per_second=1) as guarded:
        guarded.http.headers.update(bearer("ada"))
        await use_up(guarded)
        guarded.http.headers.update(bearer("ada"))
        assert "errors" in await guarded.post(COSTLY), "another token is no other budget"
        guarded.http.headers.update(bearer("bob"))
        assert "errors" not in await guarded.post(COSTLY)


async def test_operators_see_that_somebody_was_told_to_wait(api: Api) -> None:
    await use_up(api)
    lines = (await api.http.get("/metrics")).text.splitlines()
    (line,) = [one for one in lines if 'outcome="limited"' in one and "seconds_count{" in one]
    assert line.endswith(" 1.0")


async def test_a_socket_has_the_same_budget(api: Api) -> None:
    await use_up(api)
    async with api.socket() as socket:
        await socket.subscribe(COSTLY, "1")
        error = await socket.receive()
        assert (error["type"], error["id"]) == ("error", "1")
        assert error["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
        await socket.subscribe("{ version }", "2")
        assert (await socket.next())["version"]


async def test_to_begin_a_stream_costs_something_and_its_events_nothing(api: Api) -> None:
    async def remaining() -> int:
        left: int = (await api.post("{ version }"))["extensions"]["cost"]["remaining"]
        return left

    before = await remaining()
    async with api.socket() as one, api.socket() as other:
        for socket in (one, other):
            await socket.subscribe(WATCH)
            await socket.send(type="ping")
            assert (await socket.receive())["type"] == "pong"
        begun = await remaining()
        assert before - begun == pytest.approx(2 * (WATCHING.weight + 1), abs=3)
        await api.draft()
        for socket in (one, other):
            await socket.next()
