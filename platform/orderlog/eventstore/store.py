"""The event store: one log with positions, many streams with versions, and what goes beside it."""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple

import msgspec
from eventsourcing.persistence import Notification, StoredEvent

from orderlog.domain.aggregate import Event
from orderlog.eventstore.claims import Claim, Params, require_held
from orderlog.eventstore.codec import EventCodec
from orderlog.eventstore.errors import StoreMisconfigured, UnreadableEvent, VersionConflict
from orderlog.eventstore.postgres import open_postgres
from orderlog.eventstore.recent import RecentEvents, RecordedEvent
from orderlog.eventstore.recorder import (
    AppendUnit,
    CommandAnswer,
    Cursor,
    LogRecorder,
    Outcome,
)
from orderlog.eventstore.sqlite import open_sqlite
from orderlog.eventstore.urls import Location, SqliteLocation, parse_url

__all__ = ["EventStore", "RecordedEvent", "Unreadable", "open_store"]

STREAM_PAGE_EVENTS: Final = 1_000
PAGE_EVENTS_MAX: Final = 1_000


class Unreadable(NamedTuple):
    """An event that cannot be decoded, with its place in the log and the reason."""

    position: int
    stream_id: str
    version: int
    topic: str
    error: str


class Recorded(msgspec.Struct):
    """As much of a stored event as says when it was recorded."""

    timestamp: datetime


_RECORDED: Final = msgspec.json.Decoder(Recorded)


