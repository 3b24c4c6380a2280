"""Two months of a small shop, told in a few seconds: about 150 orders in every state."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import Random
from typing import Final

from orderlog.application.metadata import utc_now
from orderlog_server.demo.shop import Fate, Sale, Shop
from orderlog_server.wiring import Platform

DAYS: Final = 60
ORDERS: Final = {
    Fate.DELIVERED: 66,
    Fate.SHIPPED: 18,
    Fate.CONFIRMED: 16,
    Fate.RETURNED: 10,
    Fate.CANCELLED: 8,
    Fate.LINE_CANCELLED: 6,
    Fate.DECLINED: 7,
    Fate.UNKNOWN: 3,
    Fate.EXPIRED: 3,
    Fate.OUT_OF_STOCK: 5,
    Fate.DRAFT: 5,
    Fate.DISCARDED: 3,
}
RECENT: Final = frozenset({Fate.SHIPPED, Fate.CONFIRMED, Fate.UNKNOWN, Fate.DRAFT})
RECENT_DAYS: Final = 3

Step = Callable[[Shop, Sale, datetime | None], Awaitable[None]]
STEPS: Final[dict[Fate, tuple[tuple[float, Step], ...]]] = {
    Fate.SHIPPED: ((0.8, Shop.ship),),
    Fate.DELIVERED: ((0.8, Shop.ship), (2.1, Shop.deliver)),
    Fate.RETURNED: ((0.8, Shop.ship), (2.1, Shop.deliver), (6.5, Shop.take_back)),
    Fate.CANCELLED: ((0.2, Shop.cancel),),
    Fate.LINE_CANCELLED: ((0.5, Shop.cancel_line),),
    Fate.DISCARDED: ((1.0, Shop.discard),),
}
"""What the shop does after the placement, and how many days after the step before."""


async def tell_history(platform: Platform, shop: Shop, random: Random) -> int:
    """Fills shelves, places the orders in order of time and lets the processes do their part.

    Returns the number of orders.
    """
    now = utc_now()
    await shop.open(now - timedelta(days=DAYS + 2))
    plan = sorted(
        (moment_of(fate, now, random), fate) for fate, n in ORDERS.items() for _ in range(n)
    )
    sales = await asyncio.gather(*(shop.sell(fate, at) for at, fate in plan))
    await platform.settled()
    await asyncio.gather(
        *(go_on(shop, sale, at, now) for sale, (at, _) in zip(sales, plan, strict=True))
    )
    await platform.settled()
    return len(sales)


def moment_of(fate: Fate, now: datetime, random: Random) -> datetime:
    """When an order was begun: what is still open is recent. Shops sleep at night, a little."""
    first, last = (0, RECENT_DAYS) if fate in RECENT else (RECENT_DAYS, DAYS)
    at = now - timedelta(days=random.uniform(first, last))
    daytime = timedelta(hours=random.triangular(7, 23, 20))
    return min(at.replace(hour=0, minute=0, second=0) + daytime, now - timedelta(minutes=5))


async def go_on(shop: Shop, sale: Sale, at: datetime, now: datetime) -> None:
    """Does the remaining steps of an order's fate, each some days after the one before."""
    for days, step in STEPS.get(sale.fate, ()):
        at = min(at + timedelta(days=days), now)
        await step(shop, sale, at)
