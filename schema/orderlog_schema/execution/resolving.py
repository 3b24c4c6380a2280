"""A field with a resolver: how it reads its arguments and calls it, found out once."""

# The library's types are generic over others that it does not name:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias, cast

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLField,
    GraphQLInputType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    Undefined,
    ValueNode,
    VariableNode,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.values import VariableValues, get_argument_values
from graphql.utilities import coerce_input_literal
from strawberry.schema.config import StrawberryConfig
from strawberry.types.field import StrawberryField

from orderlog_schema.execution.coercion import Conversion, Read
from orderlog_schema.execution.selections import definition_of
from orderlog_schema.execution.surprise import Surprise

ResolveInfo: TypeAlias = GraphQLResolveInfo[Any]


class Argument(NamedTuple):
    """Where the value of an argument comes from: a variable, or what stands in the document."""

    name: str
    variable: str | None
    literal: Callable[[VariableValues], Any]
    is_required: bool
    convert: Read | None


class Resolving(NamedTuple):
    """Calls a resolver as the library would, without finding out again how that is done."""

    definition: GraphQLField
    field: StrawberryField
    nodes: list[FieldNode]
    function: Callable[..., Any]
    arguments: Sequence[Argument]
    takes_self: bool
    info_name: str | None
    info_class: type[Any]

    @property
    def kind(self) -> GraphQLOutputType:
        return self.definition.type

    def resolve(self, source: Any, info: ResolveInfo, variables: VariableValues) -> Any:  # noqa: ANN401 - anything
        try:
            given = bound(self.arguments, variables)
        except Exception:  # noqa: BLE001 - the library says what is wrong
            return self._resolve_anew(source, info, variables)
        if self.info_name is not None:
            given[self.info_name] = self.info_class(_raw_info=info, _field=self.field)
        return self.function(source, **given) if self.takes_self else self.function(**given)

    def _resolve_anew(
        self,
        source: Any,  # noqa: ANN401 - anything
        info: ResolveInfo,
        variables: VariableValues,
    ) -> Any:  # noqa: ANN401 - anything
        resolve = cast("Callable[..., Any]", self.definition.resolve)
        return resolve(
            source, info, **get_argument_values(self.definition, self.nodes[0], variables)
        )


class Event(NamedTuple):
    """The root of a subscription: what came of its source is what it shows."""

    definition: GraphQLField
    nodes: list[FieldNode]

    @property
    def kind(self) -> GraphQLOutputType:
        return self.definition.type

    def resolve(self, source: Any, info: ResolveInfo, variables: VariableValues) -> Any:  # noqa: ANN401, ARG002 - as above
        return source


def resolving(
    schema: GraphQLSchema,
    config: StrawberryConfig,
    kind: GraphQLObjectType,
    place: FieldDetailsList,
) -> Resolving | Event | None:
    """None for what the library must do itself."""
    nodes = [one.node for one in place]
    definition = schema.get_field(kind, nodes[0].name.value)
    field: Any = None if definition is None else definition_of(definition)
    if definition is None or not isinstance(field, StrawberryField) or field.extensions:
        return None
    if kind is schema.subscription_type:
        return Event(definition, nodes)
    try:
        return _resolving(config, definition, field, nodes)
    except Surprise:
        return None


def _resolving(
    config: StrawberryConfig,
    definition: GraphQLField,
    field: StrawberryField,
    nodes: list[FieldNode],
) -> Resolving:
    resolver = field.base_resolver
    if resolver is None:
        return Resolving(
            definition,
            field,
            nodes,
            attribute(field),
            (),
            takes_self=True,
            info_name=None,
            info_class=config.info_class,
        )
    if resolver.parent_parameter or resolver.root_parameter:
        raise Surprise
    info = resolver.info_parameter
    return Resolving(
        definition,
        field,
        nodes,
        cast("Callable[..., Any]", resolver.wrapped_func),
        arguments_of(config, definition, field, nodes[0]),
        resolver.self_parameter is not None,
        None if info is None else info.name,
        config.info_class,
    )


def attribute(field: StrawberryField) -> Callable[[Any], Any]:
    name, read = field.python_name, field.default_resolver
    if not field.is_basic_field:
        raise Surprise
    return lambda source: read(source, name)


def arguments_of(
    config: StrawberryConfig, definition: GraphQLField, field: StrawberryField, node: FieldNode
) -> Sequence[Argument]:
    """Raises `Surprise` for defaults that stand in the schema."""
    given = {one.name.value: one for one in node.arguments or ()}
    conversion, arguments = Conversion(config), list[Argument]()
    for one in field.arguments:
        name = config.name_converter.from_argument(one)
        argument = definition.args[name]
        if argument.default is not None or argument.default_value is not Undefined:
            raise Surprise
        node_given = given.get(name)
        is_required = isinstance(argument.type, GraphQLNonNull)
        if node_given is None:
            continue
        variable, literal = source_of(node_given, argument.type)
        convert = conversion.of(one.type)
        arguments.append(Argument(one.python_name, variable, literal, is_required, convert))
    return tuple(arguments)


def source_of(
    given: ArgumentNode, kind: GraphQLInputType
) -> tuple[str | None, Callable[[VariableValues], Any]]:
    value = given.value
    if isinstance(value, VariableNode):
        return value.name.value, nothing
    if has_variables(value):
        return None, lambda variables: coerce_input_literal(value, kind, variables)
    literal = coerce_input_literal(value, kind)
    return None, lambda _: literal


def nothing(_: VariableValues) -> Any:  # noqa: ANN401 - as others have it
    return Undefined


def has_variables(value: ValueNode) -> bool:
    if isinstance(value, VariableNode):
        return True
    inner: Sequence[Any] = getattr(value, "values", None) or getattr(value, "fields", None) or ()
    return any(
        has_variables(getattr(one, "value", one)) for one in inner if not isinstance(one, str)
    )


def bound(arguments: Sequence[Argument], variables: VariableValues) -> dict[str, Any]:
    """Raises `Surprise`, or whatever else is raised on the way."""
    given: dict[str, Any] = {}
    for name, variable, literal, is_required, convert in arguments:
        if variable is None:
            value = literal(variables)
        elif variable in variables.coerced:
            value = variables.coerced[variable]
        elif is_required:
            raise Surprise
        else:
            continue
        if value is Undefined or (value is None and is_required):
            raise Surprise
        given[name] = value if convert is None or value is None else convert(value)
    return given