class EventStore:
    """Thread-safe. Opened with `open_store`; `close` it."""

    def __init__(self, recorder: LogRecorder, location: Location) -> None:
        self.recorder = recorder
        self.location = location
        self._codec = EventCodec()
        self.recent = RecentEvents()
        self._listeners: list[Callable[[], object]] = []
        self._listeners_lock = threading.Lock()
        self.is_shared = location.kind == "postgresql"
        """Whether other processes may write: then what is in memory may be old."""

    def append(self, events: Sequence[Event], answer: CommandAnswer | None = None) -> Sequence[int]:
        """Commits all or nothing and returns the positions. Raises `VersionConflict`."""
        unit = AppendUnit([*map(self.encode, events)], answer, decoded=events)
        (positions,) = self.append_group([unit])
        if positions is None:
            message = "A version or an idempotency key that this append needs is taken."
            raise VersionConflict(message)
        return positions

    def append_group(self, units: Sequence[AppendUnit]) -> list[Outcome]:
        """Commits each unit whole or not at all: positions by unit, None where it met a conflict.

        Raises `StoreUnavailable`: then the units may be in the log or not.
        """
        outcomes = self.recorder.append(units)
        durable = [(u, p) for u, p in zip(units, outcomes, strict=True) if p]
        self.recent.remember(
            [position for _, positions in durable for position in positions],
            [event for unit, _ in durable for event in unit.decoded],
        )
        self.has_grown()
        return outcomes

    def has_grown(self) -> None:
        """Tells all listeners; called too by who notices appends of other processes."""
        for listener in tuple(self._listeners):
            listener()

    def on_append(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Calls `listener` after every append of this process; returns how to stop that.

        Where somebody watches, it hears of other processes' appends too.
        """
        with self._listeners_lock:
            self._listeners = [*self._listeners, listener]
        return lambda: self._forget(listener)

    def _forget(self, listener: Callable[[], object]) -> None:
        with self._listeners_lock:
            self._listeners = [known for known in self._listeners if known is not listener]

    def stream(self, stream_id: str, after_version: int = 0) -> Iterator[RecordedEvent]:
        """The events of one stream in order; empty where it does not exist."""
        while True:
            page = self.recorder.select_stream(stream_id, after_version, STREAM_PAGE_EVENTS)
            yield from self._decode(page)
            if len(page) < STREAM_PAGE_EVENTS:
                return
            after_version = page[-1].originator_version

    def span(self, stream_id: str, first: int, last: int) -> list[RecordedEvent]:
        """The events of one stream from one version to another, both included."""
        return self._decode(self.recorder.select_stream(stream_id, first - 1, last - first + 1))

    def streams(self, after: Mapping[str, int], limit: int) -> list[RecordedEvent]:
        """Events of several streams, each after a version: stream by stream, `limit` in all."""
        return self._decode(self.recorder.select_streams(after, limit))

    def page(
        self, after: int, limit: int = PAGE_EVENTS_MAX, topics: Sequence[str] = ()
    ) -> list[RecordedEvent]:
        """Up to `limit` events of the whole log after a position, in order; of some topics only."""
        return self._decode(
            self.recorder.select_notifications(
                after, limit, topics=topics, inclusive_of_start=False
            )
        )

    def readable(self, after: int, limit: int) -> tuple[list[RecordedEvent], Unreadable | None]:
        """As `page`, for those who follow the log: up to an event that cannot be decoded, and that.

        Empty at the end of the log only, but maybe short: what this process committed itself just
        now is neither read nor decoded.
        """
        if recent := self.recent.after(after, limit):
            return recent, None
        stored = self.recorder.select_notifications(after, limit, inclusive_of_start=False)
        return self._decode_readable(stored)

    def readable_of(self, stream_id: str) -> list[RecordedEvent]:
        """Events from the beginning of a stream, without those that cannot be decoded."""
        stored = self.recorder.select_stream(stream_id, 0, STREAM_PAGE_EVENTS)
        return [event for one in stored for event in self._decode_readable([one])[0]]

    def recorded_after(self, position: int) -> datetime | None:
        """When the next event after a position was recorded; None if none says."""
        for stored in self.page_stored(position, 1):
            with suppress(msgspec.DecodeError):
                return _RECORDED.decode(stored.state).timestamp
        return None

    def page_stored(self, after: int, limit: int) -> Sequence[Notification]:
        """The same page as stored bytes, for those who show or count events and need no types."""
        return self.recorder.select_notifications(after, limit, inclusive_of_start=False)

    def head(self) -> int:
        """The position of the last event, 0 on an empty log."""
        return self.recorder.max_notification_id() or 0

    def _decode(self, page: Iterable[Notification]) -> list[RecordedEvent]:
        decode = self._codec.to_domain_event
        return [RecordedEvent(stored.id, decode(stored)) for stored in page]

    def _decode_readable(
        self, page: Sequence[Notification]
    ) -> tuple[list[RecordedEvent], Unreadable | None]:
        try:
            return self._decode(page), None
        except UnreadableEvent:
            return self._decode_up_to_unreadable(page)

    def _decode_up_to_unreadable(
        self, page: Sequence[Notification]
    ) -> tuple[list[RecordedEvent], Unreadable | None]:
        events: list[RecordedEvent] = []
        for stored in page:
            try:
                events += self._decode([stored])
            except UnreadableEvent as error:
                stream_id, version = str(stored.originator_id), stored.originator_version
                return events, Unreadable(stored.id, stream_id, version, stored.topic, str(error))
        return events, None

    def encode(self, event: Event) -> StoredEvent:
        """The stored form of an event: what readers outside Python are shown."""
        return self._codec.to_stored_event(event)

    def decode(self, stored: StoredEvent) -> Event:
        """The event of a stored form."""
        return self._codec.to_domain_event(stored)

    def find_answer(self, scope: str, key: str) -> CommandAnswer | None:
        """What was answered under an idempotency key, if it was used."""
        with self.recorder.cursor(commit=False) as cursor:
            cursor.execute(
                "SELECT fingerprint, spans FROM command_answers WHERE scope = ? AND key = ?",
                (scope, key),
            )
            row = cursor.fetchone()
        if row is None:
            return None
        spans = msgspec.json.decode(row["spans"], type=tuple[tuple[str, int, int], ...])
        return CommandAnswer(scope, key, row["fingerprint"], spans)

    def answered(self, scope: str) -> dict[str, str]:
        """The fingerprints of all that was answered in a scope, by key."""
        with self.recorder.cursor(commit=False) as cursor:
            cursor.execute("SELECT key, fingerprint FROM command_answers WHERE scope = ?", (scope,))
            rows = cursor.fetchall()
        return {row["key"]: row["fingerprint"] for row in rows}

    def take_numbers(self, name: str, count: int) -> range:
        """The next `count` numbers of a counter (from 1): unique over all processes, with gaps."""
        with self.recorder.cursor(commit=True) as cursor:
            cursor.execute(
                "INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) "
                "DO UPDATE SET value = counters.value + excluded.value RETURNING value",
                (name, count),
            )
            last: int = cursor.fetchone()["value"]
        return range(last - count + 1, last + 1)

    def checkpoint(self, consumer: str) -> int:
        """The position up to which a consumer has handled the log."""
        with self.recorder.cursor(commit=False) as cursor:
            cursor.execute("SELECT position FROM checkpoints WHERE consumer = ?", (consumer,))
            row = cursor.fetchone()
        return row["position"] if row else 0

    def move_checkpoint(
        self,
        consumer: str,
        position: int,
        *,
        set_deadlines: Iterable[tuple[str, datetime]] = (),
        clear_deadlines: Iterable[str] = (),
        claim: Claim | None = None,
    ) -> None:
        """Moves a checkpoint, together with the deadlines that the page set and cleared.

        Raises `NotOwner` where the duty of a claim belongs to another process by now.
        """
        with self.recorder.cursor(commit=True) as cursor:
            if claim is not None:
                require_held([claim], partial(_count_held, cursor))
            cursor.execute(
                "INSERT INTO checkpoints (consumer, position) VALUES (?, ?) ON CONFLICT (consumer) "
                "DO UPDATE SET position = excluded.position",
                (consumer, position),
            )
            for key in clear_deadlines:
                cursor.execute(
                    "DELETE FROM deadlines WHERE consumer = ? AND key = ?", (consumer, key)
                )
            for key, due_at in set_deadlines:
                cursor.execute(
                    "INSERT INTO deadlines (consumer, key, due_at) VALUES (?, ?, ?) "
                    "ON CONFLICT (consumer, key) DO UPDATE SET due_at = excluded.due_at",
                    (consumer, key, due_at.isoformat()),
                )

    def deadlines(self, consumer: str) -> dict[str, datetime]:
        """What a consumer still waits for, by key."""
        with self.recorder.cursor(commit=False) as cursor:
            cursor.execute("SELECT key, due_at FROM deadlines WHERE consumer = ?", (consumer,))
            rows = cursor.fetchall()
        return {row["key"]: datetime.fromisoformat(row["due_at"]) for row in rows}

    def subject_key(self, subject_id: str) -> str | None:
        """The key that a person's data is sealed with, or None where it was never made."""
        with self.recorder.cursor(commit=False) as cursor:
            cursor.execute("SELECT key FROM subject_keys WHERE subject_id = ?", (subject_id,))
            row = cursor.fetchone()
        return row["key"] if row else None

    def keep_subject_key(self, subject_id: str, key: str) -> str:
        """Keeps a new key, unless there is one already; returns the one that counts."""
        with self.recorder.cursor(commit=True) as cursor:
            cursor.execute(
                "INSERT INTO subject_keys (subject_id, key) VALUES (?, ?) "
                "ON CONFLICT (subject_id) DO UPDATE SET key = subject_keys.key RETURNING key",
                (subject_id, key),
            )
            kept: str = cursor.fetchone()["key"]
        return kept

    def close(self) -> None:
        self.recorder.close()


def _count_held(cursor: Cursor, query: str, params: Params) -> int:
    cursor.execute(query, params)
    held: int = cursor.fetchone()["held"]
    return held


def open_store(url: str, *, is_prepared: bool = False) -> EventStore:
    """Opens the log. Raises `StoreMisconfigured`, `StoreUnavailable`.

    Its tables are created, unless somebody has seen to that: looking whether they are there takes
    locks, for which all who write on PostgreSQL have to wait.
    """
    if os.environ.get("POSTGRES_ENABLE_DB_FUNCTIONS", "n").lower() in {"y", "yes", "1", "true"}:
        message = (
            "POSTGRES_ENABLE_DB_FUNCTIONS is set: with it events commit out of order and readers "
            "skip some; unset it."
        )
        raise StoreMisconfigured(message)
    location = parse_url(url)
    if isinstance(location, SqliteLocation):
        return EventStore(open_sqlite(location.path), location)
    return EventStore(open_postgres(location, is_prepared=is_prepared), location)
