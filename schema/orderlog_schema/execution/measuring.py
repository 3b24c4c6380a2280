"""What a parsed document asks for, against the limits: in time that is linear in its size.

Fragments are measured once each, the innermost first: neither doubling nor long chains of them
cost anything.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from orderlog_schema.limits import (
    ALIASES_MAX,
    DEPTH_MAX,
    FIELDS_MAX,
    FRAGMENTS_MAX,
    MERGES_MAX,
    OPERATIONS_MAX,
    ROOT_FIELDS_MAX,
)

TOO_DEEP: Final = "QUERY_TOO_DEEP"
TOO_COMPLEX: Final = "QUERY_TOO_COMPLEX"
UNWRAPPING: Final = "ofType"
"""Introspection peels lists and non-nulls off a type: a chain of these leads to one thing only."""
COUNTED_MAX: Final = 1_000_000
"""Counting stops here: doubling fragments would make huge numbers."""

Fragments = Mapping[str, FragmentDefinitionNode]


class Size(NamedTuple):
    """Of a selection, with its fragments written out."""

    depth: int = 0
    aliases: int = 0
    width: int = 0
    """Fields side by side."""
    fields: int = 0
    """Fields in all."""

    def exceeded(self) -> Iterator[GraphQLError]:
        if self.depth > DEPTH_MAX:
            yield too_much(TOO_DEEP, "levels", DEPTH_MAX)
        if self.aliases > ALIASES_MAX:
            yield too_much(TOO_COMPLEX, "aliases", ALIASES_MAX)
        if self.width > ROOT_FIELDS_MAX:
            yield too_much(TOO_COMPLEX, "root fields", ROOT_FIELDS_MAX)
        if self.fields > FIELDS_MAX:
            yield too_much(TOO_COMPLEX, "fields, fragments written out,", FIELDS_MAX)


def exceeded(document: DocumentNode) -> Iterator[GraphQLError]:
    """What a parsed document has too much of."""
    definitions = document.definitions
    fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
    operations = [d for d in definitions if isinstance(d, OperationDefinitionNode)]
    if len(operations) > OPERATIONS_MAX:
        yield too_much(TOO_COMPLEX, "operations", OPERATIONS_MAX)
    elif len(definitions) - len(operations) > FRAGMENTS_MAX:
        yield too_much(TOO_COMPLEX, "fragments", FRAGMENTS_MAX)
    else:
        yield from _exceeded(operations, fragments)


def _exceeded(
    operations: Sequence[OperationDefinitionNode], fragments: Fragments
) -> Iterator[GraphQLError]:
    uses = {name: set(_spreads(one.selection_set)) for name, one in fragments.items()}
    try:
        sizes = sizes_of(fragments, uses)
    except CycleError as error:
        yield GraphQLError(f"Fragments are in each other: {', '.join(error.args[1][:5])}.")
        return
    asked = [one.selection_set for one in operations]
    used = set[str]().union(*uses.values(), *map(_spreads, asked))
    roots = [*asked, *(one.selection_set for name, one in fragments.items() if name not in used)]
    size = _total(measured(root, sizes) for root in roots)
    yield from size.exceeded()
    if size.fields <= FIELDS_MAX and sum(merges((one,), fragments) for one in roots) > MERGES_MAX:
        yield too_much(TOO_COMPLEX, "pairs of fields of one name in one place", MERGES_MAX)


def sizes_of(fragments: Fragments, uses: Mapping[str, Iterable[str]]) -> Mapping[str, Size]:
    """Raises `CycleError` where fragments are in each other."""
    sizes: dict[str, Size] = {}
    for name in TopologicalSorter(uses).static_order():
        if name in fragments:
            sizes[name] = measured(fragments[name].selection_set, sizes)
    return sizes


def measured(selections: SelectionSetNode, sizes: Mapping[str, Size]) -> Size:
    """The size of a selection, given those of the fragments in it."""
    return _total(_sizes(selections, sizes))


def _sizes(selections: SelectionSetNode, sizes: Mapping[str, Size]) -> Iterator[Size]:
    for one in selections.selections:
        match one:
            case FieldNode(selection_set=None):
                yield _of_field(one, Size())
            case FieldNode(selection_set=SelectionSetNode() as inner):
                yield _of_field(one, measured(inner, sizes))
            case InlineFragmentNode(selection_set=inner):
                yield measured(inner, sizes)
            case FragmentSpreadNode(name=name):
                yield sizes.get(name.value, Size())
            case _:
                pass


def _of_field(field: FieldNode, inner: Size) -> Size:
    level = 0 if field.name.value == UNWRAPPING else 1
    alias = 0 if field.alias is None else 1
    return Size(inner.depth + level, inner.aliases + alias, 1, inner.fields + 1)


def _total(sizes: Iterable[Size]) -> Size:
    depth = aliases = width = fields = 0
    for size in sizes:
        depth = max(depth, size.depth)
        aliases = min(COUNTED_MAX, aliases + size.aliases)
        width = min(COUNTED_MAX, width + size.width)
        fields = min(COUNTED_MAX, fields + size.fields)
    return Size(depth, aliases, width, fields)


def _spreads(selections: SelectionSetNode) -> Iterator[str]:
    """The names of all fragments that are spread in a selection, however deep."""
    for one in selections.selections:
        if isinstance(one, FragmentSpreadNode):
            yield one.name.value
        elif isinstance(one, FieldNode | InlineFragmentNode) and one.selection_set is not None:
            yield from _spreads(one.selection_set)


def merges(places: Iterable[SelectionSetNode], fragments: Fragments) -> int:
    """How many pairs of fields answer to one name in one place: here, and in all that is below."""
    named: defaultdict[str, list[FieldNode]] = defaultdict(list)
    seen: set[str] = set()
    for place in places:
        for field in _fields(place, fragments, seen):
            named[(field.alias or field.name).value].append(field)
    count = 0
    for alike in named.values():
        count += len(alike) * (len(alike) - 1) // 2
        count += merges([one.selection_set for one in alike if one.selection_set], fragments)
    return count


def _fields(place: SelectionSetNode, fragments: Fragments, seen: set[str]) -> Iterator[FieldNode]:
    """The fields of one level; each fragment counts once in it."""
    for one in place.selections:
        if isinstance(one, FieldNode):
            yield one
        elif isinstance(one, InlineFragmentNode):
            yield from _fields(one.selection_set, fragments, seen)
        elif isinstance(one, FragmentSpreadNode):
            name = one.name.value
            if name in fragments and name not in seen:
                seen.add(name)
                yield from _fields(fragments[name].selection_set, fragments, seen)


def too_much(code: str, what: str, limit: int) -> GraphQLError:
    message = f"A document may have at most {limit} {what}."
    return GraphQLError(message, extensions={"code": code, "max": limit})
