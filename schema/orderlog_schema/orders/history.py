"""The events that concern one order, through the read model that knows their positions."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from orderlog.consumers.event_log import SCAN_PAGE_EVENTS, EventLog, RecordedEvent
from orderlog.consumers.live import History
from orderlog.domain.related import order_of
from orderlog_projections.checkpoints import position_of
from orderlog_projections.columns import INTEGER_MAX
from orderlog_projections.order_history.queries import CHECKPOINT, history_after
from orderlog_projections.order_history.tables import HistoryEntry
from orderlog_schema.context import Context, in_thread
from orderlog_schema.events.types import DomainEventConnection
from orderlog_schema.relay import page_size


async def order_history(
    context: Context, order_id: str, first: int | None, after: int, until: int | None = None
) -> DomainEventConnection:
    """A page of an order's events in the order of the log, up to `until` where given.

    Raises `PAGE_TOO_LARGE`.
    """
    size, end = page_size(first), INTEGER_MAX if until is None else until

    def read(connection: Any) -> tuple[list[HistoryEntry], int]:  # noqa: ANN401 - a connection
        entries = history_after(connection, order_id, after, size + 1, end)
        return entries, min(end, position_of(connection, CHECKPOINT))

    entries, read_up_to = await context.read_models.read(read)
    events = await in_thread(context.log.at, [entry.position for entry in entries[:size]])
    return DomainEventConnection.of(events, after, read_up_to, has_next=len(entries) > size)


def past_of_order(context: Context, order_id: str) -> History:
    """The past of an order for a subscription: by the read model, and beyond it by scanning."""
    database = context.read_models.database

    def past(after: int, limit: int) -> Sequence[RecordedEvent]:
        entries, read_up_to = database.read(
            lambda connection: (
                history_after(connection, order_id, after, limit),
                position_of(connection, CHECKPOINT),
            )
        )
        if entries:
            return context.log.at([entry.position for entry in entries])
        rest = _scan(context.log, max(after, read_up_to))
        return list(islice((one for one in rest if order_of(one.event) == order_id), limit))

    return past


def _scan(log: EventLog, after: int) -> Iterator[RecordedEvent]:
    while page := log.page(after, SCAN_PAGE_EVENTS):
        yield from page
        after = page[-1].position
