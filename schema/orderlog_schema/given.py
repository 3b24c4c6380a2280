"""Optional inputs: absent and null both mean that nothing was given."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TypeVar

from strawberry import UNSET

from orderlog.domain.rejections import Rejected

T = TypeVar("T")


def is_given(value: object) -> bool:
    return value is not UNSET and value is not None


def given(value: T | None) -> T | None:
    """The value, or None where nothing was given."""
    return None if value is UNSET else value


def given_or(value: T | None, otherwise: T) -> T:
    """The value, or what counts where nothing was given."""
    return otherwise if value is UNSET or value is None else value


@contextmanager
def at_path(*path: str) -> Generator[None]:
    """Rejections raised inside name this part of the input."""
    try:
        yield
    except Rejected as rejection:
        rejection.path = (*path, *rejection.path)
        raise
