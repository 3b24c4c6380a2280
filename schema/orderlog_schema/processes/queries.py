"""Asked: one process, folded from its stream."""

from typing import Annotated

import strawberry
from strawberry import ID

from orderlog.domain.processes.commands import placement_stream
from orderlog.domain.processes.process import Process as ProcessRecord
from orderlog.domain.routing import rebuild
from orderlog_schema.context import Context, Info, in_thread
from orderlog_schema.cost import ASKING
from orderlog_schema.fields import asked
from orderlog_schema.permissions import STAFF
from orderlog_schema.processes.types import Process
from orderlog_schema.relay import uuid_of


async def process_of(context: Context, stream_id: str, until: int | None = None) -> Process | None:
    """The process as it is, or as it was right after a position.

    It belongs to the channel that it began in. Of customers none may ask for it.
    """
    events = await in_thread(context.log.stream, stream_id)
    if events and not context.reach.covers_channel(events[0].event.envelope.channel_id):
        return None
    if until is not None:
        events = [event for event in events if event.position <= until]
    record = rebuild(recorded.event for recorded in events)
    return Process.of(events, record) if isinstance(record, ProcessRecord) else None


@strawberry.type
class ProcessQueries:
    @asked("The process that places an order; null until it begins. 1 query.", ASKING, to=STAFF)
    async def process(
        self,
        info: Info,
        order_id: Annotated[
            ID, strawberry.argument(description="The order: its global id, or its UUID.")
        ],
    ) -> Process | None:
        stream_id = placement_stream(uuid_of("Order", order_id, "orderId"))
        return await process_of(info.context, stream_id)
