"""The log as people and other programs read it: events with their envelope spelled out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from orderlog.domain.aggregate import Event
from orderlog.domain.envelope import Actor
from orderlog.eventstore.store import EventStore, RecordedEvent
from orderlog.eventstore.upcasters import name_and_version, topics_of

__all__ = ["SCAN_PAGE_EVENTS", "EventLog", "LoggedEvent", "RecordedEvent", "logged", "payload_of"]

SCAN_PAGE_EVENTS: Final = 1_000
_ENVELOPE_FIELDS: Final = ("timestamp", "envelope", "originator_topic")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """One event of the log; `payload` holds only what msgspec makes of JSON: no custom types."""

    position: int
    event_id: str
    type: str
    schema_version: int
    stream_id: str
    stream_version: int
    occurred_at: datetime
    recorded_at: datetime
    actor: Actor
    channel_id: str
    command_id: str
    correlation_id: str
    causation_id: str | None
    payload: dict[str, Any]


def logged(recorded: RecordedEvent) -> LoggedEvent:
    """The spelled-out form of a recorded event."""
    event, envelope = recorded.event, recorded.event.envelope
    name, schema_version = name_and_version(event.TOPIC)
    return LoggedEvent(
        position=recorded.position,
        event_id=envelope.event_id,
        type=name,
        schema_version=schema_version,
        stream_id=event.originator_id,
        stream_version=event.originator_version,
        occurred_at=envelope.occurred_at,
        recorded_at=event.timestamp,
        actor=envelope.actor,
        channel_id=envelope.channel_id,
        command_id=envelope.command_id,
        correlation_id=envelope.correlation_id,
        causation_id=envelope.causation_id,
        payload=payload_of(event),
    )


def payload_of(event: Event) -> dict[str, Any]:
    """An event's own data, as JSON has it."""
    body = msgspec.structs.replace(event, originator_id="", originator_version=0)
    payload: dict[str, Any] = msgspec.to_builtins(body)
    for name in _ENVELOPE_FIELDS:
        payload.pop(name, None)
    return payload


class EventLog:
    """Reads the log in pages. Blocking: call it in a thread."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def head(self) -> int:
        return self._store.head()

    def page(
        self, after: int, limit: int, types: frozenset[str] = frozenset()
    ) -> list[RecordedEvent]:
        """Up to `limit` events after a position, of some types only where given.

        The database sifts: a rare type in a long log must not be decoded out of all the others.
        """
        topics = topics_of(types)
        if types and not topics:
            return []
        return self._store.page(after, limit, topics)

    def stream(self, stream_id: str, after_version: int = 0) -> list[RecordedEvent]:
        """All events of one stream after a version, in order."""
        return list(self._store.stream(stream_id, after_version))

    def at(self, positions: Sequence[int]) -> list[RecordedEvent]:
        """The events at these positions (ascending); a position without an event is left out."""
        return [
            event
            for position in positions
            for event in self._store.page(position - 1, 1)
            if event.position == position
        ]
