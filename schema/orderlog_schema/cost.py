"""What a field costs, as the schema itself says it; the unit, a point, is one object shown.

The directives are those of the GraphQL cost specification, so that gateways and generators can
read them: an object costs 1, a scalar nothing, a list its size times what is in it.
"""

from typing import Final, TypeAlias

import strawberry
from strawberry import UNSET
from strawberry.schema_directive import Location

from orderlog_projections.paging import PAGE_ROWS_DEFAULT


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="cost",
    description=(
        "What it costs to ask for a field at all, in points; nothing, if not said. Every object "
        "that it shows costs 1 more. An operation may cost 10,000: see `extensions.cost`."
    ),
)
class Cost:
    weight: int


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="listSize",
    description=(
        "How long a list is taken to be: as long as the largest of `slicingArguments` says, "
        "otherwise `assumedSize`. Of a page, it is the length of its `sizedFields`."
    ),
)
class ListSize:
    assumed_size: int
    slicing_arguments: list[str] | None = UNSET
    sized_fields: list[str] | None = UNSET
    require_one_slicing_argument: bool | None = UNSET


Costs: TypeAlias = Cost | ListSize
"""What a field says about its cost."""

ASKING: Final = Cost(weight=10)
"""A question to a database, or a few."""
COUNTING: Final = Cost(weight=20)
"""Counting up to 10,000 rows."""
TELLING: Final = Cost(weight=10)
"""A command, or several that are done together."""
WATCHING: Final = Cost(weight=10)
"""To begin a stream; what it then tells is paid for by whoever causes it."""


def listed(size: int) -> ListSize:
    """A list that nobody can ask for in parts, and about how long it is."""
    return ListSize(assumed_size=size)


def by_ids(argument: str) -> ListSize:
    """A list with one entry for each id that is given."""
    return ListSize(
        assumed_size=PAGE_ROWS_DEFAULT,
        slicing_arguments=[argument],
        require_one_slicing_argument=False,
    )


def paged(*by: str) -> ListSize:
    """A connection, by the arguments that say how much of it is wanted."""
    return ListSize(
        assumed_size=PAGE_ROWS_DEFAULT,
        slicing_arguments=list(by or ("first", "last")),
        sized_fields=["edges", "nodes"],
        require_one_slicing_argument=False,
    )
