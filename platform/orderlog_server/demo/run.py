"""The demo as a whole: a shop with a past, then a shop that goes on."""

from random import Random
from typing import Final

from orderlog_server.demo.flow import keep_selling
from orderlog_server.demo.history import tell_history
from orderlog_server.demo.shop import Shop
from orderlog_server.wiring import Platform

SEED: Final = 1879
"""The same shop at every start, but for ids and times."""


async def open_shop(platform: Platform) -> Shop:
    """Tells the history; returns when all of it can be seen."""
    random = Random(SEED)  # noqa: S311 - it guards nothing
    shop = Shop(platform, random)
    await tell_history(platform, shop, random)
    return shop


async def sell_on(shop: Shop) -> None:
    """New orders until cancelled."""
    async for _ in keep_selling(shop, Random(SEED)):  # noqa: S311 - as above
        pass
