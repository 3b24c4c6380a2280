"""The demo shop has a past in every state, and a present."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from orderlog.application.metadata import utc_now
from orderlog.domain.money import Money
from orderlog.domain.orders.events import OrderStatus
from orderlog_server.demo import flow
from orderlog_server.demo.history import ORDERS
from orderlog_server.demo.place import fresh_database_url
from orderlog_server.demo.products import PRODUCTS
from orderlog_server.demo.run import open_shop
from orderlog_server.demo.shop import Fate, Shop
from orderlog_server.settings import load_settings
from orderlog_server.wiring import Platform, running


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Platform]:
    async with running(load_settings(database_url=f"sqlite:///{tmp_path}/demo.db")) as platform:
        yield platform


def counted(connection: Connection, column: str) -> dict[str, int]:
    query = sa.text(f"SELECT {column}, count(*) FROM order_list GROUP BY 1")  # noqa: S608 - a column of ours
    rows = connection.execute(query)
    return Counter({str(key): count for key, count in rows})


async def test_the_past_of_the_shop_has_every_state(platform: Platform) -> None:
    await open_shop(platform)

    statuses = platform.database.read(lambda connection: counted(connection, "status"))
    assert sum(statuses.values()) == sum(ORDERS.values())
    assert set(statuses) == set(OrderStatus) - {OrderStatus.COMPLETED}
    assert statuses["PENDING"] == ORDERS[Fate.UNKNOWN]
    assert statuses["REJECTED"] == ORDERS[Fate.DECLINED] + ORDERS[Fate.OUT_OF_STOCK]

    fulfilment = platform.database.read(lambda one: counted(one, "fulfillment_status"))
    assert {"DELIVERED", "SHIPPED", "UNFULFILLED"} <= set(fulfilment)
    payment = platform.database.read(lambda one: counted(one, "payment_status"))
    assert {"PAID", "PENDING", "FAILED", "REFUNDED", "PARTIALLY_REFUNDED"} <= set(payment)
    currencies = platform.database.read(lambda one: counted(one, "currency"))
    assert set(currencies) == {"GBP", "EUR", "JPY", "KWD"}
    assert {status.lag for status in platform.projections.positions().values()} == {0}


async def test_orders_keep_coming(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "PAUSE_SECONDS", (0.0, 0.0))
    monkeypatch.setattr(flow, "STEP_AFTER_SECONDS", 0.0)
    shop = Shop(platform, Random(1))
    await shop.open(at=utc_now())
    sold: set[str] = set()
    async with aclosing(flow.keep_selling(shop, Random(1))) as sales, asyncio.timeout(20):
        while len(sold) < 30:
            sold.add((await anext(sales)).order_id)
            await platform.settled()

    statuses = platform.database.read(lambda connection: counted(connection, "status"))
    assert statuses["CONFIRMED"] > 15
    fulfilment = platform.database.read(lambda one: counted(one, "fulfillment_status"))
    assert fulfilment["SHIPPED"] + fulfilment["DELIVERED"] > 0


@pytest.mark.parametrize("currency", ["GBP", "EUR", "JPY", "KWD"])
def test_prices_fit_their_currency(currency: str) -> None:
    exponent = Money.of(0, currency).exponent
    assert {product.price_in(currency).scale for product in PRODUCTS} == {exponent}
    assert all(product.price_in(currency).amount > 0 for product in PRODUCTS)


def test_what_the_demo_before_left_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first, other = fresh_database_url(8000), fresh_database_url(8001)
    for url in (first, other):
        Path(url.removeprefix("sqlite:///")).touch()
    assert fresh_database_url(8000) == first
    assert not Path(first.removeprefix("sqlite:///")).exists()
    assert Path(other.removeprefix("sqlite:///")).exists(), "the demo on the other port is its own"
