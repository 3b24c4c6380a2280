"""Variables and arguments, read by functions that are made for their types once.

Two steps, as in the library: JSON becomes what GraphQL understands (`Coercion`), and that becomes
what a resolver takes (`Conversion`). Whatever a function does not expect it leaves to the library.
"""

# The library's types are generic over others that it does not name:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import Any, Final, NamedTuple, TypeVar, cast

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    Undefined,
)
from graphql.execution.get_variable_signature import (
    GraphQLVariableSignature,
    get_variable_signature,
)
from graphql.execution.values import VariableValues, VariableValueSource
from graphql.utilities.coerce_input_value import coerce_default_value
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryObjectDefinition,
    StrawberryOptional,
    has_object_definition,
)
from strawberry.types.lazy_type import LazyType

from orderlog_schema.execution.surprise import Surprise

T = TypeVar("T")
Read = Callable[[Any], Any]
"""Raises whatever it likes for what it does not expect."""

INT_MAX: Final = 2**31 - 1


class Variable(NamedTuple):
    signature: GraphQLVariableSignature
    read: Read
    is_required: bool
    has_default: bool


class Coercion:
    """Makes the functions that read JSON; for each type of a schema one."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._objects: dict[str, Read] = {}

    def variables(self, operation: OperationDefinitionNode) -> tuple[Variable, ...]:
        """How the variables of an operation are read. Raises `Surprise`."""
        variables: list[Variable] = []
        for definition in operation.variable_definitions or ():
            signature = get_variable_signature(self._schema, definition)
            if not isinstance(signature, GraphQLVariableSignature):
                raise Surprise
            kind = signature.type
            has_default = signature.default is not None
            is_required = isinstance(kind, GraphQLNonNull) and not has_default
            variables.append(Variable(signature, self.of(kind), is_required, has_default))
        return tuple(variables)

    def of(self, kind: GraphQLInputType) -> Read:
        if isinstance(kind, GraphQLNonNull):
            return required(self._nullable(kind.of_type))
        return nullable(self._nullable(kind))

    def _nullable(self, kind: Any) -> Read:  # noqa: ANN401 - a type that is not non-null
        if isinstance(kind, GraphQLList):
            return list_of(self.of(cast("Any", kind).of_type))
        if isinstance(kind, GraphQLInputObjectType):
            return self._object(kind)
        if isinstance(kind, GraphQLScalarType) and kind.name in EXACTLY:
            return EXACTLY[kind.name]
        if isinstance(kind, GraphQLScalarType | GraphQLEnumType):
            return cast("Read", kind.coerce_input_value)
        raise Surprise

    def _object(self, kind: GraphQLInputObjectType) -> Read:
        """Types may be in each other: what is being made is found by its name."""
        if kind.name in self._objects:
            return later(self._objects, kind.name)
        self._objects[kind.name] = surprise
        fields = {
            name: (field.out_name or name, self.of(field.type))
            for name, field in kind.fields.items()
        }
        needed = {
            out
            for name, (out, _) in fields.items()
            if isinstance(kind.fields[name].type, GraphQLNonNull)
        }
        read = object_of(fields, frozenset(needed))
        if any(has_default(field) for field in kind.fields.values()):
            read = surprise
        elif kind.is_one_of or "out_type" in vars(kind):
            read = one_of(read)
        self._objects[kind.name] = read
        return read


def coerced(variables: tuple[Variable, ...], given: Mapping[str, Any]) -> VariableValues:
    """Raises whatever the functions raise."""
    sources: dict[str, VariableValueSource] = {}
    values: dict[str, Any] = {}
    for signature, read, is_required, has_default in variables:
        name = signature.name
        if name in given:
            value = given[name]
            sources[name] = VariableValueSource(signature, value)
            values[name] = read(value)
        elif is_required:
            raise Surprise
        else:
            sources[name] = VariableValueSource(signature)
            if has_default:
                values[name] = coerce_default_value(signature)
    return VariableValues(sources, values)


def later(made: Mapping[T, Read], key: T) -> Read:
    """For a type that is in itself: its function is not made yet."""

    def read(value: object) -> Any:  # noqa: ANN401 - of this type
        return made[key](value)

    return read


def has_default(field: GraphQLInputField) -> bool:
    return field.default is not None or field.default_value is not Undefined


def surprise(value: object) -> Any:  # noqa: ANN401, ARG001 - as every other
    raise Surprise


def text(value: object) -> str:
    if type(value) is str:
        return value
    raise Surprise


def whole(value: object) -> int:
    if type(value) is int and -INT_MAX <= value <= INT_MAX:
        return value
    raise Surprise


def truth(value: object) -> bool:
    if type(value) is bool:
        return value
    raise Surprise


EXACTLY: Final[Mapping[str, Read]] = {
    GraphQLString.name: text,
    GraphQLID.name: text,
    GraphQLInt.name: whole,
    GraphQLBoolean.name: truth,
}
"""What need not be converted, only looked at."""


def required(read: Read) -> Read:
    if read in EXACTLY.values():
        return read

    def read_required(value: object) -> Any:  # noqa: ANN401 - of any type
        if value is None or (result := read(value)) is Undefined:
            raise Surprise
        return result

    return read_required


def nullable(read: Read) -> Read:
    return lambda value: None if value is None else read(value)


def list_of(read: Read) -> Read:
    def read_list(value: Any) -> list[Any]:  # noqa: ANN401 - as it came
        if type(value) is not list:
            raise Surprise
        return [read(one) for one in value]

    return read_list


def object_of(fields: Mapping[str, tuple[str, Read]], needed: frozenset[str]) -> Read:
    def read_object(value: object) -> dict[str, Any]:
        if type(value) is not dict:
            raise Surprise
        result: dict[str, Any] = {}
        for name, part in cast("dict[str, Any]", value).items():
            out, read = fields[name]
            result[out] = read(part)
        if not needed <= result.keys():
            raise Surprise
        return result

    return read_object


def one_of(read: Read) -> Read:
    def read_one(value: object) -> dict[str, Any]:
        result: dict[str, Any] = read(value)
        if len(result) != 1 or None in result.values():
            raise Surprise
        return result

    return read_one


class Conversion:
    """Makes the functions that build what resolvers take; for each of Strawberry's types one."""

    def __init__(self, config: StrawberryConfig) -> None:
        self._name_of = config.name_converter.from_field
        self._objects: dict[type, Read] = {}

    def of(self, kind: Any) -> Read | None:  # noqa: ANN401 - one of Strawberry's types
        """None where a value is taken as it is. Raises `Surprise` for what the library must do."""
        if isinstance(kind, StrawberryMaybe | LazyType):
            raise Surprise
        if isinstance(kind, StrawberryOptional):
            return self.of(kind.of_type)
        if isinstance(kind, StrawberryList):
            each = self.of(kind.of_type)
            return list if each is None else many(each)
        if has_object_definition(kind):
            return self._object(kind, kind.__strawberry_definition__)
        return None

    def _object(self, kind: type, definition: StrawberryObjectDefinition) -> Read:
        if kind in self._objects:
            return later(self._objects, kind)
        self._objects[kind] = surprise
        fields = definition.fields
        if (
            definition.from_input is not None
            or hasattr(kind, "__post_init__")
            or any(field.default_factory is not MISSING for field in fields)
        ):
            raise Surprise
        absent = {
            field.python_name: None if field.default_value is MISSING else field.default_value
            for field in fields
        }
        parts = {
            self._name_of(field): (
                field.python_name,
                self.of(field.resolve_type(type_definition=definition)),
            )
            for field in fields
        }
        self._objects[kind] = made_of(kind, absent, parts)
        return self._objects[kind]


def many(convert: Read) -> Read:
    return lambda value: [None if one is None else convert(one) for one in value]


def made_of(
    kind: type, absent: Mapping[str, Any], parts: Mapping[str, tuple[str, Read | None]]
) -> Read:
    """As the constructor would, which takes as long as all of the rest."""
    template = dict(absent)

    def make(value: Mapping[str, Any]) -> Any:  # noqa: ANN401 - one of this kind
        attributes = template.copy()
        for name, part in value.items():
            attribute, convert = parts[name]
            attributes[attribute] = part if convert is None or part is None else convert(part)
        made: Any = object.__new__(kind)
        made.__dict__ = attributes
        return made

    return make
