"""Parked events brought back in order, or given up: what an operator does about dead letters.

One transaction against the runner: it takes the checkpoint's lock first, and counts the change
there, so that a runner whose memory of parked keys is outdated is refused and reads it anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

import msgspec
import structlog
from sqlalchemy import Connection

from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.eventstore.store import EventStore, RecordedEvent
from orderlog_projections import checkpoints, dead_letters
from orderlog_projections.database import ReadDatabase
from orderlog_projections.dead_letters import DEAD_LETTERS, DeadLetter
from orderlog_projections.parking import Part, write_what_applies
from orderlog_projections.projection import Projection
from orderlog_projections.reach import EVERYTHING, Reach

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Where:
    """Which letters are meant: those of a key, in one table of a projection or in all."""

    projection: str
    key: str
    table: str | None = None
    reach: Reach = EVERYTHING
    """Whose they may be: letters of a key of which one is another's are not there."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """`applied` events are in the row now; `error` says why the others wait on, if any do."""

    applied: int
    waiting: int
    error: str | None


def replay(
    store: EventStore, database: ReadDatabase, projections: Iterable[Projection], where: Where
) -> Replayed:
    """Applies parked events, in order, as far as they apply now. Blocking.

    Raises `DEAD_LETTER_NOT_FOUND`, `StoreUnavailable`.
    """
    where, parts = _found(projections, where)
    with database.write() as connection:
        waiting: list[DeadLetter] = []
        letters = _taken(connection, where)
        for part, group in _by_part(parts, letters):
            waiting += _brought_back(store, connection, part, group)
    error = next((one.error for one in waiting if one.error), None)
    applied = len(letters) - len(waiting)
    _log.info("dead letters replayed", **_told(where), applied=applied, waiting=len(waiting))
    return Replayed(applied, len(waiting), error)


def discard(
    database: ReadDatabase, projections: Iterable[Projection], where: Where, reason: str
) -> list[DeadLetter]:
    """Gives parked events up: the key goes on with the next, and its row never knows of these.

    Only a rebuild makes up for that. Raises `DEAD_LETTER_NOT_FOUND`, `REASON_REQUIRED`.
    """
    if not reason.strip():
        message = "Say why these events may be missing from the read model."
        raise Rejected(ErrorCode.REASON_REQUIRED, message, path=("reason",))
    where, _ = _found(projections, where)
    with database.write() as connection:
        letters = _taken(connection, where)
        dead_letters.remove(connection, letters)
    positions = [one.position for one in letters]
    _log.warning("dead letters discarded", **_told(where), positions=positions, reason=reason)
    return letters


def parked_in(connection: Connection, projection: str) -> list[Where]:
    """Every parked key of a projection, in the order in which the log has their first events."""
    firsts = dead_letters.firsts(connection, projection)
    return [Where(one.projection, one.key, one.table_name) for one in firsts]


def _taken(connection: Connection, where: Where) -> list[DeadLetter]:
    """The letters, none of which the runner can add to until the transaction ends."""
    checkpoints.count_replay(connection, where.projection)
    letters = dead_letters.letters_of(connection, where.projection, where.key, where.table)
    if not all(where.reach.covers_channel(one.channel_id) for one in letters):
        letters = []
    if not letters:
        message = f"No event of {where.key!r} is parked in {where.table or where.projection!r}."
        raise Rejected(ErrorCode.DEAD_LETTER_NOT_FOUND, message, path=("key",))
    return letters


def _found(projections: Iterable[Projection], where: Where) -> tuple[Where, dict[str, Part]]:
    """The same, by the key of the copy whose letters are meant; and its parts, by table."""
    for one in projections:
        if where.projection in {one.name, one.key}:
            parts: dict[str, Part] = {part.table.title: part for part in one.parts}
            return replace(where, projection=one.key), parts
    return where, {}


def _by_part(
    parts: dict[str, Part], letters: Iterable[DeadLetter]
) -> list[tuple[Part, list[DeadLetter]]]:
    by_table = attrgetter("table_name", "position")
    groups = groupby(sorted(letters, key=by_table), key=attrgetter("table_name"))
    listed = [(name, list(group)) for name, group in groups]
    if gone := [name for name, _ in listed if name not in parts]:
        message = f"There is no table {gone[0]!r} any more; its dead letters can be discarded."
        raise Rejected(ErrorCode.DEAD_LETTER_NOT_FOUND, message, path=("table",))
    return [(parts[name], group) for name, group in listed]


def _brought_back(
    store: EventStore, connection: Connection, part: Part, letters: Sequence[DeadLetter]
) -> list[DeadLetter]:
    """Applies what can be applied; returns the letters that stay, the first with the cause."""
    events, unreadable = _read(store, letters)
    touched = part.touched(events)
    rest = write_what_applies(part, connection, touched) if touched else []
    errors = {one.position: one.error for one in rest}
    errors |= {one.position: unreadable for one in letters[len(events) :]}
    staying = [one for one in letters if one.position in errors]
    staying = [
        msgspec.structs.replace(one, error=None if index else errors[one.position])
        for index, one in enumerate(staying)
    ]
    dead_letters.remove(connection, letters)
    DEAD_LETTERS.insert(connection, staying)
    return staying


def _read(
    store: EventStore, letters: Iterable[DeadLetter]
) -> tuple[list[RecordedEvent], str | None]:
    """The events in order, up to one that cannot be read, and why not."""
    events: list[RecordedEvent] = []
    for letter in letters:
        found, unreadable = store.readable(letter.position - 1, 1)
        if unreadable is not None:
            return events, unreadable.error
        events += found
    return events, None


def _told(where: Where) -> dict[str, str | None]:
    return {"projection": where.projection, "table": where.table, "key": where.key}
