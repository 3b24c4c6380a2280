"""An event that cannot be applied parks its key and what follows on it; all else goes on."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, Self

from sqlalchemy import Connection

from orderlog.domain.aggregate import Event
from orderlog.domain.routing import event_type
from orderlog.eventstore.store import RecordedEvent, Unreadable
from orderlog_projections.faults import described, is_of_values
from orderlog_projections.recent_rows import WrittenRows
from orderlog_projections.rows import RowTable

Touched = dict[str, list[RecordedEvent]]
"""The events that matter to a table, in order, by the key of the row that they change."""

ParkedKeys = Mapping[str, Collection[str]]
"""By the name of the table. An entry may be the name of a stream, where a key was not known."""


class CannotApply(Exception):
    """A projector cannot make sense of an event: a bug, which must not be skipped in silence."""

    def __init__(self, table: str, recorded: RecordedEvent, cause: Exception) -> None:
        event = recorded.event
        super().__init__(
            f"{table} cannot apply {event.TOPIC} at position {recorded.position} "
            f"of stream {event.originator_id}: {described(cause)}"
        )
        self.cause = cause


class Parked(NamedTuple):
    """An event set aside. `error` says why it cannot be applied; None: it waits behind another."""

    table: str
    key: str
    position: int
    stream_id: str
    version: int
    topic: str
    error: str | None
    channel_id: str | None

    @classmethod
    def of(cls, part: "Part", key: str, recorded: RecordedEvent, error: str | None = None) -> Self:
        position, event = recorded
        return cls(
            table=part.table.title,
            key=key,
            position=position,
            stream_id=event.originator_id,
            version=event.originator_version,
            topic=event.TOPIC,
            error=error,
            channel_id=event.envelope.channel_id,
        )


class Part(ABC):
    """What keeps one table: as much of each page as can be written, and no key but those at fault.

    `carefully` is for a page that the database has refused: with savepoints, to find the culprit.
    """

    table: RowTable[Any]
    reactions: Mapping[type[Event], Callable[[Any, Any], Any]]
    is_shared: bool = False

    @abstractmethod
    def touched(self, page: Sequence[RecordedEvent]) -> Touched:
        """The events of a page that matter here, by the key of the row that they change."""

    @abstractmethod
    def write(self, connection: Connection, touched: Touched, rows: WrittenRows) -> None:
        """Raises `CannotApply` before anything is written; else what the database raises."""

    def write_page(
        self,
        connection: Connection,
        page: Sequence[RecordedEvent],
        parked: Collection[str],
        rows: WrittenRows,
        *,
        carefully: bool,
    ) -> tuple[Touched, list[Parked]]:
        """Applies a page; returns what it touched, and what is to wait."""
        touched = self.touched(page)
        waiting = take_parked(self, touched, parked) if parked else []
        if not touched:
            return touched, waiting
        try:
            if not carefully:
                self.write(connection, touched, rows)
        except CannotApply:
            carefully = True
        if carefully:
            rows.doubt(self.table, touched)
            waiting += write_what_applies(self, connection, touched)
        return touched, waiting


def take_parked(part: Part, touched: Touched, parked: Collection[str]) -> list[Parked]:
    """Takes out of `touched` what waits behind parked events."""
    waiting: list[Parked] = []
    for key in list(touched):
        if key in parked:
            waiting += [Parked.of(part, key, one) for one in touched.pop(key)]
        else:
            waiting += _take_streams(part, touched, key, parked)
    return waiting


def _take_streams(part: Part, touched: Touched, key: str, parked: Collection[str]) -> list[Parked]:
    """Events of parked streams, of a key that is none of them."""
    events = touched[key]
    waiting = [one for one in events if one.event.originator_id in parked]
    if waiting:
        touched[key] = [one for one in events if one.event.originator_id not in parked]
        if not touched[key]:
            del touched[key]
    return [Parked.of(part, one.event.originator_id, one) for one in waiting]


def write_what_applies(part: Part, connection: Connection, touched: Touched) -> list[Parked]:
    """Writes as much as can be written and returns the rest, in order for each key.

    Halves until the event at fault stands alone. Raises what is no fault of any event.
    """
    try:
        with connection.begin_nested():
            part.write(connection, touched, WrittenRows())
    except Exception as error:
        if not is_of_values(error):
            raise
        halves = _halved(touched)
        if halves is None:
            return [_poison(part, touched, error)]
    else:
        return []
    first, second = halves
    rest = write_what_applies(part, connection, first)
    rest += take_parked(part, second, {one.key for one in rest})
    return rest + (write_what_applies(part, connection, second) if second else [])


def _halved(touched: Touched) -> tuple[Touched, Touched] | None:
    """By keys; one key by its events, in order; one event not at all."""
    if (keys := len(touched)) > 1:
        items = iter(touched.items())
        return dict(islice(items, keys // 2)), dict(items)
    ((key, events),) = touched.items()
    middle = len(events) // 2
    return ({key: events[:middle]}, {key: events[middle:]}) if middle else None


def _poison(part: Part, touched: Touched, error: Exception) -> Parked:
    ((key, (recorded,)),) = touched.items()
    cause = error.cause if isinstance(error, CannotApply) else error
    return Parked.of(part, key, recorded, described(cause))


def park_unreadable(
    part: Part,
    unreadable: Unreadable,
    siblings: Sequence[RecordedEvent],
    parked: Collection[str],
) -> Parked | None:
    """Sets an event aside that cannot even be read; None where the table has no use for it.

    Its row is the one that its `siblings`, other events of its stream, change. Where they tell
    none, or the row is shared, its stream waits, not the row.
    """
    stream_id, kind = unreadable.stream_id, event_type(unreadable.topic)
    keys = part.touched(siblings)
    is_wanted = kind in part.reactions if kind is not None else keys or not siblings
    if not is_wanted:
        return None
    is_row_known = len(keys) == 1 and not part.is_shared and stream_id not in parked
    key = next(iter(keys)) if is_row_known else stream_id
    return Parked(
        table=part.table.title,
        key=key,
        position=unreadable.position,
        stream_id=stream_id,
        version=unreadable.version,
        topic=unreadable.topic,
        error=None if key in parked else unreadable.error,
        channel_id=_channel_of(siblings),
    )


def _channel_of(siblings: Sequence[RecordedEvent]) -> str | None:
    """The channel of a stream, where all that is known of it came through the same."""
    channels = {one.event.envelope.channel_id for one in siblings}
    return channels.pop() if len(channels) == 1 else None
