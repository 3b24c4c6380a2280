"""The page of an order as it was: the fold of the page, over the order's own past.

It is read from the log. The history of orders only tells which streams there are; those that it
has not heard of yet are looked for in the log, so that no read model needs to be up to date.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain, takewhile
from operator import attrgetter
from typing import Final, TypeAlias

from sqlalchemy import Connection

from orderlog.consumers.event_log import SCAN_PAGE_EVENTS, EventLog, RecordedEvent
from orderlog.domain.orders.commands import order_stream
from orderlog.domain.processes.commands import placement_stream
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.related import BEGINNINGS, order_of
from orderlog_projections.checkpoints import position_of
from orderlog_projections.database import ReadDatabase
from orderlog_projections.order_history.queries import CHECKPOINT, streams_of
from orderlog_projections.order_page.projector import PAGES
from orderlog_projections.order_page.tables import OrderPage

Moment: TypeAlias = int | datetime
"""Right after the event at this position, or after all that was recorded up to this time."""

_BEGINNINGS: Final = frozenset(kind.__name__ for kind in BEGINNINGS)


def order_as_of(
    log: EventLog, database: ReadDatabase, order_id: str, moment: Moment
) -> OrderPage | None:
    """None where there was no such order yet. Raises `INVALID_VALUE` for what is yet to come."""
    head = log.head()
    _require_past(moment, head)
    until = moment if isinstance(moment, int) else head
    streams = _streams(log, database, order_id, until)
    past = sorted(chain.from_iterable(map(log.stream, streams)), key=attrgetter("position"))
    return page_of(order_id, takewhile(lambda event: _is_by(event, moment), past))


def page_of(order_id: str, past: Iterable[RecordedEvent]) -> OrderPage | None:
    """The page that these events make, in the order of the log."""
    touching = PAGES.touched(list(past)).get(order_id)
    return None if touching is None else PAGES.apply(None, touching)


def _is_by(recorded: RecordedEvent, moment: Moment) -> bool:
    if isinstance(moment, datetime):
        return recorded.event.timestamp <= moment
    return recorded.position <= moment


def _require_past(moment: Moment, head: int) -> None:
    if isinstance(moment, datetime):
        if moment > (now := datetime.now(UTC)):
            message = f"What will be then is not known; it is {now:%Y-%m-%dT%H:%M:%SZ} now."
            raise Rejected(ErrorCode.INVALID_VALUE, message, path=("time",))
    elif not 0 <= moment <= head:
        message = f"The log has no position {moment:,}; it ends at {head:,}."
        raise Rejected(ErrorCode.INVALID_VALUE, message, path=("position",), max=str(head))


def _streams(log: EventLog, database: ReadDatabase, order_id: str, until: int) -> set[str]:
    """All streams about an order that may have events up to a position."""

    def known_to(connection: Connection) -> tuple[set[str], int]:
        return streams_of(connection, order_id), position_of(connection, CHECKPOINT)

    known, read_up_to = database.read(known_to)
    return known | {
        order_stream(order_id),
        placement_stream(order_id),
        *_begun(log, order_id, read_up_to, until),
    }


def _begun(log: EventLog, order_id: str, after: int, until: int) -> Iterator[str]:
    """The streams about an order that began in a part of the log."""
    while after < until and (page := log.page(after, SCAN_PAGE_EVENTS, _BEGINNINGS)):
        yield from (one.originator_id for _, one in page if order_of(one) == order_id)
        after = page[-1].position
