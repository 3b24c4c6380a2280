"""What an operation costs: worked out from the document once, from page sizes each time.

Whatever stands fast is added up beforehand. What is left are the lists whose length a variable
says: a short row of multiplications, inner lists first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
)

from orderlog_schema.cost import Cost, ListSize

SIZE_MAX: Final = 1_000_000
"""A list that is said to be longer counts as long as this: it is refused anyway."""
INTROSPECTION: Final = {"__schema": 1_000, "__type": 100}
"""What looking at the schema costs, whatever of it is looked at."""


class Points(NamedTuple):
    """A sum: what is fixed, and how often what each open list comes to."""

    fixed: int = 0
    lists: Mapping[int, int] = {}

    def plus(self, other: "Points") -> "Points":
        if not other.lists:
            return Points(self.fixed + other.fixed, self.lists)
        lists = dict(self.lists)
        for place, times in other.lists.items():
            lists[place] = lists.get(place, 0) + times
        return Points(self.fixed + other.fixed, lists)

    def times(self, count: int) -> "Points":
        lists = {place: count * times for place, times in self.lists.items()}
        return Points(count * self.fixed, lists)

    def at(self, known: Sequence[int]) -> int:
        """The sum, where it is known what the lists come to."""
        total = self.fixed
        for place, times in self.lists.items():
            total += times * known[place]
        return total


NOTHING: Final = Points()


class Length(NamedTuple):
    """How long a list is: as variables say, `least` at any rate; `assumed` where they do not."""

    variables: tuple[tuple[str, int | None], ...]
    """Each with its default."""
    least: int | None
    assumed: int

    def of(self, variables: Mapping[str, Any]) -> int:
        longest = self.least
        for name, default in self.variables:
            size = size_of(variables.get(name, default))
            if size is not None and (longest is None or size > longest):
                longest = size
        return self.assumed if longest is None else longest


def size_of(value: object) -> int | None:
    """A page size, or the length of a list of ids; None for what says neither."""
    match value:
        case bool():
            return None
        case int() | float():
            return int(min(max(value, 0), SIZE_MAX))
        case list() | tuple():
            return len(value)  # pyright: ignore[reportUnknownArgumentType] - of whatever
        case _:
            return None


class OpenList(NamedTuple):
    """A list whose length a variable says, and what one entry of it costs."""

    length: Length
    entry: Points


@dataclass(frozen=True, slots=True)
class Price:
    """What an operation costs."""

    lists: Sequence[OpenList]
    """Each may count on those before it."""
    total: Points

    def of(self, variables: Mapping[str, Any]) -> int:
        """Points, given variables as they were sent."""
        if not self.lists:
            return self.total.fixed
        known: list[int] = []
        for one in self.lists:
            known.append(one.length.of(variables) * one.entry.at(known))
        return self.total.at(known)


FREE: Final = Price((), NOTHING)


class Tag(NamedTuple):
    """What the schema says about the cost of a field."""

    weight: int
    size: ListSize | None
    is_list: bool
    type_name: str | None
    """Of what it shows; None for scalars and enums."""


Tags = Mapping[str, Mapping[str, Tag]]


def tags_of(schema: GraphQLSchema) -> Tags:
    """By the name of the type and the field."""
    return {
        name: {field: _tag(shown) for field, shown in kind.fields.items()}
        for name, kind in schema.type_map.items()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    }


def _tag(field: GraphQLField) -> Tag:
    definition = field.extensions.get("strawberry-definition")
    directives: Iterable[object] = getattr(definition, "directives", None) or ()
    weights = [one.weight for one in directives if isinstance(one, Cost)]
    sizes = [one for one in directives if isinstance(one, ListSize)]
    shown: GraphQLOutputType = field.type  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] - of the library
    named = get_named_type(shown)  # pyright: ignore[reportUnknownArgumentType] - as above
    return Tag(
        weight=sum(weights),
        size=sizes[0] if sizes else None,
        is_list=str(shown).startswith("["),  # pyright: ignore[reportUnknownArgumentType] - as above
        type_name=None if is_leaf_type(named) else named.name,
    )


class Worth(NamedTuple):
    """What a selection costs: once, and for each entry of the page that it is made on."""

    once: Points = NOTHING
    each: Points = NOTHING

    def plus(self, other: "Worth") -> "Worth":
        return Worth(self.once.plus(other.once), self.each.plus(other.each))


class Pricing:
    """Works out the price of one operation; each fragment once."""

    def __init__(
        self,
        tags: Tags,
        fragments: Mapping[str, FragmentDefinitionNode],
        defaults: Mapping[str, int | None],
    ) -> None:
        self._tags = tags
        self._fragments = fragments
        self._defaults = defaults
        self._known: dict[str, Worth] = {}
        self.lists: list[OpenList] = []

    def of(self, type_name: str, selections: SelectionSetNode | None) -> Worth:
        worth = Worth()
        for one in selections.selections if selections is not None else ():
            match one:
                case FieldNode():
                    worth = worth.plus(self._of_field(type_name, one))
                case InlineFragmentNode(type_condition=condition):
                    on = type_name if condition is None else condition.name.value
                    worth = worth.plus(self.of(on, one.selection_set))
                case FragmentSpreadNode(name=name):
                    worth = worth.plus(self._of_fragment(name.value))
                case _:
                    pass
        return worth

    def _of_fragment(self, name: str) -> Worth:
        if name not in self._known:
            fragment = self._fragments[name]
            on = fragment.type_condition.name.value
            self._known[name] = self.of(on, fragment.selection_set)
        return self._known[name]

    def _of_field(self, type_name: str, field: FieldNode) -> Worth:
        name = field.name.value
        tag = self._tags[type_name].get(name)
        if tag is None:
            return Worth(Points(INTROSPECTION.get(name, 0)))
        if tag.type_name is None:
            return Worth(Points(tag.weight))
        inner = self.of(tag.type_name, field.selection_set)
        shown = Points(1).plus(inner.once)
        if tag.size is None:
            whole = shown.plus(Points(tag.weight))
            return Worth(each=whole) if tag.is_list else Worth(once=whole)
        once, entry = (NOTHING, shown) if tag.is_list else (shown, inner.each)
        entries = self._entries(field, tag.size, entry)
        return Worth(Points(tag.weight).plus(once).plus(entries))

    def _entries(self, field: FieldNode, size: ListSize, entry: Points) -> Points:
        """What the entries of a list come to."""
        length = self._length(field, size)
        if not length.variables:
            return entry.times(length.of({}))
        self.lists.append(OpenList(length, entry))
        return Points(lists={len(self.lists) - 1: 1})

    def _length(self, field: FieldNode, size: ListSize) -> Length:
        slicing = size.slicing_arguments or ()
        given = [one.value for one in field.arguments or () if one.name.value in slicing]
        names = [value.name.value for value in given if isinstance(value, VariableNode)]
        said = [one for one in map(literal_size, given) if one is not None]
        return Length(
            tuple((name, self._defaults.get(name)) for name in names),
            max(said, default=None),
            size.assumed_size,
        )


def literal_size(value: ValueNode | None) -> int | None:
    """As `size_of`, of what stands in the document."""
    match value:
        case IntValueNode(value=digits):
            return SIZE_MAX if len(digits) > len(str(SIZE_MAX)) else size_of(int(digits))
        case ListValueNode(values=values):
            return len(values)
        case _:
            return None


class Prices:
    """Makes the price of an operation of a valid document."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._tags = tags_of(schema)

    def of(
        self, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> Price:
        root = self._schema.get_root_type(operation.operation)
        if root is None:
            return FREE
        defaults = {
            one.variable.name.value: literal_size(one.default_value)
            for one in operation.variable_definitions or ()
        }
        pricing = Pricing(self._tags, fragments, defaults)
        total = pricing.of(root.name, operation.selection_set).once
        return Price(tuple(pricing.lists), total)
