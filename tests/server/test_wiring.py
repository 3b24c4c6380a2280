"""All parts together: a command in, its consequences in the read models, on both databases."""

import asyncio

import pytest

from orderlog.application.metadata import SYSTEM, derived_id, new_id, new_metadata, utc_now
from orderlog.domain.money import UnitPrice
from orderlog.domain.orders.commands import AddOrderLine, CreateDraftOrder, PlaceOrder
from orderlog.domain.orders.events import OrderStatus
from orderlog.eventstore.errors import StoreError, StoreUnavailable
from orderlog_projections.order_list.queries import find_orders
from orderlog_server.duties import NO_DUTIES
from orderlog_server.settings import Settings, load_settings
from orderlog_server.wiring import Platform, running


@pytest.fixture
def settings(database_url: str) -> Settings:
    return load_settings(database_url=database_url)


async def place(platform: Platform, order_id: str) -> int:
    """Places an order that needs no stock; returns its position."""
    channel = platform.channels.get("default")
    number = platform.order_numbers.next(channel)
    receipt = await platform.bus.execute(
        CreateDraftOrder(order_id=order_id, currency="GBP", customer_id=new_id()),
        gift_card(order_id),
        PlaceOrder(order_id=order_id, terms=channel.terms(number, "sandbox:approve", utc_now())),
        metadata=new_metadata(SYSTEM),
    )
    return receipt.position


def gift_card(order_id: str) -> AddOrderLine:
    return AddOrderLine(
        order_id=order_id,
        line_id=derived_id(order_id, "1"),
        sku="GIFT",
        title="Gift card",
        quantity=1,
        unit_price=UnitPrice(2500, 2),
        currency="GBP",
        requires_shipping=False,
    )


def status_of(platform: Platform, order_id: str) -> OrderStatus:
    (row,) = platform.database.read(lambda connection: find_orders(connection, [order_id]))
    return row.status


async def test_once_settled_everything_has_happened(settings: Settings) -> None:
    order_ids = [new_id() for _ in range(20)]
    async with running(settings) as platform:
        await asyncio.gather(*(place(platform, order_id) for order_id in order_ids))
        await platform.settled()
        assert {status_of(platform, order_id) for order_id in order_ids} == {OrderStatus.CONFIRMED}
        assert {one.lag for one in platform.projections.positions().values()} == {0}


async def test_what_was_left_undone_is_done_at_the_next_start(settings: Settings) -> None:
    order_id = new_id()
    async with running(settings, NO_DUTIES) as platform:
        await place(platform, order_id)
    async with running(settings) as platform:
        await platform.settled()
        assert status_of(platform, order_id) is OrderStatus.CONFIRMED
        head = platform.store.head()
    async with running(settings) as platform:
        await platform.settled()
        assert platform.store.head() == head, "a start without news adds nothing"


async def test_stopping_commits_what_was_sent(settings: Settings) -> None:
    async with running(settings) as platform:
        sent = [asyncio.create_task(place(platform, new_id())) for _ in range(20)]
        await asyncio.sleep(0)
    assert all(position > 0 for position in await asyncio.gather(*sent))


async def test_a_database_that_cannot_be_opened_leaves_nothing_running() -> None:
    before = asyncio.all_tasks()
    with pytest.raises(StoreError):
        async with running(load_settings(database_url="sqlite:////nowhere/at/all.db")):
            pytest.fail("it was opened")
    assert asyncio.all_tasks() == before


async def test_a_sqlite_log_has_one_owner_at_a_time(sqlite_url: str) -> None:
    settings = load_settings(database_url=sqlite_url)
    async with running(settings):
        with pytest.raises(StoreUnavailable, match="Another orderlog process works on"):
            async with running(settings):
                pytest.fail("both work on it")
    async with running(settings):
        pass
