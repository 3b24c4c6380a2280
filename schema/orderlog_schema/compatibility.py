"""Whether a schema keeps what a released one has promised.

Something may go only after it was released as `@deprecated`, with a reason that names the day from
which it may be gone: `@deprecated(reason: "Use `total`. May be gone from 2027-06-01.")`.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from graphql import (
    REMOVE,
    BreakingChange,
    ConstDirectiveNode,
    DocumentNode,
    GraphQLInputObjectType,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    Node,
    ObjectTypeDefinitionNode,
    StringValueNode,
    TypeDefinitionNode,
    Visitor,
    VisitorAction,
    build_ast_schema,
    find_schema_changes,
    parse,
    visit,
)

DAY: Final = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
ROOTS: Final[tuple[str, ...]] = ("Query", "Mutation", "Subscription")


def broken_promises(released: str, present: str, today: date) -> list[str]:
    """What would break clients of the released schema, and which deprecations name no day.

    Both schemas in SDL. Raises `GraphQLSyntaxError`.
    """
    document = parse(present)
    promised, kept = _schema(_promised(parse(released), today)), _schema(document)
    changes = find_schema_changes(promised, kept)
    broken = [change.description for change in changes if isinstance(change, BreakingChange)]
    return [*broken, *_narrowed(promised, kept), *_undated(document)]


def _schema(document: DocumentNode) -> GraphQLSchema:
    """What is left of a schema need not be whole: a type may have lost its last field."""
    return build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)


def _promised(released: DocumentNode, today: date) -> DocumentNode:
    """Without what may be gone by now, and without types that only this led to."""
    left: DocumentNode = visit(released, _Leaving(today))
    types = {
        definition.name.value: definition
        for definition in left.definitions
        if isinstance(definition, TypeDefinitionNode)
    }
    reached = _reached(types)
    return DocumentNode(
        definitions=tuple(
            definition
            for definition in left.definitions
            if not isinstance(definition, TypeDefinitionNode) or definition.name.value in reached
        )
    )


def _reached(types: dict[str, TypeDefinitionNode]) -> set[str]:
    """Names of the types that a client can come to: by fields, arguments and interfaces."""
    reached, waiting = set[str](), [name for name in ROOTS if name in types]
    while waiting:
        name = waiting.pop()
        if name in types and name not in reached:
            reached.add(name)
            waiting += _named(types[name])
            waiting += [one for one, kind in types.items() if name in _interfaces(kind)]
    return reached


def _interfaces(kind: TypeDefinitionNode) -> set[str]:
    if not isinstance(kind, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        return set()
    return {interface.name.value for interface in kind.interfaces or ()}


def _named(kind: Node) -> list[str]:
    """The types that a definition mentions."""
    names = _Names()
    visit(kind, names)
    return names.found


class _Names(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def enter_named_type(self, node: NamedTypeNode, *_: object) -> None:
        self.found.append(node.name.value)


class _Leaving(Visitor):
    """Takes out what was deprecated in time."""

    def __init__(self, today: date) -> None:
        super().__init__()
        self._today = today

    def enter(self, node: Node, *_: object) -> VisitorAction:
        day = _day_of(_reason_of(node) or "")
        return REMOVE if day is not None and day <= self._today else None


def _narrowed(promised: GraphQLSchema, kept: GraphQLSchema) -> Iterator[str]:
    """Inputs that took any of their fields together, and take one only now."""
    for name, before in promised.type_map.items():
        if _takes_one(kept.type_map.get(name)) and not _takes_one(before):
            yield f"{name} takes only one of its fields now."


def _takes_one(kind: object) -> bool:
    return isinstance(kind, GraphQLInputObjectType) and kind.is_one_of


def _undated(document: DocumentNode) -> Iterator[str]:
    for definition in document.definitions:
        for place, part in _parts(definition, ()):
            reason = _reason_of(part)
            if reason is not None and _day_of(reason) is None:
                where = ".".join(place)
                yield f"{where} is deprecated, and its reason names no day such as 2027-06-01."


def _parts(node: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Node]]:  # noqa: ANN401 - nodes with a name have no type in common
    """A definition, its fields, arguments and values, each with the names that lead to it."""
    for name in ("fields", "values", "arguments"):
        for part in getattr(node, name, None) or ():
            here = (*(place or (node.name.value,)), part.name.value)
            yield here, part
            yield from _parts(part, here)


def _reason_of(node: Node) -> str | None:
    """Why something is deprecated; None where it is not."""
    directives: tuple[ConstDirectiveNode, ...] = getattr(node, "directives", None) or ()
    for directive in directives:
        if directive.name.value == "deprecated":
            values = [argument.value for argument in directive.arguments or ()]
            return "".join(one.value for one in values if isinstance(one, StringValueNode))
    return None


def _day_of(reason: str) -> date | None:
    found = DAY.search(reason)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None
