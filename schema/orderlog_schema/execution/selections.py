"""Selections of plain fields become Python functions: from an object to what is shown of it.

A field is plain if it is an attribute, or a synchronous method without arguments: it only looks at
its object, so that the library can look again where a function was surprised.
"""

# The library's types are generic over others that it does not name:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import count
from typing import Any, Final, Protocol, cast

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
    Undefined,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from strawberry.execution import optimized_is_awaitable
from strawberry.types.field import StrawberryField

from orderlog_schema.execution.surprise import Surprise
from orderlog_schema.fields import READ

Show = Callable[[Any], Any]
"""From an object to its JSON; raises whatever it likes where it is surprised."""

TYPENAME: Final = "__typename"
ROW: Final = "row"
WORTH_A_LOCAL: Final = 3
"""So often a row must be read."""


class Collect(Protocol):
    """Which fields of a type are selected at a place; always the same lists for the same place."""

    def __call__(self, kind: GraphQLObjectType, place: FieldDetailsList, /) -> GroupedFieldSet: ...


class Resolved(Surprise):
    """A field that is not plain: it has a resolver of its own."""


@dataclass(slots=True)
class Function:
    """The source of a function and the names that it uses."""

    lines: list[str]
    names: dict[str, Any]

    def made(self) -> Show:
        source = "\n".join(self.lines)
        exec(compile(source, "<selection>", "exec"), self.names)  # noqa: S102 - names come from the schema, keys are quoted
        return cast("Show", self.names["show"])


class Compiler:
    """Compiles the selections of one operation, under one set of conditions."""

    def __init__(self, schema: GraphQLSchema, collect: Collect) -> None:
        self._schema = schema
        self._collect = collect
        self._function = Function([], {})
        self._numbers = count()

    def value(self, kind: Any, place: FieldDetailsList) -> Show:  # noqa: ANN401 - an output type
        """For a value of a type. Raises `Resolved` where something in it has a resolver."""
        self._function = Function([], {})
        return self._made(f" return {self._value(kind, place, 'o')}")

    def plain(self, kind: GraphQLObjectType, fields: GroupedFieldSet) -> tuple[Show, list[str]]:
        """For an object: all that is plain, nulls where a resolver must be asked; and these."""
        self._function = Function([], {})
        shown: list[str] = []
        resolved: list[str] = []
        for key, place in fields.items():
            try:
                shown.append(f"{key!r}: {self._field(kind, place)}")
            except Resolved:
                resolved.append(key)
                shown.append(f"{key!r}: None")
        return self._made(self._body(shown)), resolved

    def _made(self, body: str) -> Show:
        self._function.lines.append(f"def show(o):\n{body}")
        return self._function.made()

    @staticmethod
    def _body(shown: Sequence[str]) -> str:
        """Of a function that shows an object; what is read off its row is read off a local."""
        body = f" return {{{', '.join(shown)}}}"
        if body.count(f"o.{ROW}.") < WORTH_A_LOCAL:
            return body
        return f" r = o.{ROW}\n" + body.replace(f"o.{ROW}.", "r.")

    def _name(self, value: object) -> str:
        name = f"k{next(self._numbers)}"
        self._function.names[name] = value
        return name

    def _local(self) -> str:
        return f"v{next(self._numbers)}"

    def _field(self, kind: GraphQLObjectType, place: FieldDetailsList) -> str:
        name = place[0].node.name.value
        if name == TYPENAME:
            return repr(kind.name)
        field = self._schema.get_field(kind, name)
        if field is None:
            raise Resolved
        return self._value(field.type, place, self._read(field))

    def _read(self, field: GraphQLField) -> str:
        definition = plain_definition(field)
        if definition is None:
            raise Resolved
        if definition.base_resolver is None:
            return f"o.{definition.python_name}"
        function: Any = definition.base_resolver.wrapped_func
        read = getattr(function, READ, function)
        return f"o.{read}" if isinstance(read, str) else f"{self._name(read)}(o)"

    def _value(self, kind: Any, place: FieldDetailsList, read: str) -> str:  # noqa: ANN401 - an output type
        if isinstance(kind, GraphQLNonNull):
            inner: Any = kind.of_type
            return self._present(inner, place, read)
        local = self._local()
        shown = self._present(kind, place, local)
        return f"(None if ({local} := {read}) is None else {shown})"

    def _present(self, kind: Any, place: FieldDetailsList, read: str) -> str:  # noqa: ANN401 - as above
        if isinstance(kind, GraphQLScalarType):
            return self._scalar(kind, read)
        if isinstance(kind, GraphQLEnumType):
            return self._enum(kind, read)
        if isinstance(kind, GraphQLList):
            return self._list(cast("Any", kind).of_type, place, read)
        if isinstance(kind, GraphQLObjectType):
            return f"{self._object(kind, place)}({read})"
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            return f"{self._abstract(kind, place)}({read})"
        raise Resolved

    def _scalar(self, kind: GraphQLScalarType, read: str) -> str:
        """What has the type that is looked for is shown as it stands; all else by the library."""
        local, leaf = self._local(), self._name(leaf_of(kind))
        condition = CONDITIONS.get(kind.name)
        if condition is not None:
            test = condition.format(v=local)
            return f"({local} if type({local} := {read}) {test} else {leaf}({local}))"
        if getattr(definition_of(kind), "serialize", None) is str:
            text = f"str({local}) if type({local}) is int else {leaf}({local})"
            return f"({local} if type({local} := {read}) is str else {text})"
        return f"{leaf}({read})"

    def _enum(self, kind: GraphQLEnumType, read: str) -> str:
        local, leaf = self._local(), self._name(leaf_of(kind))
        choices: type[Enum] | None = getattr(kind, "wrapped_cls", None)
        if choices is None or not all(kind.coerce_output_value(o) == o.value for o in choices):
            return f"{leaf}({read})"
        test = f"type({local} := {read}) is {self._name(choices)}"
        return f"({local}._value_ if {test} else {leaf}({local}))"

    def _list(self, kind: Any, place: FieldDetailsList, read: str) -> str:  # noqa: ANN401 - as above
        local, each = self._local(), self._local()
        shown = self._value(kind, place, each)
        test = f"type({local} := {read}) is list or type({local}) is tuple"
        return f"([{shown} for {each} in {local}] if {test} else {self._name(surprised)}({local}))"

    def _object(self, kind: GraphQLObjectType, place: FieldDetailsList) -> str:
        shown = [
            f"{key!r}: {self._field(kind, inner)}"
            for key, inner in self._collect(kind, place).items()
        ]
        name = f"f{next(self._numbers)}"
        guard = ""
        if kind.is_type_of is not None:
            own = self._name(getattr(definition_of(kind), "origin", None))
            guard = f" if type(o) is not {own}: raise {self._name(Surprise)}\n"
        self._function.lines.append(f"def {name}(o):\n{guard}{self._body(shown)}")
        return name

    def _abstract(
        self, kind: GraphQLInterfaceType | GraphQLUnionType, place: FieldDetailsList
    ) -> str:
        """By the class of the object, as long as it is just the one of a type."""
        functions = {
            getattr(definition_of(one), "origin", None): self._object(one, place)
            for one in self._schema.get_possible_types(kind)
        }
        named = ", ".join(f"{self._name(own)}: {name}" for own, name in functions.items())
        table = f"t{next(self._numbers)}"
        self._function.lines.append(f"{table} = {{{named}}}")
        name = f"f{next(self._numbers)}"
        self._function.lines.append(f"def {name}(o):\n return {table}[type(o)](o)")
        return name


