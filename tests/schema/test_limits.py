"""A document may be so large and no larger, and finding out takes no longer than reading it."""

import time
from collections.abc import Callable

import pytest
from graphql import GraphQLError, build_schema, get_introspection_query

from orderlog_schema.execution.checking import mistakes, parsed
from orderlog_schema.execution.measuring import exceeded
from orderlog_schema.limits import (
    ALIASES_MAX,
    DEPTH_MAX,
    DIRECTIVES_MAX,
    FIELDS_MAX,
    FRAGMENTS_MAX,
    MERGES_MAX,
    OPERATIONS_MAX,
    ROOT_FIELDS_MAX,
)
from orderlog_schema.schema import print_schema

TOO_COMPLEX, TOO_DEEP = ["QUERY_TOO_COMPLEX"], ["QUERY_TOO_DEEP"]


def codes(document: str) -> list[object]:
    """What a document is refused with, its limits only."""
    try:
        return [(error.extensions or {}).get("code") for error in exceeded(parsed(document))]
    except GraphQLError as error:
        return [(error.extensions or {}).get("code")]


def doubling(levels: int) -> str:
    """A short document whose fragments, written out, would be of 2^levels fields."""
    fragments = (
        f"fragment F{n} on Query {{ x{n}: version ...F{n + 1} ...F{n + 1} }}" for n in range(levels)
    )
    return f"{{ ...F0 }} {' '.join(fragments)} fragment F{levels} on Query {{ version }}"


def nested(levels: int) -> str:
    return "{ a " * levels + "}" * levels


def aliased(count: int) -> str:
    return "{ a {" + " ".join(f"a{n}: version" for n in range(count)) + "} }"


def directed(count: int) -> str:
    return "{ version " + "@skip(if: false) " * count + "}"


def rooted(count: int) -> str:
    return "{" + " ".join(f"f{n}" for n in range(count)) + "}"


def operating(count: int) -> str:
    return " ".join(f"query Q{n} {{ version }}" for n in range(count))


def fragmented(count: int) -> str:
    """Each fragment inside the one before: as deep a chain as there may be fragments."""
    chain = (f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(count - 1))
    return f"{{ ...F0 }} {' '.join(chain)} fragment F{count - 1} on Query {{ version }}"


def written_out(count: int) -> str:
    """A fragment that is spread in twenty places."""
    inner = " ".join(f"f{n}" for n in range(count // ROOT_FIELDS_MAX - 1))
    places = " ".join(f"p{n} {{ ...F }}" for n in range(ROOT_FIELDS_MAX))
    return f"{{ {places} }} fragment F on A {{ {inner} }}"


def merging(count: int) -> str:
    """One field again and again: so many pairs of it, or a few less."""
    again = int((2 * count) ** 0.5)
    return "{ a {" + " version" * again + "} }"


@pytest.mark.parametrize(
    ("made", "most", "more", "code"),
    [
        (nested, DEPTH_MAX, DEPTH_MAX + 1, TOO_DEEP),
        (nested, DEPTH_MAX, 900, TOO_DEEP),
        (aliased, ALIASES_MAX, ALIASES_MAX + 1, TOO_COMPLEX),
        (directed, DIRECTIVES_MAX, DIRECTIVES_MAX + 1, TOO_COMPLEX),
        (rooted, ROOT_FIELDS_MAX, ROOT_FIELDS_MAX + 1, TOO_COMPLEX),
        (operating, OPERATIONS_MAX, OPERATIONS_MAX + 1, TOO_COMPLEX),
        (fragmented, FRAGMENTS_MAX, FRAGMENTS_MAX + 1, TOO_COMPLEX),
        (written_out, FIELDS_MAX, FIELDS_MAX + ROOT_FIELDS_MAX, TOO_COMPLEX),
        (merging, MERGES_MAX, MERGES_MAX + 100, TOO_COMPLEX),
    ],
)
def test_there_may_be_so_much_and_no_more(
    made: Callable[[int], str], most: int, more: int, code: list[str]
) -> None:
    assert codes(made(most)) == []
    assert codes(made(more)) == code


def test_measuring_takes_no_longer_than_reading() -> None:
    document = doubling(FRAGMENTS_MAX - 2)
    begun = time.process_time()
    parsed_document = parsed(document)
    read = time.process_time() - begun
    assert [error.message for error in exceeded(parsed_document)]
    assert time.process_time() - begun < 3 * read + 0.01, "it must not walk every path"


def test_fragments_inside_each_other_are_refused_before_anything_follows_them() -> None:
    circle = "{ ...A } fragment A on Q { b { ...B } } fragment B on Q { c { ...A } }"
    (error,) = exceeded(parsed(circle))
    assert error.message.startswith("Fragments are in each other: ")


def test_tools_may_introspect() -> None:
    assert codes(get_introspection_query(input_value_deprecation=True)) == []


def test_a_schema_that_is_not_revealed_gives_no_names_away() -> None:
    schema, misspelt = build_schema(print_schema()), parsed("{ versiom }")
    (error,) = mistakes(schema, misspelt)
    assert "Did you mean 'version'" in error.message
    (error,) = mistakes(schema, misspelt, is_revealing=False)
    assert "version'" not in error.message
