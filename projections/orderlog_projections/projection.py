"""What a projection is made of: folds (rows that events change) and entries (rows they add).

Both are pure: a page of events and the rows that it touches go in, rows come out. So a read model
can be tested without a database and rebuilt at any time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Generic

from sqlalchemy import Connection

from orderlog.domain.aggregate import Event
from orderlog.eventstore.store import RecordedEvent
from orderlog_projections.copies import Copy, Slot
from orderlog_projections.rows import RowT, RowTable

Page = Sequence[RecordedEvent]


class CannotApply(Exception):
    """A projector cannot make sense of an event: a bug, which must not be skipped in silence."""

    def __init__(self, table: str, position: int, event: Event, cause: Exception) -> None:
        super().__init__(
            f"{table} cannot apply {event.TOPIC} at position {position} "
            f"of stream {event.originator_id}: {cause!r}"
        )
        self.position = position


def unchanged(row: RowT) -> RowT:
    return row


@dataclass(frozen=True, kw_only=True)
class Fold(Generic[RowT]):
    """Rows by key, each made by the events that concern it.

    `reactions`: `(row | None, event) → row | None` by type of event; None takes the row away.
    `stamp`: marks a row with the last event that touched it.
    `derive`: what follows from the rest of the row (statuses, totals); called once per page.
    """

    table: RowTable[RowT]
    key: Callable[[Any], str | None]
    reactions: Mapping[type[Event], Callable[[Any, Any], RowT | None]]
    stamp: Callable[[RowT, Event, int], RowT]
    derive: Callable[[RowT], RowT] = unchanged

    def touched(self, page: Page) -> dict[str, list[RecordedEvent]]:
        """The events of a page that matter here, by the key of the row that they change."""
        reactions, key_of = self.reactions, self.key
        touched: dict[str, list[RecordedEvent]] = {}
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
                raise CannotApply(self.table.name, position, event, error) from error
        return None if row is None else self.derive(row)

    def write_page(self, connection: Connection, page: Page) -> frozenset[str]:
        """Folds a page into the table and returns the keys of the rows that it touched."""
        touched = self.touched(page)
        if not touched:
            return frozenset()
        key_of = self._key_of_row
        known = {key_of(row): row for row in self.table.find(connection, list(touched))}
        folded = {key: self.apply(known.get(key), events) for key, events in touched.items()}
        self.table.upsert(connection, (row for row in folded.values() if row is not None))
        self.table.delete(connection, [key for key in known if folded[key] is None])
        return frozenset(touched)

    @cached_property
    def _key_of_row(self) -> Callable[[RowT], str]:
        (name,) = self.table.key
        return lambda row: getattr(row, name)


@dataclass(frozen=True, kw_only=True)
class Entries(Generic[RowT]):
    """Rows that are added once and never changed: `(event, position) → rows` by type of event."""

    table: RowTable[RowT]
    reactions: Mapping[type[Event], Callable[[Any, int], Iterable[RowT]]]

    def apply(self, page: Page) -> list[RowT]:
        """The rows that a page adds. Raises `CannotApply`."""
        reactions = self.reactions
        rows: list[RowT] = []
        for position, event in page:
            if (react := reactions.get(type(event))) is None:
                continue
            try:
                rows.extend(react(event, position))
            except Exception as error:
                raise CannotApply(self.table.name, position, event, error) from error
        return rows

    def write_page(self, connection: Connection, page: Page) -> frozenset[str]:
        """Adds what a page brings. Entries never change, so that no key of theirs is reported."""
        self.table.insert(connection, self.apply(page))
        return frozenset()


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

    def write_page(self, connection: Connection, page: Page) -> frozenset[str]:
        """Applies a page to all tables; returns the keys of the rows that it touched."""
        return frozenset[str]().union(*(part.write_page(connection, page) for part in self.parts))
