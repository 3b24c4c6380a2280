"""Typed faces of the library's decorators, which need a description here."""

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry

from orderlog_schema.cost import Costs
from orderlog_schema.permissions import Allowed

ResolverT = TypeVar("ResolverT", bound=Callable[..., Any])


def asked(
    description: str, *costs: Costs, to: Allowed | None = None
) -> Callable[[ResolverT], ResolverT]:
    """A field that a function answers; for whom its type is, unless it says otherwise."""
    decorator: Callable[[ResolverT], ResolverT] = strawberry.field(
        description=description, directives=[*costs, *([] if to is None else [to])]
    )
    return decorator


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
