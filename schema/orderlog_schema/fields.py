"""Typed faces of the library's decorators, which need a description here."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final, TypeVar

import strawberry

from orderlog_schema.cost import Costs
from orderlog_schema.permissions import Allowed

ResolverT = TypeVar("ResolverT", bound=Callable[..., Any])
READ: Final = "read"
"""Of a function that reads a field: the attributes that lead to it, or what else does it."""


def asked(
    description: str, *costs: Costs, to: Allowed | None = None
) -> Callable[[ResolverT], ResolverT]:
    """A field that a function answers; for whom its type is, unless it says otherwise."""
    decorator: Callable[[ResolverT], ResolverT] = strawberry.field(
        description=description, directives=[*costs, *([] if to is None else [to])]
    )
    return decorator


def shown(
    read: str | Callable[[Any], Any], description: str, *costs: Costs, to: Allowed | None = None
) -> Any:  # noqa: ANN401 - a field of the type that it is annotated with
    """A field that is read off its object when it is asked for, and not before.

    `read` is a path (`row.sku`), which compiled selections follow without a call, or a function.
    """
    field: Any = strawberry.field(
        resolver=_reading(read),
        description=description,
        directives=[*costs, *([] if to is None else [to])],
    )
    return field


def _reading(read: str | Callable[[Any], Any]) -> Callable[[Any], Any]:
    get = attrgetter(read) if isinstance(read, str) else read

    def reading(self: Any) -> Any:  # noqa: ANN401 - whatever the field shows
        return get(self)

    del reading.__annotations__["return"]  # the field's own annotation says
    vars(reading)[READ] = read
    return reading


def told(description: str, *costs: Costs, to: Allowed) -> Callable[[ResolverT], ResolverT]:
    """A mutation that sends no command."""
    decorator: Callable[[ResolverT], ResolverT] = strawberry.mutation(
        description=description, directives=[*costs, to]
    )
    return decorator


def watched(description: str, *costs: Costs, to: Allowed) -> Callable[[ResolverT], ResolverT]:
    """A subscription."""
    decorator: Callable[[ResolverT], ResolverT] = strawberry.subscription(
        description=description, directives=[*costs, to]
    )
    return decorator
