"""Every list says how long it is, and an operation costs what it may show."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    FragmentDefinitionNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_introspection_query,
)

from orderlog_schema.cost import ASKING, COUNTING, TELLING
from orderlog_schema.execution.checking import mistakes, parsed
from orderlog_schema.execution.pricing import Price, Prices, Tag, tags_of
from orderlog_schema.limits import COST_MAX
from orderlog_schema.schema import build_schema

PAGE = "query Page($n: Int, $m: Int = 5) { %s }"


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema().graphql


def price(schema: GraphQLSchema, text: str) -> Price:
    document = parsed(text)
    assert mistakes(schema, document) == []
    fragments = [d for d in document.definitions if isinstance(d, FragmentDefinitionNode)]
    (operation,) = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    return Prices(schema).of(operation, {one.name.value: one for one in fragments})


def costs(schema: GraphQLSchema, text: str, **variables: object) -> int:
    return price(schema, text).of(variables)


def list_fields(schema: GraphQLSchema) -> Iterator[tuple[str, str, Tag]]:
    for name, fields in tags_of(schema).items():
        if not name.startswith("__"):
            yield from ((name, field, tag) for field, tag in fields.items() if tag.is_list)


def fields_that_show(schema: GraphQLSchema, name: str) -> Iterator[Tag]:
    tags = tags_of(schema)
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field, shown in kind.fields.items():
                if str(shown.type).strip("[]!") == name:
                    yield tags[kind.name][field]


def test_every_list_says_how_long_it_is(schema: GraphQLSchema) -> None:
    listed = list(list_fields(schema))
    assert len(listed) > 60
    for name, field, tag in listed:
        if tag.size is None:
            pages = list(fields_that_show(schema, name))
            assert pages, f"{name}.{field} needs `listed(…)`"
            for page in pages:
                assert page.size is not None, f"what shows {name} needs `paged()`"
                assert field in (page.size.sized_fields or ()), f"{name}.{field}"


def test_every_mutation_costs_something(schema: GraphQLSchema) -> None:
    assert {tag.weight for tag in tags_of(schema)["Mutation"].values()} == {TELLING.weight}


def test_a_page_costs_its_size_times_what_is_in_it(schema: GraphQLSchema) -> None:
    page = ASKING.weight + 1
    assert costs(schema, "{ version head }") == 0
    assert costs(schema, "{ orders(first: 7) { nodes { id } } }") == page + 7
    assert costs(schema, "{ orders(last: 7) { nodes { id total { amount } } } }") == page + 14
    assert costs(schema, "{ orders { nodes { id } } }") == page + 20, "20 if not given"
    assert costs(schema, "{ orders { edges { cursor node { id } } } }") == page + 40
    assert costs(schema, "{ orders { pageInfo { endCursor } totalCount } }") == (
        page + 1 + COUNTING.weight
    )
    assert costs(schema, '{ nodes(ids: ["a", "b", "c"]) { id } }') == ASKING.weight + 3


def test_a_list_of_unknown_length_is_taken_to_be_so_long(schema: GraphQLSchema) -> None:
    lines = "{ orders(first: 10) { nodes { lines { total { amount } } } } }"
    assert costs(schema, lines) == ASKING.weight + 1 + 10 * (1 + 20 * 2)


def test_variables_say_how_long_a_page_is(schema: GraphQLSchema) -> None:
    text = PAGE % "orders(first: $n, last: $m) { nodes { history(first: $m) { nodes { type } } } }"
    asking = ASKING.weight + 1
    assert costs(schema, text) == asking + 5 * (1 + asking + 5)
    assert costs(schema, text, n=100) == asking + 100 * (1 + asking + 5)
    assert costs(schema, text, n=3, m=4) == asking + 4 * (1 + asking + 4)
    assert costs(schema, text, n=3, m=None) == asking + 3 * (1 + asking + 20)
    ids = "query Some($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert costs(schema, ids, ids=["a"] * 8) == ASKING.weight + 8


@pytest.mark.parametrize("size", [True, "7", {}, -1, 0, 10**30, float("inf"), [[]]])
def test_a_size_that_is_none_does_no_harm(schema: GraphQLSchema, size: Any) -> None:  # noqa: ANN401 - any JSON
    assert costs(schema, PAGE % "orders(first: $n, last: $m) { nodes { id } }", n=size) >= 1
    assert costs(schema, "{ orders(first: 2000000000) { nodes { id } } }") > COST_MAX


def test_fragments_cost_what_they_stand_for(schema: GraphQLSchema) -> None:
    plain = PAGE % "orders(first: $n, last: $m) { nodes { total { amount } ... on Node { id } } }"
    fragments = (
        PAGE % "...Q"
        + "fragment Q on Query { orders(first: $n, last: $m) { ...C } }"
        + "fragment C on OrderConnection { nodes { ...O ... { id } } }"
        + "fragment O on Order { total { amount } }"
    )
    assert costs(schema, plain, n=9) == costs(schema, fragments, n=9) == ASKING.weight + 1 + 18


def test_doubling_costs_a_lot_and_is_found_out_at_once(schema: GraphQLSchema) -> None:
    """Past the limits on purpose: the price alone must stay linear."""
    levels = 40
    doubling = "".join(
        f"fragment F{n} on Order {{ history(first: $n) {{ nodes {{ type }} }}"
        f" ...F{n + 1} ...F{n + 1} }}"
        for n in range(levels)
    )
    text = (
        "query Q($n: Int, $id: ID!) { order(id: $id) { ...F0 } }"
        f"{doubling} fragment F{levels} on Order {{ id }}"
    )
    document = parsed(text)
    fragments = [d for d in document.definitions if isinstance(d, FragmentDefinitionNode)]
    (operation,) = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    begun = time.process_time()
    made = Prices(schema).of(operation, {one.name.value: one for one in fragments})
    assert made.of({"n": 100}) > 2**levels
    assert time.process_time() - begun < 0.5


def test_tools_may_introspect_for_a_price(schema: GraphQLSchema) -> None:
    assert 0 < costs(schema, get_introspection_query()) <= COST_MAX
