"""How an event becomes an entry in the history of its order."""

from collections.abc import Iterator
from typing import Final

from orderlog.domain.aggregate import Event
from orderlog.domain.related import order_of
from orderlog_projections.columns import storable
from orderlog_projections.order_history.sentences import SENTENCES
from orderlog_projections.order_history.tables import ORDER_HISTORY, HistoryEntry
from orderlog_projections.projection import Entries, Projection


def entries_of(event: Event, position: int) -> Iterator[HistoryEntry]:
    order_id = order_of(event)
    if order_id is None:
        return
    envelope = event.envelope
    yield HistoryEntry(
        position=position,
        order_id=order_id,
        type=event.TOPIC,
        stream_id=event.originator_id,
        stream_version=event.originator_version,
        occurred_at=envelope.occurred_at,
        recorded_at=event.timestamp,
        actor_kind=envelope.actor.kind,
        actor_id=envelope.actor.id,
        event_id=envelope.event_id,
        command_id=envelope.command_id,
        correlation_id=envelope.correlation_id,
        causation_id=envelope.causation_id,
        summary=storable(SENTENCES[type(event)](event)),
    )


ENTRIES: Final = Entries(table=ORDER_HISTORY, reactions=dict.fromkeys(SENTENCES, entries_of))
PROJECTION: Final = Projection(
    name="order_history",
    question="What happened to one order, when, and who did it?",
    parts=(ENTRIES,),
)
