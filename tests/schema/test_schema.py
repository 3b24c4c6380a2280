"""The schema keeps its own rules, and its printed form is the one in the repository."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    is_specified_scalar_type,
)

from orderlog_schema.schema import print_schema

SDL: Final = Path(__file__).parents[2] / "schema/schema.graphql"


@pytest.fixture(scope="module")
def printed() -> str:
    return print_schema()


@pytest.fixture(scope="module")
def schema(printed: str) -> GraphQLSchema:
    return build_schema(printed)


def test_the_printed_schema_is_the_committed_one(printed: str) -> None:
    assert printed == SDL.read_text(), "write it anew with: python3 dev.py docs"


def described(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """Every type, field, argument and value with its description."""
    for name, kind in schema.type_map.items():
        if name.startswith("__") or is_specified_scalar_type(kind):
            continue
        yield name, kind.description
        match kind:
            case GraphQLEnumType():
                for value in kind.values:
                    yield f"{name}.{value}", kind.values[value].description
            case GraphQLInputObjectType():
                for field in kind.fields:
                    yield f"{name}.{field}", kind.fields[field].description
            case GraphQLObjectType() | GraphQLInterfaceType():
                for field, shown in kind.fields.items():
                    yield f"{name}.{field}", shown.description
                    for argument in shown.args:
                        place = f"{name}.{field}({argument})"
                        yield place, shown.args[argument].description
            case _:
                pass


def test_everything_is_described(schema: GraphQLSchema) -> None:
    assert [place for place, description in described(schema) if not description] == []


def test_no_default_is_null(printed: str) -> None:
    assert "= null" not in printed


def test_our_scalars_say_where_they_are_specified(printed: str) -> None:
    scalars = [line for line in printed.splitlines() if line.startswith("scalar ")]
    assert len(scalars) == 7
    assert [line for line in scalars if "@specifiedBy(url:" not in line] == []


def test_no_number_of_ours_is_a_float(printed: str) -> None:
    assert "Float" not in printed


def test_a_mutation_takes_one_input_and_answers_with_errors(schema: GraphQLSchema) -> None:
    assert schema.mutation_type is not None
    assert len(schema.mutation_type.fields) == 35
    for name, field in schema.mutation_type.fields.items():
        kind = f"{name[0].upper()}{name[1:]}"
        assert [(n, str(a.type)) for n, a in field.args.items()] == [("input", f"{kind}Input!")]
        assert str(field.type) == f"{kind}Payload!"
        shown = schema.type_map[f"{kind}Payload"]
        assert isinstance(shown, GraphQLObjectType)
        payload = {n: str(f.type) for n, f in shown.fields.items()}
        assert payload["errors"] == "[UserError!]!"
        if name.endswith("DeadLetters"):
            continue  # no command of the log, but work on a read model
        thing = payload.popitem()[1]
        assert thing in {"Order", "StockItem", "Payment", "Process"}
        assert payload == {
            "position": "Position!",
            "replayed": "Boolean!",
            "errors": "[UserError!]!",
        }
