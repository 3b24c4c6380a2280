"""What a projection is made of: folds (rows that events change) and entries (rows they add).

Both are pure: a page of events and the rows that it touches go in, rows come out. So a read model
can be tested without a database and rebuilt at any time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Any, Final, Generic, NamedTuple

from sqlalchemy import Connection

from orderlog.domain.aggregate import Event
from orderlog.eventstore.store import RecordedEvent, Unreadable
from orderlog_projections.copies import Copy, Slot
from orderlog_projections.parking import (
    CannotApply,
    Parked,
    ParkedKeys,
    Part,
    Touched,
    park_unreadable,
)
from orderlog_projections.recent_rows import WrittenRows
from orderlog_projections.rows import RowT, RowTable

Page = Sequence[RecordedEvent]
NOTHING_PARKED: Final[ParkedKeys] = {}


class Written(NamedTuple):
    """What came of a page: the keys of the rows that it touched, and what it had to set aside."""

    keys: frozenset[str]
    parked: list[Parked]


def unchanged(row: RowT) -> RowT:
    return row


def takes_no_row(react: Callable[..., object]) -> bool:
    """Whether the first parameter of a reaction is `None`."""
    return next(iter(getattr(react, "__annotations__", {}).values()), react) is None


@dataclass(frozen=True, kw_only=True)
class Fold(Part, Generic[RowT]):
    """Rows by key, each made by the events that concern it.

    `reactions`: `(row | None, event) → row | None` by type of event; None takes the row away.
    `stamp`: marks a row with the last event that touched it.
    `derive`: what follows from the rest of the row (statuses, totals); called once per page.
    `is_shared`: whether streams meet in a row, so that none of them tells alone which row it is.
    """

    table: RowTable[RowT]
    key: Callable[[Any], str | None]
    reactions: Mapping[type[Event], Callable[[Any, Any], RowT | None]]
    stamp: Callable[[RowT, Event, int], RowT]
    derive: Callable[[RowT], RowT] = unchanged
    is_shared: bool = False

    def touched(self, page: Page) -> Touched:
        reactions, key_of = self.reactions, self.key
        touched: Touched = {}
        for recorded in page:
            event = recorded.event
            if type(event) in reactions and (key := key_of(event)) is not None:
                touched.setdefault(key, []).append(recorded)
        return touched

    def apply(self, row: RowT | None, events: Iterable[RecordedEvent]) -> RowT | None:
        """The row after events of its key, in order. Raises `CannotApply`."""
        for position, event in events:
            try:
                row = self.reactions[type(event)](row, event)
                if row is not None:
                    row = self.stamp(row, event, position)
            except Exception as error:
                raise CannotApply(
                    self.table.title, RecordedEvent(position, event), error
                ) from error
        return None if row is None else self.derive(row)

    def write(self, connection: Connection, touched: Touched, rows: WrittenRows) -> None:
        begins = self._begins
        old = [key for key, events in touched.items() if type(events[0].event) not in begins]
        known = rows.find(connection, self.table, old, self._key_of_row)
        folded = {key: self.apply(known.get(key), events) for key, events in touched.items()}
        self.table.upsert(connection, (row for row in folded.values() if row is not None))
        self.table.delete(connection, [key for key in known if folded[key] is None])
        rows.wrote(self.table, folded)

    @cached_property
    def _begins(self) -> frozenset[type[Event]]:
        """Events with which a row begins: their reactions take none, so that none is looked for."""
        return frozenset(kind for kind, react in self.reactions.items() if takes_no_row(react))

    @cached_property
    def _key_of_row(self) -> Callable[[RowT], str]:
        (name,) = self.table.key
        return lambda row: getattr(row, name)


@dataclass(frozen=True, kw_only=True)
class Entries(Part, Generic[RowT]):
    """Rows that are added once and never changed: `(event, position) → rows` by type of event.

    Their key, where one must be parked, is the stream of the event.
    """

    table: RowTable[RowT]
    reactions: Mapping[type[Event], Callable[[Any, int], Iterable[RowT]]]

    def touched(self, page: Page) -> Touched:
        reactions = self.reactions
        touched: Touched = {}
        for recorded in page:
            event = recorded.event
            if type(event) in reactions:
                touched.setdefault(event.originator_id, []).append(recorded)
        return touched

    def apply(self, events: Iterable[RecordedEvent]) -> list[RowT]:
        """The rows that events add. Raises `CannotApply`."""
        rows: list[RowT] = []
        for position, event in events:
            try:
                rows.extend(self.reactions[type(event)](event, position))
            except Exception as error:
                raise CannotApply(
                    self.table.title, RecordedEvent(position, event), error
                ) from error
        return rows

    def write(
        self,
        connection: Connection,
        touched: Touched,
        rows: WrittenRows,  # noqa: ARG002 - nobody looks at entries again to fold them
    ) -> None:
        in_order = sorted(chain.from_iterable(touched.values()), key=itemgetter(0))
        self.table.insert(connection, self.apply(in_order))


@dataclass(frozen=True, kw_only=True)
class Projection:
    """A question, and what keeps its answer. `name` is its folder, `key` names its checkpoint."""

    name: str
    question: str
    parts: tuple[Fold[Any] | Entries[Any], ...]

    @property
    def tables(self) -> tuple[RowTable[Any], ...]:
        return tuple(part.table for part in self.parts)

    @cached_property
    def copy(self) -> Copy:
        """All its tables are of one version, for they share a checkpoint."""
        (copy,) = {table.copy for table in self.tables}
        return copy

    @cached_property
    def key(self) -> str:
        return self.copy.named(self.name)

    def beside(self, slot: Slot) -> "Projection":
        """The same projection with tables and checkpoint in another slot."""
        parts = tuple(replace(part, table=part.table.beside(slot)) for part in self.parts)
        return replace(self, parts=parts)

    @property
    def event_types(self) -> tuple[type[Event], ...]:
        """What it reacts to, each once, in the order of the code."""
        return tuple(dict.fromkeys(kind for part in self.parts for kind in part.reactions))

    def write_page(
        self,
        connection: Connection,
        page: Page,
        parked: ParkedKeys = NOTHING_PARKED,
        rows: WrittenRows | None = None,
        *,
        carefully: bool = False,
    ) -> Written:
        """Applies a page to all tables, but for what waits behind parked events."""
        rows = rows or WrittenRows()
        keys, waiting = set[str](), list[Parked]()
        for part in self.parts:
            touched, more = part.write_page(
                connection, page, parked.get(part.table.title, ()), rows, carefully=carefully
            )
            waiting += more
            if isinstance(part, Fold):
                keys.update(touched)
        return Written(frozenset(keys), waiting)

    def set_aside(
        self, unreadable: Unreadable, siblings: Page, parked: ParkedKeys = NOTHING_PARKED
    ) -> Written:
        """Passes over an event that cannot be read; `siblings` are others of its stream."""
        letters = (
            park_unreadable(part, unreadable, siblings, parked.get(part.table.title, ()))
            for part in self.parts
        )
        return Written(frozenset(), [letter for letter in letters if letter is not None])
