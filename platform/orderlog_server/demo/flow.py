"""New orders at a gentle rate, and what happens to them, until somebody stops it."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from random import Random
from typing import Final

from orderlog.domain.rejections import Rejected
from orderlog_server.demo.history import STEPS, Step
from orderlog_server.demo.shop import Fate, Sale, Shop

PAUSE_SECONDS: Final = (2.0, 4.0)
STEP_AFTER_SECONDS: Final = 8.0
RESTOCK_EVERY_ORDERS: Final = 4
FATES: Final = {
    Fate.DELIVERED: 40,
    Fate.SHIPPED: 20,
    Fate.CONFIRMED: 12,
    Fate.RETURNED: 7,
    Fate.CANCELLED: 6,
    Fate.LINE_CANCELLED: 4,
    Fate.DECLINED: 6,
    Fate.UNKNOWN: 2,
    Fate.OUT_OF_STOCK: 3,
}


@dataclass(slots=True)
class Ahead:
    """What is still to be done to an order, and not before when (seconds of the loop's clock)."""

    sale: Sale
    steps: deque[Step]
    due_at: float


async def keep_selling(shop: Shop, random: Random) -> AsyncGenerator[Sale]:
    """Yields each order after it was placed."""
    ahead: deque[Ahead] = deque()
    count = 0
    while True:
        (fate,) = random.choices(list(FATES), list(FATES.values()))
        sale = await shop.sell(fate)
        yield sale
        count += 1
        now = asyncio.get_running_loop().time()
        steps = deque(step for _, step in STEPS.get(fate, ()))
        ahead.append(Ahead(sale, steps, now + STEP_AFTER_SECONDS))
        await go_ahead(shop, ahead, now)
        if count % RESTOCK_EVERY_ORDERS == 0:
            await shop.restock()
        await asyncio.sleep(random.uniform(*PAUSE_SECONDS))


async def go_ahead(shop: Shop, ahead: deque[Ahead], now: float) -> None:
    """One more step for every order that has waited long enough."""
    for _ in range(len(ahead)):
        one = ahead.popleft()
        if one.due_at > now:
            ahead.append(one)
        elif one.steps and await is_done(shop, one.steps.popleft(), one.sale):
            one.due_at = now + STEP_AFTER_SECONDS
            ahead.append(one)


async def is_done(shop: Shop, step: Step, sale: Sale) -> bool:
    """An order may have gone another way meanwhile: then it is left alone."""
    try:
        await step(shop, sale, None)
    except Rejected:
        return False
    return True
