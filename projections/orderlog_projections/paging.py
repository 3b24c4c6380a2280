"""Keyset pages: a cursor holds the sort's name and the last row's sort key and id.

So a page never shifts when rows are added before it, and no page is slower than the first.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Generic

import msgspec
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection

from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog_projections.checkpoints import position_of
from orderlog_projections.columns import INTEGER_MAX, storable
from orderlog_projections.rows import RowT, RowTable

PAGE_ROWS_MAX: Final = 100
PAGE_ROWS_DEFAULT: Final = 20
COUNTED_ROWS_MAX: Final = 10_000
WALKED_ROWS: Final = 200

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of a list: the `first` rows after a cursor, or the `last` before one."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    @property
    def size(self) -> int:
        """Raises `PAGE_TOO_LARGE {max}`, `INVALID_VALUE`."""
        if self.first is not None and self.last is not None:
            message = "Ask for the first rows or for the last, not for both."
            raise Rejected(ErrorCode.INVALID_VALUE, message, path=("first",))
        return _checked(self.first, "first") if self.last is None else _checked(self.last, "last")


def _checked(size: int | None, name: str) -> int:
    if size is None:
        return PAGE_ROWS_DEFAULT
    if size > PAGE_ROWS_MAX:
        message = f"A page has at most {PAGE_ROWS_MAX} rows."
        raise Rejected(ErrorCode.PAGE_TOO_LARGE, message, path=(name,), max=PAGE_ROWS_MAX)
    if size < 0:
        raise Rejected(ErrorCode.INVALID_VALUE, "A page has 0 rows or more.", path=(name,))
    return size


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[RowT]):
    """Rows with a cursor for each. `position`: the projection's, when the page was read.

    `total_count` stops at 10,000, and `is_count_capped` says so; None if nobody asked for it.
    """

    rows: list[RowT]
    cursors: list[str]
    has_next: bool
    has_previous: bool
    total_count: int | None
    is_count_capped: bool
    position: int


@dataclass(frozen=True, slots=True)
class Keyset:
    """An order of rows: by one column, then by another that makes it unique."""

    name: str
    column: sa.Column[Any]
    tie: sa.Column[Any]
    is_descending: bool = False

    def cursor(self, kept: Sequence[Any]) -> str:
        """An opaque cursor for `(sort key, id)`, both as they are kept."""
        text = msgspec.json.encode([self.name, *kept])
        return base64.urlsafe_b64encode(text).rstrip(b"=").decode()

    def parse(self, cursor: str) -> tuple[Any, str]:
        """Raises `INVALID_CURSOR` for one that is broken or was made for another order of rows."""
        try:
            text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            name, key, tie = msgspec.json.decode(text, type=tuple[str, int | str, str])
        except (ValueError, binascii.Error, msgspec.DecodeError):
            raise _invalid_cursor() from None
        if name != self.name or not self._fits(key) or storable(tie) != tie:
            raise _invalid_cursor()
        return key, tie

    def _fits(self, key: int | str) -> bool:
        if isinstance(self.column.type, sa.BigInteger):
            return isinstance(key, int) and abs(key) <= INTEGER_MAX
        return isinstance(key, str) and storable(key) == key

    def beyond(self, cursor: str, *, backwards: bool) -> Condition:
        """The rows after a cursor, or before it."""
        return self.past(self.parse(cursor), backwards=backwards)

    def past(self, kept: Sequence[Any], *, backwards: bool = False) -> Condition:
        """The rows after `(sort key, id)`, both as they are kept, or before it."""
        edge, here = sa.tuple_(*kept), sa.tuple_(self.column, self.tie)
        return here < edge if self.is_descending != backwards else here > edge

    def edges(self, window: Window) -> list[Condition]:
        """What keeps a page within its cursors."""
        return [
            self.beyond(cursor, backwards=backwards)
            for cursor, backwards in ((window.after, False), (window.before, True))
            if cursor is not None
        ]

    def order(self, *, backwards: bool = False) -> tuple[ColumnElement[Any], ...]:
        if self.is_descending != backwards:
            return self.column.desc(), self.tie.desc()
        return self.column.asc(), self.tie.asc()


def _invalid_cursor() -> Rejected:
    message = "This cursor is broken, or belongs to a list that is sorted in another way."
    return Rejected(ErrorCode.INVALID_CURSOR, message)


@dataclass(frozen=True, eq=False)
class PageQuery:
    """How a page is asked for. Worth keeping: to make one costs more than to ask by it."""

    keyset: Keyset
    window: Window
    rows: sa.Select[Any]
    matching: sa.Select[int]
    """A row for each that matches, within the window or not."""

    @cached_property
    def count(self) -> sa.Select[int]:
        some = self.matching.limit(COUNTED_ROWS_MAX + 1).subquery()
        return sa.select(sa.func.count()).select_from(some)


@dataclass(frozen=True, slots=True)
class Listing(Generic[RowT]):
    """A table that is asked in pages. `shown` leaves out the columns after the first so many."""

    projection: str
    table: RowTable[RowT]
    shown: int | None = None

    def query(self, conditions: Sequence[Condition], keyset: Keyset, window: Window) -> PageQuery:
        """Raises `PAGE_TOO_LARGE`, `INVALID_CURSOR`, `INVALID_VALUE`."""
        rows = (
            sa.select(keyset.column, keyset.tie, *self.columns)
            .where(*conditions, *keyset.edges(window))
            .order_by(*keyset.order(backwards=window.last is not None))
            .limit(window.size + 1)
        )
        one = sa.select(sa.literal(1)).select_from(self.table.table).where(*conditions)
        return PageQuery(keyset, window, rows, one)

    def page(self, connection: Connection, query: PageQuery, *, with_count: bool) -> Page[RowT]:
        keyset, window = query.keyset, query.window
        backwards, size = window.last is not None, window.size
        found = [tuple(values) for values in connection.execute(query.rows)]
        has_more, found = len(found) > size, found[:size]
        if backwards:
            found.reverse()
        count = connection.execute(query.count).scalar_one() if with_count else None
        return Page(
            rows=[self.table.load(values[2:]) for values in found],
            cursors=[keyset.cursor(values[:2]) for values in found],
            has_next=window.before is not None if backwards else has_more,
            has_previous=has_more if backwards else window.after is not None,
            total_count=None if count is None else min(count, COUNTED_ROWS_MAX),
            is_count_capped=count is not None and count > COUNTED_ROWS_MAX,
            position=self.position(connection),
        )

    def rows(self, connection: Connection, conditions: Sequence[Condition]) -> list[RowT]:
        """All rows that fulfil the conditions, in no order."""
        query = sa.select(*self.columns).where(*conditions)
        return [self.table.load(tuple(values)) for values in connection.execute(query)]

    def walk(
        self,
        connection: Connection,
        conditions: Sequence[Condition],
        keyset: Keyset,
        rows_at_once: int,
    ) -> Iterator[list[RowT]]:
        """All rows that fulfil the conditions, in order, so few at once that memory stays flat."""
        query = (
            sa.select(keyset.column, keyset.tie, *self.columns)
            .where(*conditions)
            .order_by(*keyset.order())
            .limit(rows_at_once)
        )
        rest = query
        while found := [tuple(values) for values in connection.execute(rest)]:
            yield [self.table.load(values[2:]) for values in found]
            rest = query.where(keyset.past(found[-1][:2]))

    def changed(
        self, connection: Connection, conditions: Sequence[Condition], after: int, limit: int
    ) -> list[RowT]:
        """Rows whose last event came after a position, for those who go on where they were."""
        position = self.table.c.position
        query = (
            sa.select(*self.columns)
            .where(*conditions, position > min(after, INTEGER_MAX))
            .order_by(position)
            .limit(limit)
        )
        return [self.table.load(tuple(values)) for values in connection.execute(query)]

    @property
    def columns(self) -> list[sa.Column[Any]]:
        return list(self.table.table.columns)[: self.shown]

    def position(self, connection: Connection) -> int:
        """How far the projection has come."""
        return position_of(connection, self.table.copy.named(self.projection))
