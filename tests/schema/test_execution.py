"""Plans are quick, and nobody can tell that they are there: the library is the reference."""

# The library's functions are generic over what they do not name:
# pyright: reportUnknownVariableType=false

import gc
import random
from collections.abc import Iterable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any, Final, NamedTuple, cast

import orjson
import pytest
import structlog
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OverlappingFieldsCanBeMergedRule,
    execute,
    parse,
    subscribe,
    validate,
)

from orderlog.consumers.following import Reading
from orderlog_schema.context import Context
from orderlog_schema.execution.documents import DocumentCache
from orderlog_schema.execution.executor import Executor
from orderlog_schema.execution.operations import Asked
from orderlog_schema.execution.reference import graphql_of
from orderlog_schema.limits import DOCUMENT_TOKENS_MAX, PLANNED_TOKENS_MAX
from orderlog_schema.principals import LOCAL
from tests.schema.fuzzing import GROWN, SCHEMA, Grower, Writer

CONTEXT: Final = cast("Context", SimpleNamespace(principal=LOCAL, reading=Reading()))
KINDS: Final = ("query", "query", "query", "query", "mutation", "subscription")
GRAPHQL: Final = graphql_of(SCHEMA)
CASES_OF_EACH: Final = 4
"""Of each document, with other data and other values."""


LEFT_BY_THE_LIBRARY: Final = pytest.mark.filterwarnings(
    "ignore:coroutine .* was never awaited:RuntimeWarning"  # where a sibling had failed already
)


class Outcome(NamedTuple):
    """Data in JSON, its keys in order; errors in any order."""

    data: bytes
    errors: Sequence[Any]


def cause_of(error: GraphQLError) -> str:
    """What was wrong, before a code was given to it."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return str(cause)


def outcome(data: object, errors: Iterable[GraphQLError]) -> Outcome:
    said = [(str(e.path), cause_of(e), str(e.locations)) for e in errors]
    return Outcome(orjson.dumps(data), sorted(said))


async def by_the_library(document: DocumentNode, variables: dict[str, Any]) -> list[Outcome]:
    result: Any = execute(GRAPHQL, document, variable_values=variables, context_value=CONTEXT)
    result = result if isinstance(result, ExecutionResult) else await result
    return [outcome(result.data, result.errors or ())]


async def streamed_by_the_library(
    document: DocumentNode, variables: dict[str, Any]
) -> list[Outcome]:
    stream: Any = subscribe(GRAPHQL, document, variable_values=variables, context_value=CONTEXT)
    stream = await stream if hasattr(stream, "__await__") else stream
    if isinstance(stream, ExecutionResult):
        return [outcome(stream.data, stream.errors or ())]
    return [outcome(one.data, one.errors or ()) async for one in stream]


async def by_plans(executor: Executor, asked: Asked) -> list[Outcome]:
    if executor.kind_of(asked) == "subscription":
        stream = executor.stream(asked, CONTEXT)
        return [outcome(one.data, one.errors) async for one in stream]
    answered = await executor.execute(asked, CONTEXT)
    return [outcome(answered.data, answered.errors)]


async def test_a_document_is_planned_when_it_comes_again() -> None:
    executor, asked = Executor(SCHEMA), Asked("{ first { id leaf { name } } }", {}, None)
    GROWN.branches = Grower(random.Random(1), badness=0).branches()
    first = await executor.execute(asked, CONTEXT)
    assert (executor.counts.used, executor.counts.compiled) == (0, 0)
    again = await executor.execute(asked, CONTEXT)
    assert executor.counts.used == 1
    assert executor.counts.compiled > 0
    assert first.body == again.body


async def test_what_surprises_a_plan_is_counted_and_said_by_the_library() -> None:
    executor, asked = Executor(SCHEMA, planned_from_use=1), Asked("{ first { id } }", {}, None)
    GROWN.branches = Grower(random.Random(1), badness=0).branches()
    cast("Any", GROWN.branches[0]).id = None
    with structlog.testing.capture_logs():
        answered = await executor.execute(asked, CONTEXT)
    assert answered.data == {"first": None}
    assert [error.path for error in answered.errors] == [["first", "id"]]
    assert executor.counts.abandoned > 0


def test_documents_are_forgotten_by_how_much_they_take() -> None:
    documents = DocumentCache(GRAPHQL)
    known = documents.find("{ first { id } }")
    assert documents.find("{ first { id } }") is known
    long = parse(f"{{ {'__typename ' * 600} }}")
    for number in range(DOCUMENT_TOKENS_MAX // 600):
        documents.keep(str(number), long)
    assert documents.find("{ first { id } }") is not known


async def test_plans_are_forgotten_by_how_much_they_take() -> None:
    executor = Executor(SCHEMA, planned_from_use=1)
    GROWN.branches = Grower(random.Random(1), badness=0).branches()

    async def compiled(fields: str) -> int:
        before = executor.counts.compiled
        await executor.execute(Asked(f"{{ {fields} }}", {}, None), CONTEXT)
        return executor.counts.compiled - before

    assert await compiled("first { id }") > 0
    assert await compiled("first { id }") == 0
    for number in range(PLANNED_TOKENS_MAX // 60):
        await compiled(" ".join(f"a{number}_{place}: __typename" for place in range(20)))
    assert await compiled("first { id }") > 0


def documents(seeds: Iterable[int]) -> Iterator[tuple[str, str, DocumentNode, dict[str, Any]]]:
    """Valid ones, each with its kind, values for its variables, and data that was grown for it."""
    for seed in seeds:
        dice = random.Random(seed)
        GROWN.branches = Grower(dice, badness=0.1 if seed % 2 else 0).branches()
        writer, kind = Writer(dice, GRAPHQL), dice.choice(KINDS)
        text = writer.document(kind)
        document = parse(text)
        if validate(GRAPHQL, document, [OverlappingFieldsCanBeMergedRule]):
            continue
        for _ in range(CASES_OF_EACH):
            yield text, kind, document, writer.variables()
            GROWN.branches = Grower(dice, badness=0.1 if seed % 2 else 0).branches()


async def differences(seeds: Iterable[int]) -> tuple[int, list[str], Executor]:
    executor, count, found = Executor(SCHEMA, planned_from_use=1), 0, list[str]()
    for text, kind, document, variables in documents(seeds):
        count += 1
        library = streamed_by_the_library if kind == "subscription" else by_the_library
        expected = await library(document, variables)
        executor.documents.keep(text, document)
        got = await by_plans(executor, Asked(text, variables, None))
        if got != expected:
            found.append(f"{text}\n{variables}\n{expected}\n{got}")
    return count, found, executor


async def nothing_differs(seeds: range) -> None:
    gc.disable()  # it would run inside a tuple's constructor, where Python cannot even warn
    try:
        with structlog.testing.capture_logs():
            count, found, executor = await differences(seeds)
    finally:
        gc.enable()
        gc.collect()
    assert not found, f"{len(found)} of {count} differ, such as {found[0]}"
    assert count > 2 * len(seeds), "most documents are valid"
    assert executor.counts.used > count // 2
    assert executor.counts.abandoned > count // 10, "the data was wrong often enough"


@LEFT_BY_THE_LIBRARY
async def test_plans_say_what_the_library_says() -> None:
    await nothing_differs(range(120))


@LEFT_BY_THE_LIBRARY
@pytest.mark.slow
@pytest.mark.timeout(1_800)
async def test_plans_say_what_the_library_says_for_long() -> None:
    """20,000 cases and more."""
    for begin in range(1_000, 7_000, 500):
        await nothing_differs(range(begin, begin + 500))
