"""Asked: the log itself, by position."""

from typing import Annotated, Final

import strawberry
from strawberry import UNSET

from orderlog.consumers.event_log import SCAN_PAGE_EVENTS, EventLog, RecordedEvent
from orderlog_projections.reach import Reach
from orderlog_schema.arguments import AfterPosition
from orderlog_schema.context import Info, in_thread
from orderlog_schema.cost import ASKING, paged
from orderlog_schema.events.types import DomainEventConnection
from orderlog_schema.fields import asked
from orderlog_schema.given import given, given_or
from orderlog_schema.permissions import ADMIN, STAFF
from orderlog_schema.relay import page_size
from orderlog_schema.scalars import Position

EVENTS_MAX: Final = 500
SIFTED_PAGES_MAX: Final = 20


def page_within(
    log: EventLog, reach: Reach, after: int, limit: int, types: frozenset[str]
) -> tuple[list[RecordedEvent], int | None]:
    """The next events of the channels within reach.

    And where the search for them was broken off, for there may be millions of other channels.
    """
    if reach.channel_ids is None:
        return log.page(after, limit, types), None
    found: list[RecordedEvent] = []
    for size in (limit, *[SCAN_PAGE_EVENTS] * SIFTED_PAGES_MAX):
        page = log.page(after, size, types)
        found += [one for one in page if reach.covers_channel(one.event.envelope.channel_id)]
        if len(page) < size or len(found) >= limit:
            return found[:limit], None
        after = page[-1].position
    return found, after


@strawberry.type
class EventQueries:
    @asked("The log, oldest first, after a position. 2 queries.", ASKING, paged("first"), to=ADMIN)
    async def events(
        self,
        info: Info,
        after: AfterPosition = UNSET,
        first: Annotated[
            int | None, strawberry.argument(description="How many: 20 if not given, 500 at most.")
        ] = UNSET,
        types: Annotated[
            list[str] | None,
            strawberry.argument(description='Only these: `["OrderPlaced"]`; all if not given.'),
        ] = UNSET,
    ) -> DomainEventConnection:
        size, start = page_size(given(first), EVENTS_MAX), given_or(after, Position(0))
        wanted = frozenset(given_or(types, []))
        log, reach = info.context.log, info.context.reach
        # Read before the page: all that is asked for up to here is then in the page.
        head = await in_thread(log.head)
        page, cut_at = await in_thread(page_within, log, reach, start, size + 1, wanted)
        return DomainEventConnection.of(
            page[:size], start, head, has_next=len(page) > size, cut_at=cut_at
        )

    @asked("The position of the last event; 0 of an empty log.", to=STAFF)
    async def head(self, info: Info) -> Position:
        return Position(await in_thread(info.context.log.head))
