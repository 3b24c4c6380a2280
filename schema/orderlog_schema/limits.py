"""What a document may ask: how deep, how many aliases, how many tokens.

One pass over the document with a memo per fragment, so that the time is linear in its size
whatever its fragments do.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
)

TOKENS_MAX: Final = 2_000
DEPTH_MAX: Final = 12
ALIASES_MAX: Final = 30
UNWRAPPING: Final = "ofType"
"""Introspection peels lists and non-nulls off a type: a chain of these leads to one thing only."""
COUNTED_MAX: Final = 1_000_000
"""Counting stops here: doubling fragments would make huge numbers."""


class Size(NamedTuple):
    """How deep a selection goes, and how many aliases are in it."""

    depth: int = 0
    aliases: int = 0


@dataclass(slots=True)
class Measure:
    """Measures selections; a fragment once."""

    fragments: Mapping[str, FragmentDefinitionNode]
    known: dict[str, Size]

    def of(self, selections: SelectionSetNode | None) -> Size:
        if selections is None:
            return Size()
        return total(self._of_one(one) for one in selections.selections)

    def _of_one(self, one: SelectionNode) -> Size:
        match one:
            case FieldNode():
                inner = self.of(one.selection_set)
                alias = 0 if one.alias is None else 1
                level = 0 if one.name.value == UNWRAPPING else 1
                return Size(inner.depth + level, inner.aliases + alias)
            case InlineFragmentNode():
                return self.of(one.selection_set)
            case FragmentSpreadNode():
                return self._of_fragment(one.name.value)
            case _:
                return Size()

    def _of_fragment(self, name: str) -> Size:
        """A cycle counts as empty here, and so does what is missing: validation refuses both."""
        if name not in self.known:
            self.known[name] = Size()
            fragment = self.fragments.get(name)
            self.known[name] = self.of(fragment.selection_set) if fragment else Size()
        return self.known[name]


def total(sizes: Iterable[Size]) -> Size:
    depth, aliases = 0, 0
    for size in sizes:
        depth = max(depth, size.depth)
        aliases = min(COUNTED_MAX, aliases + size.aliases)
    return Size(depth, aliases)


def exceeded(document: DocumentNode) -> Iterator[GraphQLError]:
    """What a parsed document has too much of."""
    definitions = document.definitions
    fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
    measure = Measure(fragments, {})
    for definition in definitions:
        if isinstance(definition, ExecutableDefinitionNode):
            size = measure.of(definition.selection_set)
            if size.depth > DEPTH_MAX:
                yield too_much("QUERY_TOO_DEEP", "levels", DEPTH_MAX)
            if size.aliases > ALIASES_MAX:
                yield too_much("QUERY_TOO_COMPLEX", "aliases", ALIASES_MAX)


def too_much(code: str, what: str, limit: int) -> GraphQLError:
    message = f"A document may have at most {limit} {what}."
    return GraphQLError(message, extensions={"code": code, "max": limit})
