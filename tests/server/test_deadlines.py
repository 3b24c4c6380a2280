"""An operation has so many seconds; what is given up leaves nothing behind or half done."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing

import psycopg
import pytest

from tests.schema.api import Api, JsonObject, serving

SECONDS_MAX = 0.8
CREATE = """
  mutation Create($input: CreateDraftOrderInput!) {
    createDraftOrder(input: $input) { position replayed errors { code } order { orderId } }
  }
"""
WAITING = '{ orders(minPosition: "999999") { totalCount } }'

LOCK_LIST = """
  DO $$ BEGIN EXECUTE (
    SELECT format('LOCK TABLE %I.%I IN ACCESS EXCLUSIVE MODE', table_schema, table_name)
    FROM information_schema.tables WHERE table_name = 'order_list'
  ); END $$
"""


@pytest.fixture
async def api(sqlite_url: str) -> AsyncGenerator[Api]:
    async with serving(sqlite_url, operation_seconds_max=SECONDS_MAX) as api:
        yield api


def code_of(response: JsonObject) -> str:
    (error,) = response["errors"]
    code: str = error["extensions"]["code"]
    return code


async def test_a_query_that_waits_too_long_is_given_up(api: Api) -> None:
    await api.post(WAITING)  # the first one starts threads that stay
    tasks_before = len(asyncio.all_tasks())
    answers = await asyncio.gather(*(api.post(WAITING) for _ in range(20)))
    assert {code_of(answer) for answer in answers} == {"DEADLINE_EXCEEDED"}
    assert {answer["data"] for answer in answers} == {None}
    assert "idempotencyKey" not in answers[0]["errors"][0]["message"]
    async with asyncio.timeout(5):
        while len(asyncio.all_tasks()) > tasks_before:  # noqa: ASYNC110 - connections are closing
            await asyncio.sleep(0.02)
    assert await api.ask("{ head }") == {"head": "0"}
    metrics = (await api.http.get("/metrics")).text
    assert 'orderlog_operation_seconds_count{operation="query",outcome="late"} 21.0' in metrics


async def test_it_is_executed_by_the_newer_media_type_too(api: Api) -> None:
    answer = await api.http.post(
        "/graphql",
        json={"query": WAITING},
        headers={"accept": "application/graphql-response+json"},
    )
    assert (answer.status_code, code_of(answer.json())) == (200, "DEADLINE_EXCEEDED")


async def test_a_command_that_was_handed_over_is_done_once_and_its_key_tells(
    api: Api, sqlite_url: str
) -> None:
    given = {"currency": "GBP", "idempotencyKey": "basket-7"}
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN IMMEDIATE")  # nobody else can write until it ends
        response = await api.post(CREATE, input=given)
        assert code_of(response) == "DEADLINE_EXCEEDED"
        assert "idempotencyKey" in response["errors"][0]["message"]
        assert api.platform.store.head() == 0
    async with asyncio.timeout(10):
        while not api.platform.store.head():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.02)
    payload = (await api.ask(CREATE, input=given))["createDraftOrder"]
    assert payload["replayed"], "it had been done"
    assert payload["errors"] == []
    assert api.platform.store.head() == 1


async def test_a_database_that_does_not_answer_keeps_no_connection(postgres_url: str) -> None:
    async with serving(postgres_url, operation_seconds_max=SECONDS_MAX) as api:
        query = "{ orders { totalCount } }"
        async with await psycopg.AsyncConnection.connect(postgres_url) as other:
            await other.execute(LOCK_LIST)
            answers = await asyncio.gather(*(api.post(query) for _ in range(4)))
            assert {code_of(answer) for answer in answers} == {"DEADLINE_EXCEEDED"}
            async with asyncio.timeout(5):
                while await number_of_waiting(other):  # noqa: ASYNC110 - nothing tells
                    await asyncio.sleep(0.02)
            await other.rollback()
        assert await api.ask(query) == {"orders": {"totalCount": 0}}


async def number_of_waiting(connection: psycopg.AsyncConnection) -> int:
    """Sessions that the database keeps waiting for a lock."""
    asked = await connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND datname = current_database() AND query LIKE '%%order_list%%'"
    )
    row = await asked.fetchone()
    assert row is not None
    count: int = row[0]
    return count