CONDITIONS: Final[Mapping[str, str]] = {
    GraphQLString.name: "is str",
    GraphQLID.name: "is str",
    GraphQLBoolean.name: "is bool",
    GraphQLInt.name: "is int and -2147483648 <= {v} <= 2147483647",
    GraphQLFloat.name: "is float and {v} - {v} == 0.0",
}


def definition_of(one: Any) -> Any:  # noqa: ANN401 - a type or a field, and what Strawberry made it of
    return (one.extensions or {}).get("strawberry-definition")


def plain_definition(field: GraphQLField) -> StrawberryField | None:
    """Strawberry's field, if it is plain."""
    definition: Any = definition_of(field)
    if not isinstance(definition, StrawberryField) or field.args or definition.extensions:
        return None
    resolver = definition.base_resolver
    if resolver is None:
        is_attribute = definition.is_basic_field and definition.default_resolver is getattr
        return definition if is_attribute else None
    wanted = [one for one in resolver.reserved_parameters.values() if one is not None]
    takes_only_self = resolver.self_parameter is not None and len(wanted) == 1
    return definition if takes_only_self and not resolver.is_async else None


def leaf_of(kind: GraphQLScalarType | GraphQLEnumType) -> Show:
    """Shows a value as the library does; surprised by what it would not show."""
    shown = kind.coerce_output_value

    def leaf(value: Any) -> Any:  # noqa: ANN401 - whatever an attribute holds
        if value is None or isinstance(value, Exception) or optimized_is_awaitable(value):
            raise Surprise
        result = shown(value)
        if result is None or result is Undefined:
            raise Surprise
        return result

    return leaf


def surprised(_: object) -> Iterator[Any]:
    raise Surprise
