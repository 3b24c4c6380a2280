"""Typed faces of the library's decorators, which need a description here."""

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry

ResolverT = TypeVar("ResolverT", bound=Callable[..., Any])


def asked(description: str) -> Callable[[ResolverT], ResolverT]:
    """A field that a function answers."""
    decorator: Callable[[ResolverT], ResolverT] = strawberry.field(description=description)
    return decorator


def told(description: str) -> Callable[[ResolverT], ResolverT]:
    """A mutation that sends no command."""
    decorator: Callable[[ResolverT], ResolverT] = strawberry.mutation(description=description)
    return decorator


def watched(description: str) -> Callable[[ResolverT], ResolverT]:
    """A subscription."""
    decorator: Callable[[ResolverT], ResolverT] = strawberry.subscription(description=description)
    return decorator
