"""An operation for every field of the schema, made from the schema as it is printed.

What each takes is read from the printed directives, so that neither the code that checks rules nor
the table of permissions is believed.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
)

SDL: Final = Path(__file__).parents[2] / "schema/schema.graphql"
ROOTS: Final = ("Query", "Mutation", "Subscription")
BEYOND_ORDERS: Final = frozenset({("Query", "node"), ("Query", "nodes")})
"""Roots that lead to anything: the way to a type goes through the others."""
IDS: Final = {
    "orderId": "order",
    "customerId": "customer",
    "paymentId": "payment",
    "processId": "process",
    "key": "order",
}
"""Which thing of an owner an argument of this name means."""
ARGUMENTS: Final[Mapping[str, str]] = {
    "Query.order": 'id: "{order}"',
    "Query.customer": 'id: "{customer}"',
    "Query.node": 'id: "{node}"',
    "Query.nodes": 'ids: ["{node}"]',
    "Query.process": 'orderId: "{order}"',
    "Query.events": "first: 500",
    "Query.stockItem": 'sku: "TEA", warehouseId: "main"',
    "Subscription.orderEvents": 'orderId: "{order}", after: "0"',
    "Subscription.orderChanged": 'after: "0"',
    "Subscription.stockChanged": 'after: "0"',
}
"""What cannot be guessed from the types, or would be too little."""

Way = tuple[str, ...]
"""From a root to a type: names of fields, and `... on X`."""
HasFields = GraphQLObjectType | GraphQLInterfaceType


@dataclass(frozen=True)
class Cells:
    """All fields of one type, reached in one way, as operations and what these take."""

    way: Way
    type_name: str
    takes: Mapping[str, frozenset[str]]
    """The audiences of each field of the type, by `Type.field`."""
    takes_on_the_way: Mapping[str, frozenset[str]]
    text: str
    """`@fields` is to be filled, and `{order}` and its like with what somebody has."""

    def operation(self, selections: Iterable[str], things: Mapping[str, str]) -> str:
        text = self.text.replace("@fields", " ".join(selections))
        for name, value in things.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    @property
    def root(self) -> str:
        return self.way[0]

    @property
    def asked(self) -> str:
        """The field of the root that leads there; none for the root itself."""
        return self.way[1] if len(self.way) > 1 else ""


class Matrix:
    """Every type of the schema with fields, and one way to it at least."""

    def __init__(self) -> None:
        self.schema: GraphQLSchema = build_schema(SDL.read_text("utf-8"))
        self.cells = [self._cells(way) for way in dict.fromkeys(self._every_way())]

    def _every_way(self) -> Iterator[Way]:
        """To all types; and from each root to what is near, whatever other ways there are."""
        reached = set[str]()
        for root in ROOTS:
            yield (root,)
            for name, way in self._ways((root,), root).items():
                if name not in reached:
                    yield way
                    reached.add(name)
            for step, name in self._steps(root):
                nearby = self._ways((root, step), name).values()
                yield from (way for way in nearby if len(way) <= NEAR[root])

    def _ways(self, start: Way, type_name: str) -> dict[str, Way]:
        """The shortest way to every type that one leads to."""
        found: dict[str, Way] = {type_name: start}
        waiting = deque([type_name])
        while waiting:
            name = waiting.popleft()
            for step, reached in self._steps(name):
                if reached not in found and (name, step) not in BEYOND_ORDERS:
                    found[reached] = (*found[name], step)
                    waiting.append(reached)
        return found

    def _steps(self, name: str) -> Iterator[tuple[str, str]]:
        kind = self._type(name)
        for field, shown in kind.fields.items():
            if is_composite_type(get_named_type(shown.type)):
                yield field, _name_of(shown.type)
        if isinstance(kind, GraphQLInterfaceType):
            yield from (
                (f"... on {one.name}", one.name) for one in self.schema.get_possible_types(kind)
            )

    def _type(self, name: str) -> HasFields:
        kind = self.schema.type_map[name]
        assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        return kind

    def _cells(self, way: Way) -> Cells:
        root = name = way[0]
        on_the_way, opening = dict[str, frozenset[str]](), root.lower()
        for step in way[1:]:
            if step.startswith("... on "):
                name, opening = step.removeprefix("... on "), f"{opening} {{ {step}"
            else:
                on_the_way[f"{name}.{step}"] = self.takes(name, step)
                opening = f"{opening} {{ {self._call(name, step)}"
                name = _name_of(self._type(name).fields[step].type)
        return Cells(
            way=way,
            type_name=name,
            takes={f"{name}.{one}": self.takes(name, one) for one in self._type(name).fields},
            takes_on_the_way=on_the_way,
            text=f"{opening} {{ @fields {'}' * len(way)}",
        )

    @property
    def names(self) -> Iterator[str]:
        """All types that have fields."""
        for name, kind in self.schema.type_map.items():
            if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and name[:2] != "__":
                yield name

    def fields(self, name: str) -> dict[str, str]:
        """The fields of a type as they are selected, by `Type.field`."""
        return {f"{name}.{one}": self._selection(name, one) for one in self._type(name).fields}

    def _selection(self, name: str, field: str) -> str:
        is_composite = is_composite_type(get_named_type(self._type(name).fields[field].type))
        return self._call(name, field) + (" { __typename }" if is_composite else "")

    def takes(self, name: str, field: str) -> frozenset[str]:
        kind = self._type(name)
        return _allowed(kind.fields[field].ast_node) or _allowed(kind.ast_node) or frozenset()

    def _call(self, name: str, field: str) -> str:
        shown, place = self._type(name).fields[field], f"{name}.{field}"
        given = ARGUMENTS.get(place) or ", ".join(
            f"{one}: {self._value(one, argument.type)}"
            for one, argument in shown.args.items()
            if is_required_argument(argument)
        )
        return f"{field}({given})" if given else field

    def _value(self, name: str, kind: Any) -> str:  # noqa: ANN401 - a type of an input
        """Something that fits, and does nothing: what it names is nowhere, or somebody's."""
        if str(kind).endswith("!"):
            return self._value(name, kind.of_type)
        if isinstance(kind, GraphQLList):
            return "[]"
        if isinstance(kind, GraphQLInputObjectType):
            inner = (
                f"{one}: {self._value(one, field.type)}"
                for one, field in kind.fields.items()
                if is_required_input_field(field)
            )
            return f"{{{', '.join(inner)}}}"
        if isinstance(kind, GraphQLEnumType):
            return str(next(iter(kind.values)))
        if name in IDS:
            return f'"{{{IDS[name]}}}"'
        return VALUES.get(kind.name, '"nowhere"')


NEAR: Final = {"Query": 4, "Mutation": 2, "Subscription": 4}
"""How far beyond its own fields each root is tried in its own way."""
VALUES: Final = {"Int": "1", "Boolean": "true", "BigInt": '"1"', "DateTime": '"2026-01-01T00:00Z"'}


def _name_of(kind: Any) -> str:  # noqa: ANN401 - any type of a field
    return cast("GraphQLNamedType", get_named_type(kind)).name


def _allowed(node: Any) -> frozenset[str] | None:  # noqa: ANN401 - of a type or a field
    for directive in node.directives or ():
        if directive.name.value == "allowed":
            (to,) = directive.arguments
            return frozenset(one.value for one in to.value.values)
    return None
