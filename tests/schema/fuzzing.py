"""A schema with everything in it, data that is often wrong, and documents that ask for anything."""

import random
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, cast

import strawberry
from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)
from strawberry import UNSET
from strawberry.schema.config import StrawberryConfig

from orderlog_schema.scalars import SCALARS, Decimal, Position


@strawberry.enum
class Colour(StrEnum):
    RED = "RED"
    BLUE = "BLUE"


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Leaf(Named):
    whole: int
    real: float
    truth: bool
    amount: Decimal
    place: Position
    colour: Colour
    maybe: str | None
    tags: list[str]
    holes: list[int | None] | None
    when: datetime

    @strawberry.field
    def shout(self) -> str:
        return f"{self.name}!"

    @strawberry.field
    def half(self) -> int | None:
        return None if self.whole % 2 else self.whole // 2


@strawberry.type
class Other(Named):
    number: int | None


Either = Annotated[Leaf | Other, strawberry.union("Either")]


@strawberry.input
class Pair:
    left: int
    right: list[Colour] | None = UNSET
    inner: "Pair | None" = UNSET


@strawberry.input(one_of=True)
class Choice:
    text: str | None = UNSET
    number: int | None = UNSET


@strawberry.type
class Branch:
    id: strawberry.ID
    leaf: Leaf
    perhaps: Leaf | None
    leaves: list[Leaf]
    gaps: list[Leaf | None] | None
    rows: list[list[Leaf]]
    either: Either
    named: Named
    others: list[Either | None]

    @strawberry.field
    def twice(self, number: int = 2, pair: Pair | None = UNSET) -> int:
        return 2 * number + (pair.left if pair else 0)

    @strawberry.field
    async def later(self, choice: Choice | None = UNSET) -> str:
        return f"later {self.id} {choice}"

    @strawberry.field
    async def twig(self) -> "Leaf | None":
        return self.perhaps

    @strawberry.field
    def broken(self) -> int | None:
        raise ValueError("broken")

    @strawberry.field
    async def broken_later(self) -> Leaf:
        raise LookupError("broken later")


@dataclass
class Grown:
    """What the roots answer: new for every document."""

    branches: list[Branch] = field(default_factory=list[Branch])


GROWN: Final = Grown()


@strawberry.type
class Query:
    @strawberry.field
    async def branches(self) -> list[Branch]:
        return GROWN.branches

    @strawberry.field
    def first(self) -> Branch | None:
        return GROWN.branches[0]

    @strawberry.field
    async def eithers(self, colours: list[Colour] | None = UNSET) -> list[Either]:
        return [one.either for one in GROWN.branches[: len(colours or [1])]]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def tell(self, pair: Pair) -> Branch:
        return GROWN.branches[pair.left % len(GROWN.branches)]


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def grown(self, count: int = 2) -> AsyncGenerator[Branch]:
        for number in range(count):
            yield GROWN.branches[number % len(GROWN.branches)]


SCHEMA: Final = strawberry.Schema(
    Query, Mutation, Subscription, types=[Other], config=StrawberryConfig(scalar_map=SCALARS)
)


class Later:
    """What is there when it is awaited, however often."""

    def __await__(self) -> Generator[Any, None, str]:
        yield from ()
        return "later"


