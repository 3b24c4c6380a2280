"""Answers given again: the same as made anew, and never to the wrong question or too long."""

from dataclasses import replace

import pytest

from orderlog.domain.envelope import ActorKind
from orderlog_schema.execution.answers import Answers
from orderlog_schema.execution.executor import Executor
from orderlog_schema.limits import ANSWER_BYTES_MAX, ANSWER_SECONDS_MAX, ANSWERS_BYTES_MAX
from orderlog_schema.principals import LOCAL
from orderlog_schema.schema import build_schema
from tests.schema.api import Api
from tests.schema.asking import Asker

LIST = "query List($first: Int) { orders(first: $first) { position nodes { orderId lineCount } } }"


def asker(api: Api) -> tuple[Asker, Executor]:
    schema = build_schema()
    return Asker(api.platform, schema, LOCAL), schema.executor


async def test_what_is_asked_again_is_not_read_again(api: Api) -> None:
    await api.draft()
    someone, executor = asker(api)
    first = await someone.post(LIST, first=5)
    assert first == await someone.post(LIST, first=5)
    assert executor.answers.given_again == 1
    assert (await someone.post(LIST, first=4))["data"] == first["data"]
    assert executor.answers.given_again == 1, "another question"


async def test_each_change_is_seen_at_once(any_api: Api) -> None:
    someone, _ = asker(any_api)
    for count in range(1, 30):
        order_id = await any_api.draft()
        nodes = (await someone.ask(LIST, first=50))["orders"]["nodes"]
        assert nodes == (await someone.ask(LIST, first=50))["orders"]["nodes"]
        assert order_id in {node["orderId"] for node in nodes}
        assert len(nodes) == count


async def test_nobody_is_given_what_another_was(api: Api) -> None:
    await api.draft()
    someone, executor = asker(api)
    customer = replace(LOCAL, kind=ActorKind.CUSTOMER, id="ada", roles=frozenset())
    theirs = Asker(api.platform, someone.schema, customer)
    assert await someone.sees() != set()
    assert await theirs.sees() == set()
    assert executor.answers.given_again == 0


@pytest.mark.parametrize(
    "query",
    [
        "{ events(first: 1) { nodes { position } } }",
        "{ projections { head } }",
        "{ ...Mixed } fragment Mixed on Query { orders { totalCount } }",
        "{ orders(first: 1) { totalCount } projections { head } }",
    ],
)
async def test_what_tells_of_now_is_always_asked(api: Api, query: str) -> None:
    someone, executor = asker(api)
    for _ in range(3):
        await someone.ask(query)
    assert executor.answers.given_again == 0


async def test_an_error_is_not_given_again(api: Api) -> None:
    someone, executor = asker(api)
    for _ in range(3):
        assert "errors" in await someone.post("{ orders(first: 1000) { totalCount } }")
    assert executor.answers.given_again == 0


async def test_numbers_of_any_length_can_be_asked_with(api: Api) -> None:
    someone, _ = asker(api)
    for _ in range(2):
        (error,) = (await someone.post(LIST, first=10**30))["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_an_answer_counts_for_a_second_and_until_something_moves() -> None:
    now = [100.0]
    answers = Answers(now=lambda: now[0])
    assert Answers(0).find("question", moves=7) is None
    answers.keep("question", b"1", moves=7)
    assert answers.find("question", moves=7) == b"1"
    assert answers.find("question", moves=8) is None
    answers.keep("question", b"2", moves=8)
    now[0] += ANSWER_SECONDS_MAX + 0.01
    assert answers.find("question", moves=8) is None


def test_what_is_kept_has_a_limit() -> None:
    answers = Answers()
    answers.keep("long", b"x" * (ANSWER_BYTES_MAX + 1), moves=1)
    assert answers.find("long", moves=1) is None
    count = ANSWERS_BYTES_MAX // ANSWER_BYTES_MAX
    for number in range(count + 1):
        answers.keep(number, b"x" * ANSWER_BYTES_MAX, moves=1)
    assert [n for n in range(count + 1) if answers.find(n, moves=1) is None] == [0]
