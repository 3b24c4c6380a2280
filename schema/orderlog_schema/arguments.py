"""Arguments that many fields share, described once."""

from typing import Annotated, TypeAlias

from strawberry import argument

from orderlog_projections.paging import Window
from orderlog_schema.given import given
from orderlog_schema.scalars import Position

First: TypeAlias = Annotated[
    int | None, argument(description="How many from the start: 20 if not given, 100 at most.")
]
After: TypeAlias = Annotated[str | None, argument(description="Only what follows this cursor.")]
Last: TypeAlias = Annotated[
    int | None, argument(description="How many from the end, 100 at most; not with `first`.")
]
Before: TypeAlias = Annotated[str | None, argument(description="Only what precedes this cursor.")]
MinPosition: TypeAlias = Annotated[
    Position | None,
    argument(
        description=(
            "Wait, two seconds at most, until the read model has read this far: the `position` of "
            "your mutation, to read what you wrote."
        )
    ),
]
AfterPosition: TypeAlias = Annotated[
    Position | None, argument(description="Only what happened after this position.")
]
ResumePosition: TypeAlias = Annotated[
    Position | None,
    argument(
        description=(
            "Begin with what happened after this position, then go on live. The last `position` "
            "received resumes a stream without a gap; not given: only what is new."
        )
    ),
]


def window_of(first: int | None, after: str | None, last: int | None, before: str | None) -> Window:
    """Which part of a list is asked for, by the four arguments of a connection."""
    return Window(first=given(first), after=given(after), last=given(last), before=given(before))
