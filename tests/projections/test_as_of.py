"""An order as it was is what its page said then."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from orderlog.consumers.event_log import EventLog
from orderlog.domain.aggregate import Event
from orderlog.domain.orders.commands import CancelOrder, RecordLinesReturned, RecordLinesShipped
from orderlog.domain.orders.events import LineQuantity, OrderDrafted, OrderStatus
from orderlog.domain.processes.events import ProcessKind, ProcessStarted
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.related import order_of
from orderlog.eventstore.store import EventStore, RecordedEvent
from orderlog_projections.order_page.as_of import Moment, order_as_of
from orderlog_projections.order_page.projector import PAGES
from orderlog_projections.order_page.queries import get_order
from orderlog_projections.order_page.tables import OrderPage
from orderlog_projections.registry import open_read_models
from tests.projections.kept import Kept
from tests.projections.shop import Log, OrderStory, shop
from tests.support.shop import open_shop

Pages = dict[int, OrderPage | None]
"""What the page of one order said at each position of the log."""


def as_of(kept: Kept, order_id: str, moment: Moment) -> OrderPage | None:
    return order_as_of(EventLog(kept.store), kept.database, order_id, moment)


def order_ids(events: Iterable[Event]) -> list[str]:
    return [event.order_id for event in events if isinstance(event, OrderDrafted)]


def told_one_by_one(kept: Kept, events: list[Event]) -> dict[str, Pages]:
    """The read model follows each single event; what it says in between is written down."""
    pages: dict[str, Pages] = {order_id: {} for order_id in order_ids(events)}
    for event in events:
        (position,) = kept.store.append([event])
        kept.runner.catch_up()
        for order_id, said in pages.items():
            said[position] = kept.ask(partial(get_order, order_id=order_id))
    return pages


@pytest.mark.parametrize("seed", range(4))
def test_at_every_position_it_is_what_the_read_model_said(kept: Kept, seed: int) -> None:
    for order_id, said in told_one_by_one(kept, shop(seed, orders=3)).items():
        assert {position: as_of(kept, order_id, position) for position in said} == said


def test_it_needs_no_read_model_that_has_read_anything(kept_on_sqlite: Kept) -> None:
    events = shop(7, orders=6)
    kept_on_sqlite.store.append(events)
    early = {order_id: as_of(kept_on_sqlite, order_id, 70) for order_id in order_ids(events)}
    assert any(early.values())
    kept_on_sqlite.runner.catch_up()
    for order_id, page in early.items():
        assert as_of(kept_on_sqlite, order_id, 70) == page


def test_a_time_is_that_of_recording(kept_on_sqlite: Kept) -> None:
    log = Log()
    order = OrderStory(log)
    order.line("MUG", 3, 250)
    order.ship_to("FR", price=350)
    order.place()
    kept_on_sqlite.tell(log)
    for position, event in enumerate(log.events, 1):
        then, before = event.timestamp, event.timestamp - timedelta(seconds=1)
        page = as_of(kept_on_sqlite, order.order_id, then)
        assert page == as_of(kept_on_sqlite, order.order_id, position)
        assert as_of(kept_on_sqlite, order.order_id, before) == as_of(
            kept_on_sqlite, order.order_id, position - 1
        )
    now = as_of(kept_on_sqlite, order.order_id, datetime.now(UTC))
    assert now == kept_on_sqlite.ask(lambda connection: get_order(connection, order.order_id))


def test_before_its_beginning_there_is_no_order(kept_on_sqlite: Kept) -> None:
    log = Log()
    first, second = OrderStory(log), OrderStory(log)
    kept_on_sqlite.tell(log)
    assert as_of(kept_on_sqlite, first.order_id, 0) is None
    assert as_of(kept_on_sqlite, first.order_id, 1) is not None
    assert as_of(kept_on_sqlite, second.order_id, 1) is None
    assert as_of(kept_on_sqlite, log.new_id(), 2) is None


@pytest.mark.parametrize("moment", [2, -1, datetime.now(UTC) + timedelta(days=1)])
def test_what_is_yet_to_come_is_refused(kept_on_sqlite: Kept, moment: Moment) -> None:
    log = Log()
    order = OrderStory(log)
    kept_on_sqlite.tell(log)
    with pytest.raises(Rejected) as refusal:
        as_of(kept_on_sqlite, order.order_id, moment)
    assert refusal.value.code is ErrorCode.INVALID_VALUE
    assert refusal.value.path == ("time" if isinstance(moment, datetime) else "position",)


def grown(order_id: str, past: Iterable[RecordedEvent]) -> Pages:
    """The page after each event, folded one by one."""
    pages: Pages = {}
    page: OrderPage | None = None
    for recorded in past:
        if order_of(recorded.event) == order_id and type(recorded.event) in PAGES.reactions:
            page = PAGES.apply(page, [recorded])
        pages[recorded.position] = page
    return pages


def whole_log(store: EventStore) -> list[RecordedEvent]:
    return store.page(0, 1_000)


async def test_an_order_that_was_shipped_returned_and_refunded(database_url: str) -> None:
    async with open_shop(database_url) as shop:
        await shop.stock(MUG=5)
        order_id = await shop.order(("MUG", 3))
        await shop.settled()
        (line_id,) = shop.line_ids(order_id)
        one = (LineQuantity(line_id, 1),)
        await shop.send(RecordLinesShipped(order_id=order_id, lines=one, ref="parcel"))
        await shop.send(RecordLinesReturned(order_id=order_id, lines=one, ref="return"))
        await shop.settled()
        require_every_moment(shop.store, order_id, OrderStatus.CONFIRMED)


async def test_an_order_that_was_declined_and_another_that_was_cancelled(sqlite_url: str) -> None:
    async with open_shop(sqlite_url) as shop:
        await shop.stock(MUG=5)
        declined = await shop.draft(("MUG", 1), pay="sandbox:decline")
        cancelled = await shop.draft(("MUG", 1))
        await shop.settled()
        await shop.send(CancelOrder(order_id=cancelled, reason_code="CHANGED_MIND"))
        await shop.settled()
        require_every_moment(shop.store, declined, OrderStatus.REJECTED)
        require_every_moment(shop.store, cancelled, OrderStatus.CANCELLED)
        started = [one.kind for one in shop.happened(ProcessStarted)]
        assert ProcessKind.REFUND in started


def require_every_moment(store: EventStore, order_id: str, status: OrderStatus) -> None:
    """What it was at each position, folded event by event, and how it ended."""
    database = open_read_models(store.location)
    try:
        pages = grown(order_id, whole_log(store))
        log = EventLog(store)
        assert {at: order_as_of(log, database, order_id, at) for at in pages} == pages
        last = pages[store.head()]
        assert last is not None
        assert last.status is status
    finally:
        database.close()
