"""What a confirmed order gives back when it is cancelled, in whole or in part, or returned."""

import pytest

from orderlog.application.channels import Channel
from orderlog.domain.orders.commands import (
    CancelOrder,
    CancelOrderLines,
    RecordLinesReturned,
    RecordLinesShipped,
)
from orderlog.domain.orders.events import CaptureMode, LineQuantity, OrderStatus, RefundPolicy
from orderlog.domain.payments.events import PaymentStatus, RefundFailed, RefundRequested
from orderlog.domain.processes.commands import Intervene
from orderlog.domain.processes.events import (
    InterventionAction,
    ProcessOutcome,
    ProcessStatus,
    ProcessStuck,
)
from orderlog.domain.processes.process import Process
from orderlog.domain.stock.commands import ShipStock
from orderlog.processes.placement import reservation_id
from tests.support.shop import Shop, open_shop


async def test_a_cancelled_order_gives_back_its_stock_and_its_money(database_url: str) -> None:
    async with open_shop(database_url) as shop:
        await shop.stock(TEA=5)
        order_id = await shop.order(("TEA", 2))
        await shop.settled()
        await shop.send(CancelOrder(order_id=order_id, reason_code="CHANGED_MIND"))
        await shop.settled()

        assert shop.status(order_id) is OrderStatus.CANCELLED
        assert shop.payment(order_id).status is PaymentStatus.REFUNDED
        assert (shop.item("TEA").available, shop.item("TEA").on_hand) == (5, 5)


async def test_money_that_was_only_authorized_is_given_up(sqlite_url: str) -> None:
    channel = Channel(capture_mode=CaptureMode.ON_SHIP)
    async with open_shop(sqlite_url, channel=channel) as shop:
        await shop.stock(TEA=5)
        order_id = await shop.order(("TEA", 2))
        await shop.settled()
        assert shop.process(order_id).outcome is ProcessOutcome.SUCCEEDED
        await shop.send(CancelOrder(order_id=order_id, reason_code="CHANGED_MIND"))
        await shop.settled()

        assert shop.payment(order_id).status is PaymentStatus.VOIDED


@pytest.mark.parametrize(
    ("refund", "amount", "refunded"),
    [(RefundPolicy.FULL, None, 200), (RefundPolicy.AMOUNT, 70, 70), (RefundPolicy.NONE, None, 0)],
)
async def test_how_much_comes_back_is_said_by_the_cancellation(
    sqlite_url: str, refund: RefundPolicy, amount: int | None, refunded: int
) -> None:
    async with open_shop(sqlite_url) as shop:
        await shop.stock(TEA=5)
        order_id = await shop.order(("TEA", 2))
        await shop.settled()
        cancel = CancelOrder(
            order_id=order_id, reason_code="CHANGED_MIND", refund=refund, amount_minor=amount
        )
        await shop.send(cancel)
        await shop.settled()

        assert shop.payment(order_id).refunded == refunded


async def test_what_is_not_restocked_is_written_off(sqlite_url: str) -> None:
    async with open_shop(sqlite_url) as shop:
        await shop.stock(TEA=5)
        order_id = await shop.order(("TEA", 2))
        await shop.settled()
        await shop.send(CancelOrder(order_id=order_id, reason_code="BROKEN", restock=False))
        await shop.settled()

        assert (shop.item("TEA").available, shop.item("TEA").on_hand) == (3, 3)


async def test_cancelled_lines_give_back_their_share_once(database_url: str) -> None:
    async with open_shop(database_url) as shop:
        await shop.stock(TEA=5)
        order_id = await shop.order(("TEA", 3))
        await shop.settled()
        for _ in range(2):
            await shop.send(cancel_lines(shop, order_id, 1))
            await shop.settled()

        assert shop.payment(order_id).refunded == 200
        assert (shop.item("TEA").available, shop.item("TEA").reserved) == (4, 1)


async def test_returned_lines_give_back_money_and_leave_the_shelf_alone(sqlite_url: str) -> None:
    async with open_shop(sqlite_url) as shop:
        await shop.stock(TEA=5)
        order_id = await shop.order(("TEA", 3))
        await shop.settled()
        (line_id,) = shop.line_ids(order_id)
        lines = (LineQuantity(line_id, 2),)
        shipped = ShipStock(
            sku="TEA",
            warehouse_id="main",
            reservation_id=reservation_id(order_id, "TEA", "main"),
            quantity=2,
        )
        await shop.send(shipped, RecordLinesShipped(order_id=order_id, lines=lines, ref="parcel"))
        await shop.send(RecordLinesReturned(order_id=order_id, lines=lines, ref="return"))
        await shop.settled()

        assert shop.payment(order_id).refunded == 200
        assert (shop.item("TEA").on_hand, shop.item("TEA").reserved) == (3, 1)


async def test_a_refund_that_fails_is_for_an_operator(sqlite_url: str) -> None:
    async with open_shop(sqlite_url) as shop:
        await shop.stock(TEA=5)
        order_id = await shop.order(("TEA", 2), pay="sandbox:fail-refund")
        await shop.settled()
        await shop.send(CancelOrder(order_id=order_id, reason_code="CHANGED_MIND"))
        await shop.settled()

        (stuck,) = shop.happened(ProcessStuck)
        assert (stuck.step, stuck.code) == ("refund", "REFUND_DECLINED")

        await shop.send(retry(stuck.originator_id))
        await shop.settled()
        assert len(shop.happened(RefundFailed)) == 2
        assert len({event.refund_id for event in shop.happened(RefundRequested)}) == 2
        assert shop.aggregate(Process, stuck.originator_id).status is ProcessStatus.COMPLETED
        assert len(shop.happened(ProcessStuck)) == 2


def cancel_lines(shop: Shop, order_id: str, units: int) -> CancelOrderLines:
    (line_id,) = shop.line_ids(order_id)
    return CancelOrderLines(
        order_id=order_id, lines=(LineQuantity(line_id, units),), reason_code="CHANGED_MIND"
    )


def retry(process_id: str) -> Intervene:
    return Intervene(process_id=process_id, action=InterventionAction.RETRY, note="call the bank")
