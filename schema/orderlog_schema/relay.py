"""Relay: global ids, pages with keyset cursors."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

import strawberry
from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode
from strawberry import ID

from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog_projections.paging import PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX, Page
from orderlog_schema.context import Info
from orderlog_schema.fields import shown
from orderlog_schema.permissions import EVERYBODY

NOTHING: Final = SelectionSetNode(selections=())
GLOBAL_IDS_REMEMBERED: Final = 10_000
ITS_ID: Final = "Its global id: opaque, and good for `node`."


@strawberry.interface(
    description="Something with an id of its own, to be asked for with `node`.",
    directives=[EVERYBODY],
)
class Node:
    id: ID = strawberry.field(description=ITS_ID)


def node_id(type_name: str, key: str) -> Any:  # noqa: ANN401 - a field
    """The `id` of a type, given the path to its key."""
    get = attrgetter(key)
    return shown(lambda node: global_id(type_name, get(node)), ITS_ID)


@strawberry.type(description="Where a page stands in its list.", directives=[EVERYBODY])
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether something follows.")
    has_previous_page: bool = strawberry.field(description="Whether something precedes.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first entry.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last entry.")


@lru_cache(GLOBAL_IDS_REMEMBERED)
def global_id(type_name: str, key: str) -> ID:
    return ID(urlsafe_b64encode(f"{type_name}:{key}".encode()).decode().rstrip("="))


def parse_global_id(text: str) -> tuple[str, str] | None:
    """`(type name, key)`, or None where it is no global id."""
    try:
        decoded = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return None
    name, separator, key = decoded.partition(":")
    return (name, key) if separator and name.isascii() and name.isalpha() else None


def key_of(type_name: str, text: str, *path: str) -> str:
    """The key inside a global id of this type. Raises `INVALID_ID` for one of another type.

    What is no global id stands for itself: a plain key is as good.
    """
    parsed = parse_global_id(text)
    if parsed is None:
        return text
    if parsed[0] != type_name:
        message = f"This is an id of type {parsed[0]}, not of type {type_name}."
        raise Rejected(ErrorCode.INVALID_ID, message, path=path)
    return parsed[1]


def uuid_of(type_name: str, text: str, *path: str) -> str:
    """As `key_of`, for what is known by a UUID, in its canonical form."""
    key = key_of(type_name, text, *path)
    try:
        return str(UUID(key))
    except ValueError:
        message = f"{text[:40]!r} is neither an id of type {type_name} nor a UUID."
        raise Rejected(ErrorCode.INVALID_ID, message, path=path) from None


def page_size(first: int | None, size_max: int = PAGE_ROWS_MAX) -> int:
    """How many are asked for. Raises `PAGE_TOO_LARGE {max}`, `INVALID_VALUE`."""
    size = PAGE_ROWS_DEFAULT if first is None else first
    if size > size_max:
        message = f"A page has at most {size_max} entries."
        raise Rejected(ErrorCode.PAGE_TOO_LARGE, message, path=("first",), max=size_max)
    if size < 0:
        raise Rejected(ErrorCode.INVALID_VALUE, "A page has 0 entries or more.", path=("first",))
    return size


def page_info(cursors: Sequence[str], *, has_next: bool, has_previous: bool) -> PageInfo:
    return PageInfo(
        has_next_page=has_next,
        has_previous_page=has_previous,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )


def page_info_of(page: Page[Any]) -> PageInfo:
    """For a page of a read model."""
    return page_info(page.cursors, has_next=page.has_next, has_previous=page.has_previous)


def is_counted(info: Info) -> bool:
    """Whether a connection's count is asked for: counting is the dear part of a page."""
    return bool(names_asked(info) & {"totalCount", "totalCountIsCapped"})


def names_asked(info: Info) -> set[str]:
    """The names of all fields that are asked for inside a field, however deep."""
    raw: Any = vars(info)["_raw_info"]  # its `selected_fields` takes a millisecond
    names, fragments = set[str](), set[str]()
    to_visit = [node.selection_set for node in raw.field_nodes]
    while to_visit:
        for one in (to_visit.pop() or NOTHING).selections:
            match one:
                case FieldNode(name=name, selection_set=inner):
                    names.add(name.value)
                    to_visit.append(inner)
                case InlineFragmentNode(selection_set=inner):
                    to_visit.append(inner)
                case FragmentSpreadNode(name=name) if name.value not in fragments:
                    fragments.add(name.value)
                    to_visit.append(raw.fragments[name.value].selection_set)
                case _:
                    pass
    return names
