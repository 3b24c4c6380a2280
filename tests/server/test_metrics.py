"""`/metrics` as Prometheus reads it, from a server that works."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from orderlog_projections.registry import PROJECTIONS
from tests.schema.api import NOWHERE, Api, serving
from tests.support.talking import talking

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
async def any_api(database_url: str) -> AsyncGenerator[Api]:
    async with serving(database_url) as api:
        yield api


async def scraped(api: Api) -> Figures:
    answer = await api.http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def figure(figures: Figures, name: str, **labels: str) -> float:
    return figures[f"orderlog_{name}", frozenset(labels.items())]


async def test_what_was_done_is_counted(any_api: Api) -> None:
    api = any_api
    await api.confirmed()
    refused = await api.tell("cancelOrder", orderId=NOWHERE, reasonCode="x")
    assert refused["errors"]
    await api.post("{ nothingLikeThis }")
    figures = await scraped(api)
    answered = {
        outcome: figure(figures, "operation_seconds_count", operation=operation, outcome=outcome)
        for operation, outcome in (
            ("mutation", "ok"),
            ("mutation", "refused"),
            ("query", "invalid"),
        )
    }
    assert answered == {"ok": 2, "refused": 1, "invalid": 1}
    assert figure(figures, "commands_total", outcome="committed") >= 3
    assert figure(figures, "commands_total", outcome="refused") >= 1
    assert figure(figures, "plan_executions_total") >= 0
    assert figure(figures, "plan_values_abandoned_total") == 0
    assert figure(figures, "writer_queue_depth") == 0
    groups = figure(figures, "commit_seconds_count")
    assert groups == figure(figures, "commit_events_count") > 0
    assert figure(figures, "commit_seconds_sum") > 0
    head = api.platform.store.head()
    assert figure(figures, "log_head_position") == head
    assert figure(figures, "commit_events_sum") == head
    for projection in PROJECTIONS:
        labels = {"projection": projection.name}
        assert figure(figures, "projection_position", **labels) == head
        for name in ("lag_positions", "lag_seconds", "parked_keys", "stopped"):
            assert figure(figures, f"projection_{name}", **labels) == 0
    assert figure(figures, "processes_position") == head
    assert figure(figures, "processes_in_flight") == 0
    assert figures["process_start_time_seconds", frozenset()] > 0
    assert figures["orderlog_database_up", frozenset()] == 1


async def test_who_watches_is_counted(any_api: Api) -> None:
    api = any_api
    async with api.socket() as socket:
        await socket.subscribe("subscription { stockChanged { position } }")
        await api.stock("TEA", 5)
        await socket.next()
        figures = await scraped(api)
        assert figure(figures, "subscriptions") == figure(figures, "websockets") == 1
    await api.stock("MUG", 5)
    figures = await scraped(api)
    assert figure(figures, "subscriptions") == 0
    assert figure(figures, "subscriptions_too_slow_total") == 0


async def test_sockets_that_had_to_be_closed_are_counted(any_api: Api) -> None:
    api = any_api
    for _ in range(2):
        async with talking(api.url) as talk:
            await talk.say("hello")
            assert (await talk.closed())[0] == 4400
    figures = await scraped(api)
    assert figure(figures, "websockets_closed_total", code="4400") == 2
    assert figure(figures, "websockets") == 0


async def test_two_servers_in_one_process_count_apart(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    urls = [f"sqlite:///{tmp_path_factory.mktemp('log')}/orderlog.db" for _ in range(2)]
    async with serving(urls[0]) as one, serving(urls[1]) as other:
        await one.stock("TEA", 5)
        assert figure(await scraped(one), "commands_total", outcome="committed") == 2
        assert ("orderlog_commands_total", frozenset({("outcome", "committed")})) not in (
            await scraped(other)
        )


async def test_a_read_model_that_is_kept_from_reading_says_how_old_its_next_event_is(
    any_api: Api,
) -> None:
    api = any_api
    await api.platform.settled()
    await asyncio.to_thread(api.platform.projections.stop)
    await api.stock("TEA", 5)
    figures = await scraped(api)
    assert figure(figures, "projection_lag_positions", projection="order_list") == 2
    assert 0 < figure(figures, "projection_lag_seconds", projection="order_list") < 20


async def test_names_and_units_are_those_of_prometheus(any_api: Api) -> None:
    for name, _ in await scraped(any_api):
        assert name.startswith(("orderlog_", "process_"))
        assert not name.endswith(("_ms", "_milliseconds", "_count_total"))
