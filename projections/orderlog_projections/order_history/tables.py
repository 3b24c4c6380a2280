"""An entry for each event of an order, its payments and its process, in the order of the log."""

from datetime import datetime

import msgspec

from orderlog.domain.envelope import ActorKind
from orderlog_projections.rows import row_table


class HistoryEntry(msgspec.Struct, frozen=True):
    """One event. `summary` says in a line what happened; amounts stand in the event itself."""

    position: int
    order_id: str
    type: str
    stream_id: str
    stream_version: int
    occurred_at: datetime
    recorded_at: datetime
    actor_kind: ActorKind
    actor_id: str
    event_id: str
    command_id: str
    correlation_id: str
    causation_id: str | None
    summary: str


ORDER_HISTORY = row_table(
    "order_history", HistoryEntry, key=["position"], indexes=[["order_id", "position"]]
)
