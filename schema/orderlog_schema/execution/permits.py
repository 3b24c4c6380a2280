"""Whether somebody may ask for an operation at all: found out from the document, once.

Nothing of an operation runs where one field of it is for others, even one that `@include` would
leave out. Whose rows are shown is another matter, and decided where they are loaded.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)

from orderlog_schema.permissions import rule_of
from orderlog_schema.principals import Audience

FORBIDDEN: Final = "FORBIDDEN"
INTROSPECTION: Final = "__"

Rules: TypeAlias = Mapping[str, Mapping[str, frozenset[Audience]]]
"""The audiences of each field, by the name of its type; empty where there is no rule: nobody."""


def rules_of(schema: GraphQLSchema) -> Rules:
    return {
        name: {field: _rule(shown) or _rule(kind) for field, shown in kind.fields.items()}
        for name, kind in schema.type_map.items()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        and not name.startswith(INTROSPECTION)
    }


def _rule(one: Any) -> frozenset[Audience]:  # noqa: ANN401 - a type or a field of the schema
    return rule_of(one.extensions.get("strawberry-definition"))


class Permit:
    """What one operation takes: the fields that are not for everybody, and who was let through."""

    __slots__ = ("_needs", "_refusals")

    def __init__(self, needs: Mapping[str, tuple[frozenset[Audience], FieldNode]]) -> None:
        self._needs = needs
        self._refusals: dict[frozenset[Audience], Sequence[GraphQLError]] = {}

    def refusals(self, audiences: frozenset[Audience]) -> Sequence[GraphQLError]:
        """An error for each field that is for none of these; empty for who may ask."""
        known = self._refusals.get(audiences)
        if known is None:
            known = self._refusals[audiences] = [
                forbidden(field, rule, node)
                for field, (rule, node) in self._needs.items()
                if rule.isdisjoint(audiences)
            ]
        return known


def forbidden(field: str, rule: frozenset[Audience], node: FieldNode | None = None) -> GraphQLError:
    """What those are told for whom a field is not."""
    requires = [audience.value for audience in Audience if audience in rule]
    message = f"{field} is for {', '.join(requires) or 'nobody'} only."
    return GraphQLError(
        message, node, extensions={"code": FORBIDDEN, "field": field, "requires": requires}
    )


class Permits:
    """Makes permits: one pass over an operation, each of its fragments once."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._types = schema
        self._rules = rules_of(schema)

    def permit(
        self, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> Permit:
        """For an operation of a valid document."""
        root = self._types.get_root_type(operation.operation)
        needs: dict[str, tuple[frozenset[Audience], FieldNode]] = {}
        for kind, node in self._fields(root, operation.selection_set, fragments):
            field = f"{kind.name}.{node.name.value}"
            if field not in needs:
                needs[field] = (self._rules[kind.name][node.name.value], node)
        return Permit(needs)

    def _fields(
        self,
        root: Any,  # noqa: ANN401 - a type that has fields
        selections: SelectionSetNode,
        fragments: Mapping[str, FragmentDefinitionNode],
    ) -> Iterator[tuple[GraphQLNamedType, FieldNode]]:
        """Every field of ours that is selected anywhere, with the type that it is selected on."""
        to_visit: list[tuple[GraphQLNamedType, SelectionSetNode]] = [(root, selections)]
        visited = set[str]()
        while to_visit:
            kind, selected = to_visit.pop()
            for one in selected.selections:
                match one:
                    case FieldNode(name=name) if not name.value.startswith(INTROSPECTION):
                        yield kind, one
                        if one.selection_set is not None:
                            to_visit.append((self._type_of(kind, name.value), one.selection_set))
                    case InlineFragmentNode(type_condition=condition):
                        on = kind if condition is None else self._named(condition.name.value)
                        to_visit.append((on, one.selection_set))
                    case FragmentSpreadNode(name=name) if name.value not in visited:
                        visited.add(name.value)
                        fragment = fragments[name.value]
                        on = self._named(fragment.type_condition.name.value)
                        to_visit.append((on, fragment.selection_set))
                    case _:
                        pass

    def _named(self, name: str) -> GraphQLNamedType:
        return self._types.type_map[name]

    def _type_of(self, kind: Any, field: str) -> GraphQLNamedType:  # noqa: ANN401 - has fields
        shown: Any = kind.fields[field].type
        return cast("GraphQLNamedType", get_named_type(shown))
