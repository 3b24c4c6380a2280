"""What the store needs from a database: the library's recorder, and appends that commit together.

An append is one transaction for a group of units: the events of many commands, and the answers of
those that carried an idempotency key. A unit that meets something else in its place stays out, and
with it those that were decided on top of it; the others commit. Beside the log stand the small
tables of the write side.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

import msgspec
from eventsourcing.persistence import Notification, StoredEvent

from orderlog.domain.aggregate import Event
from orderlog.eventstore.claims import Claim

EVENTS_TABLE: Final = "stored_events"

SIDE_TABLES: Final = (
    (
        "CREATE TABLE IF NOT EXISTS command_answers ("
        "scope TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, spans TEXT NOT NULL, "
        "PRIMARY KEY (scope, key))"
    ),
    "CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS checkpoints (consumer TEXT PRIMARY KEY, position BIGINT NOT NULL)",
    (
        "CREATE TABLE IF NOT EXISTS deadlines ("
        "consumer TEXT NOT NULL, key TEXT NOT NULL, due_at TEXT NOT NULL, "
        "PRIMARY KEY (consumer, key))"
    ),
    "CREATE TABLE IF NOT EXISTS subject_keys (subject_id TEXT PRIMARY KEY, key TEXT NOT NULL)",
    (
        "CREATE TABLE IF NOT EXISTS snapshots ("
        "stream_id TEXT PRIMARY KEY, version BIGINT NOT NULL, topic TEXT NOT NULL, "
        "made_by TEXT NOT NULL, state BYTEA NOT NULL)"  # SQLite takes any name of a type
    ),
)

Span: TypeAlias = tuple[str, int, int]
Positions: TypeAlias = Sequence[int]
Outcome: TypeAlias = Positions | None


class CommandAnswer(msgspec.Struct, frozen=True):
    """What a command with an idempotency key did, kept in the transaction of its effect.

    `spans` says which events it appended: `(stream_id, first version, last version)`; their
    positions are looked up when the answer is given again.
    """

    scope: str
    key: str
    fingerprint: str
    spans: tuple[Span, ...]

    def row(self) -> tuple[str, str, str, str]:
        spans = msgspec.json.encode(self.spans).decode()
        return self.scope, self.key, self.fingerprint, spans


class AppendUnit(NamedTuple):
    """Events that commit together or not at all, with the answer to keep beside them.

    `streams` are those that it was decided on: where an earlier unit of the group loses one of
    them, this one cannot stand either. `decoded` are the same events as they were before. With a
    `claim` it may only be appended as long as that holds.
    """

    events: Sequence[StoredEvent]
    answer: CommandAnswer | None = None
    streams: Collection[str] = ()
    decoded: Sequence[Event] = ()
    claim: Claim | None = None


class Found(NamedTuple):
    """What the log holds in the places of a group: by stream and version, and by scope and key."""

    events: dict[tuple[str, int], tuple[int, bytes]]
    """Position and state: equal bytes are the same event, for they hold its command's id."""
    answers: dict[tuple[str, str], tuple[str, str]]
    """Fingerprint and spans."""


class Sifted(NamedTuple):
    """`outcomes` by unit; those at the indexes `open` are known only when they are inserted."""

    outcomes: list[Outcome]
    open: list[int]


def sift(units: Sequence[AppendUnit], found: Found) -> Sifted:
    """Tells what is in the log already from what met a conflict and what may be inserted."""
    outcomes: list[Outcome] = []
    insertable: list[int] = []
    lost: set[str] = set()
    taken: set[tuple[str, int] | tuple[str, str]] = {*found.events, *found.answers}
    for index, unit in enumerate(units):
        outcome = _kept(unit, found)
        if outcome is None and lost.isdisjoint(unit.streams) and taken.isdisjoint(_places(unit)):
            insertable.append(index)
            taken.update(_places(unit))
        elif outcome is None:
            lost.update(str(event.originator_id) for event in unit.events)
        outcomes.append(outcome)
    return Sifted(outcomes, insertable)


def _places(unit: AppendUnit) -> list[tuple[str, int] | tuple[str, str]]:
    places: list[tuple[str, int] | tuple[str, str]] = [
        (str(event.originator_id), event.originator_version) for event in unit.events
    ]
    if unit.answer is not None:
        places.append((unit.answer.scope, unit.answer.key))
    return places


def _kept(unit: AppendUnit, found: Found) -> Outcome:
    """The positions of a unit that was committed by an append whose answer got lost."""
    if not unit.events:
        return () if unit.answer and _is_kept(unit.answer, found) else None
    positions: list[int] = []
    for event in unit.events:
        place = (str(event.originator_id), event.originator_version)
        position, state = found.events.get(place, (0, b""))
        if state != event.state:
            return None
        positions.append(position)
    return positions


def _is_kept(answer: CommandAnswer, found: Found) -> bool:
    scope, key, *rest = answer.row()
    return found.answers.get((scope, key)) == tuple(rest)


def deal(units: Sequence[AppendUnit], positions: Positions) -> list[Outcome]:
    """The positions of a whole group, each unit its own."""
    outcomes: list[Outcome] = []
    start = 0
    for unit in units:
        end = start + len(unit.events)
        outcomes.append(positions[start:end])
        start = end
    return outcomes


class Cursor(Protocol):
    """What both databases' cursors can do; rows are read by column name."""

    def execute(self, query: str, params: Sequence[object] = ()) -> object: ...
    def fetchone(self) -> Any: ...  # noqa: ANN401 - a row of either driver
    def fetchall(self) -> Any: ...  # noqa: ANN401 - rows of either driver


class LogRecorder(Protocol):
    """A recorder of the library, with grouped appends."""

    def append(self, units: Sequence[AppendUnit]) -> list[Outcome]:
        """Appends what can be appended, in order: positions by unit, None where it met a conflict.

        An answer lost on the way back is settled by looking. Raises `StoreUnavailable` where the
        database stays away: then the units may be in the log or not; `NotOwner` where a claim does
        not hold any more: then none of them is.
        """
        ...

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]: ...

    def select_stream(self, stream_id: str, after: int, limit: int) -> Sequence[Notification]: ...

    def select_streams(self, after: Mapping[str, int], limit: int) -> Sequence[Notification]:
        """Several streams in one go, one after the other as they are named."""
        ...

    def max_notification_id(self) -> int | None: ...

    def create_tables(self) -> None: ...

    def cursor(self, *, commit: bool) -> AbstractContextManager[Cursor]:
        """A transaction of its own on the side tables; placeholders are written `?`."""
        ...

    def close(self) -> None: ...