class Grower:
    """Grows data; `badness` of it is what it should not be."""

    def __init__(self, dice: random.Random, badness: float) -> None:
        self._dice = dice
        self._badness = badness

    def branches(self) -> list[Branch]:
        return [self._branch() for _ in range(self._dice.randint(1, 3))]

    def _branch(self) -> Branch:
        dice = self._dice
        branch = Branch(
            id=strawberry.ID(str(dice.randint(1, 9))),
            leaf=self._leaf(),
            perhaps=self._leaf() if dice.random() < 0.6 else None,
            leaves=[self._leaf() for _ in range(dice.randint(0, 3))],
            gaps=None if dice.random() < 0.3 else [None, self._leaf()],
            rows=[[self._leaf()] for _ in range(dice.randint(0, 2))],
            either=self._either(),
            named=self._either(),
            others=[self._either(), None],
        )
        self._spoil(branch, "id", "leaf", "leaves", "gaps", "either", "named", "others")
        return branch

    def _either(self) -> Leaf | Other:
        return self._leaf() if self._dice.random() < 0.5 else Other(name="other", number=3)

    def _leaf(self) -> Leaf:
        dice = self._dice
        leaf = Leaf(
            name=dice.choice(["", "a", 'Ünïcode \u2028 " \\ \n', "😀"]),
            whole=dice.randint(-9, 9),
            real=dice.random(),
            truth=dice.random() < 0.5,
            amount=Decimal("1.50"),
            place=Position(dice.choice([0, 7, 2**62])),
            colour=dice.choice(list(Colour)),
            maybe=dice.choice([None, "é"]),
            tags=["a", "b"][: dice.randint(0, 2)],
            holes=dice.choice([None, [], [1, None]]),
            when=datetime(2026, 1, 2, 3, 4, 5, dice.choice([0, 120_000]), tzinfo=UTC),
        )
        self._spoil(leaf, *vars(leaf))
        return leaf

    def _spoil(self, thing: object, *names: str) -> None:
        if self._dice.random() < self._badness:
            setattr(thing, self._dice.choice(names), self._dice.choice(WRONG)())


WRONG: Final[list[Callable[[], object]]] = [
    lambda: None,
    lambda: "text",
    lambda: 3,
    lambda: 2**40,
    lambda: 1.5,
    lambda: True,
    lambda: ["x", None],
    lambda: ("x", "y"),
    lambda: {"name": "no object"},
    lambda: iter(()),
    object,
    Later,
    lambda: ValueError("a value that is an error"),
    lambda: Other(name="elsewhere", number=1),
]

VARIABLES: Final = (
    "$yes: Boolean = true, $no: Boolean!, $number: Int = 5, $pair: Pair, $colours: [Colour!], "
    "$choice: Choice, $left: Int! = 1"
)
ARGUMENTS: Final = {
    "twice": ["number: $number", "number: 3", "pair: $pair", "pair: {left: $left, right: [RED]}"],
    "later": ["choice: $choice", 'choice: {text: "x"}', "choice: null"],
    "eithers": ["colours: $colours", "colours: [RED, BLUE]", "colours: RED"],
    "grown": ["count: $number"],
}
NEEDED: Final = {"tell": ["pair: {left: 1}", "pair: {left: $left, inner: {left: 2}}"]}
GIVEN: Final[dict[str, list[Any]]] = {
    "yes": [True, False, None],
    "no": [True, False],
    "number": [1, 2, None],
    "pair": [None, {"left": 1}, {"left": 2, "right": ["RED"], "inner": {"left": 3}}],
    "colours": [None, [], ["RED", "BLUE"], "RED"],
    "choice": [None, {"text": "a"}, {"number": 2}],
    "left": [1, 2],
}
WRONGLY_GIVEN: Final[list[Any]] = [
    "x",
    1.0,
    2**33,
    True,
    {},
    [],
    {"left": "1"},
    {"left": 1, "more": 1},
    {"text": "a", "number": 1},
    {"text": None},
    ["GREEN"],
    [None],
]


