"""Events to bytes and back: msgspec JSON, and only the event types that are registered."""

import re
from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent

from orderlog.domain.aggregate import Event
from orderlog.domain.routing import event_type
from orderlog.eventstore.errors import UnknownEventType, UnreadableEvent
from orderlog.eventstore.upcasters import UPCASTERS, Upcaster, upcast

_ENCODER: Final = msgspec.json.Encoder()
_QUOTED: Final = re.compile(r"'[^']*'")


class EventCodec(Mapper[str]):
    """The library's mapper, without its transcoder: a topic never names something to import."""

    def __init__(self, upcasters: Mapping[str, tuple[str, Upcaster]] = UPCASTERS) -> None:
        super().__init__(JSONTranscoder())
        self._upcasters = upcasters
        self._decoders: dict[str, msgspec.json.Decoder[Event]] = {}

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """The stream and version go into columns of their own, not into the state."""
        event = cast("Event", domain_event)
        body = msgspec.structs.replace(event, originator_id="", originator_version=0)
        return StoredEvent(
            event.originator_id, event.originator_version, event.TOPIC, _ENCODER.encode(body)
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Event:
        """Raises `UnknownEventType`, `UnreadableEvent`."""
        topic = stored_event.topic
        try:
            decoder = self._decoders.get(topic) or self._decoder(topic)
            event = (
                decoder.decode(stored_event.state)
                if decoder is not None
                else self._decode_old(stored_event)
            )
        except UnreadableEvent:
            raise
        except Exception as error:
            raise _damaged(stored_event, error) from error
        msgspec.structs.force_setattr(event, "originator_id", stored_event.originator_id)
        msgspec.structs.force_setattr(event, "originator_version", stored_event.originator_version)
        return event

    def _decoder(self, topic: str) -> msgspec.json.Decoder[Event] | None:
        if topic in self._upcasters:
            return None
        self._decoders[topic] = msgspec.json.Decoder(_event_type(topic))
        return self._decoders[topic]

    def _decode_old(self, stored_event: StoredEvent) -> Event:
        state = cast("dict[str, Any]", msgspec.json.decode(stored_event.state))
        topic, state = upcast(stored_event.topic, state, self._upcasters)
        return msgspec.convert(state, _event_type(topic))


def _event_type(topic: str) -> type[Event]:
    known = event_type(topic)
    if known is None:
        message = (
            f"The log holds an event of type {topic!r}, which this version of orderlog does not "
            "know; it was written by a newer version."
        )
        raise UnknownEventType(message)
    return known


def _damaged(stored_event: StoredEvent, error: Exception) -> UnreadableEvent:
    """Says where, but quotes nothing of what is there."""
    cause = _QUOTED.sub("…", str(error)) if isinstance(error, msgspec.MsgspecError) else ""
    message = (
        f"Event {stored_event.originator_version} of stream {stored_event.originator_id} does not "
        f"fit its type {stored_event.topic!r} ({cause or type(error).__name__})."
    )
    return UnreadableEvent(message)
