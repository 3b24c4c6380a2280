"""The placement of an order, told as stories over a real store and a real bus."""

from orderlog.domain.orders.events import OrderStatus
from orderlog.domain.payments.events import PaymentStatus
from tests.support.shop import open_shop


async def test_an_order_is_reserved_paid_confirmed_and_captured(database_url: str) -> None:
    async with open_shop(database_url) as shop:
        await shop.stock(TEA=10, MUG=5)
        order_id = await shop.order(("TEA", 2), ("MUG", 1), ("TEA", 1))
        await shop.settled()

        assert shop.status(order_id) is OrderStatus.CONFIRMED
        assert shop.payment(order_id).status is PaymentStatus.CAPTURED
        assert shop.payment(order_id).captured == 400
        assert (shop.item("TEA").available, shop.item("MUG").available) == (7, 4)