class Writer:
    """Writes documents: fields, aliases, fragments of all kinds, conditions."""

    def __init__(self, dice: random.Random, schema: GraphQLSchema) -> None:
        self._dice = dice
        self._schema = schema
        self._fragments: list[str] = []
        self._aliases = 0

    def document(self, kind: str) -> str:
        root = cast("GraphQLObjectType", getattr(self._schema, f"{kind}_type"))
        one = kind == "subscription"
        asked = self._field(root, "grown", 1) if one else self._fields(root, 1)
        return f"{kind} Q({VARIABLES}) {{ {asked} {'' if one else self._used(root)} }} " + " ".join(
            self._fragments
        )

    def variables(self) -> dict[str, Any]:
        dice = self._dice
        given = {
            name: dice.choice(values)
            for name, values in GIVEN.items()
            if name == "no" or dice.random() < 0.7
        }
        if dice.random() < 0.15:
            given[dice.choice(list(GIVEN))] = dice.choice(WRONGLY_GIVEN)
        return given

    def _used(self, root: GraphQLObjectType) -> str:
        """All variables, so that none is said to be unused."""
        asked = "z0: __typename @include(if: $yes) z1: __typename @skip(if: $no)"
        if root.name != "Query":
            return asked
        numbers = "number: $number, pair: {left: $left}"
        return (
            f"{asked} z2: eithers(colours: $colours) {{ __typename }} z3: first {{ "
            f"a: twice({numbers}) b: twice(pair: $pair) c: later(choice: $choice) }}"
        )

    def _fields(self, kind: Any, depth: int) -> str:  # noqa: ANN401 - a type that has fields
        names = [*kind.fields, "__typename"]
        chosen = [self._dice.choice(names) for _ in range(self._dice.randint(1, 5))]
        parts = [self._field(kind, name, depth) for name in chosen]
        return " ".join([*parts, self._fragment(kind, depth)])

    def _field(self, kind: Any, name: str, depth: int) -> str:  # noqa: ANN401 - as above
        if name == "__typename":
            return f"{self._alias()}__typename{self._condition()}"
        shown = cast("GraphQLNamedType", get_named_type(kind.fields[name].type))
        if is_leaf_type(shown):
            return f"{self._alias()}{name}{self._arguments(name)}{self._condition()}"
        if depth > 4:
            return "__typename"
        asked = self._selection(shown, depth + 1)
        condition = "" if kind.name == "Subscription" else self._condition()
        return f"{self._alias()}{name}{self._arguments(name)}{condition} {{ {asked} }}"

    def _selection(self, kind: GraphQLNamedType, depth: int) -> str:
        if isinstance(kind, GraphQLUnionType):
            parts = [f"... on {one.name} {{ {self._fields(one, depth)} }}" for one in kind.types]
            self._dice.shuffle(parts)
            return " ".join([*parts[: self._dice.randint(1, 2)], "__typename"])
        asked = self._fields(kind, depth)
        if isinstance(kind, GraphQLInterfaceType) and self._dice.random() < 0.7:
            one = self._dice.choice(list(self._schema.get_possible_types(kind)))
            asked += f" ... on {one.name} {{ {self._fields(one, depth)} }}"
        return asked

    def _fragment(self, kind: Any, depth: int) -> str:  # noqa: ANN401 - as above
        chance = self._dice.random()
        if depth > 3 or chance > 0.4:
            return ""
        if chance > 0.2:
            on = f" on {kind.name}" if chance > 0.3 else ""
            return f"...{on}{self._condition()} {{ {self._fields(kind, depth + 1)} }}"
        name = f"F{len(self._fragments)}"
        self._fragments.append("")
        place = len(self._fragments) - 1
        asked = self._fields(kind, depth + 1)
        self._fragments[place] = f"fragment {name} on {kind.name} {{ {asked} }}"
        return f"...{name}{self._condition()}"

    def _alias(self) -> str:
        """Mostly one of its own: names that mean two things make a document invalid."""
        self._aliases += 1
        return f"x{self._aliases}: " if self._dice.random() < 0.8 else ""

    def _arguments(self, name: str) -> str:
        choices = NEEDED.get(name) or ["", *ARGUMENTS.get(name, [])]
        chosen = self._dice.choice(choices)
        return f"({chosen})" if chosen else ""

    def _condition(self) -> str:
        return self._dice.choice(
            [*[""] * 6, " @include(if: $yes)", " @skip(if: $no)", " @include(if: true)"]
        )
