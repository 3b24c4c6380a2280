"""The placement of an order, told as stories over a real store and a real bus."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from orderlog.application.channels import Channel
from orderlog.application.metadata import derived_id
from orderlog.application.writer import Receipt
from orderlog.domain.commands import Command
from orderlog.domain.orders.commands import CancelOrder, RejectOrder
from orderlog.domain.orders.events import (
    CaptureMode,
    OrderCancelled,
    OrderConfirmed,
    OrderRejected,
    OrderStatus,
)
from orderlog.domain.payments.events import (
    PaymentAuthorized,
    PaymentCaptured,
    PaymentOperation,
    PaymentOutcomeUnknown,
    PaymentRequested,
    PaymentStatus,
)
from orderlog.domain.processes.events import (
    InterventionAction,
    ProcessOutcome,
    ProcessStatus,
    ProcessStuck,
    StepCompensated,
)
from orderlog.domain.stock.commands import ReceiveStock, ReleaseReason, ReleaseReservation
from orderlog.domain.stock.events import StockReservationReleased, StockReserved
from orderlog.gateways.port import Answer, Charge, GatewayKey
from orderlog.gateways.sandbox import SandboxGateway
from orderlog.processes.placement import reservation_id
from tests.support.shop import HISTORIC, Shop, open_shop


async def test_an_order_is_reserved_paid_confirmed_and_captured(database_url: str) -> None:
    async with open_shop(database_url) as shop:
        await shop.stock(TEA=10, MUG=5)
        order_id = await shop.order(("TEA", 2), ("MUG", 1), ("TEA", 1))
        await shop.settled()

        assert shop.status(order_id) is OrderStatus.CONFIRMED
        assert shop.payment(order_id).status is PaymentStatus.CAPTURED
        assert shop.payment(order_id).captured == 400
        assert (shop.item("TEA").available, shop.item("MUG").available) == (7, 4)
        assert shop.process(order_id).outcome is ProcessOutcome.SUCCEEDED
        assert len(shop.names("process-")) == 12


async def test_two_lines_of_one_sku_are_one_demand(sqlite_url: str) -> None:
    async with open_shop(sqlite_url) as shop:
        await shop.stock(TEA=3)
        order_id = await shop.order(("TEA", 2), ("TEA", 2))
        await shop.settled()

        assert shop.status(order_id) is OrderStatus.REJECTED
        assert shop.happened(StockReserved) == []


async def test_what_a_command_causes_is_said_with_it(sqlite_url: str) -> None:
    async with open_shop(sqlite_url) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1), placed_at=HISTORIC)
        await shop.settled()

        placed, *followed = [
            event for event in shop.log() if not event.originator_id.startswith("stock-")
        ]
        assert {event.envelope.correlation_id for event in followed} == {
            placed.envelope.correlation_id
        }
        assert {event.envelope.occurred_at for event in followed} == {HISTORIC}
        known = {event.envelope.event_id for event in shop.log()}
        assert {event.envelope.causation_id for event in followed} <= known
        assert shop.status(order_id) is OrderStatus.CONFIRMED


async def test_an_order_is_rejected_with_all_that_is_short(database_url: str) -> None:
    async with open_shop(database_url) as shop:
        await shop.stock(TEA=1, MUG=5, POT=0)
        order_id = await shop.order(("TEA", 2), ("MUG", 1), ("POT", 1))
        await shop.settled()

        (rejected,) = shop.happened(OrderRejected)
        assert rejected.code == "INSUFFICIENT_STOCK"
        assert [(i.sku, i.requested, i.available) for i in rejected.items] == [
            ("POT", 1, 0),
            ("TEA", 2, 1),
        ]
        assert (shop.item("MUG").available, shop.item("MUG").reserved) == (5, 0)
        assert shop.happened(PaymentRequested) == []
        assert shop.process(order_id).outcome is ProcessOutcome.COMPENSATED


async def test_a_sku_that_nobody_stocks_is_not_available(sqlite_url: str) -> None:
    async with open_shop(sqlite_url) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("GHOST", 1), ("TEA", 2))
        await shop.settled()

        (rejected,) = shop.happened(OrderRejected)
        assert [(i.sku, i.available) for i in rejected.items] == [("GHOST", 0), ("TEA", 1)]
        assert shop.process(order_id).status is ProcessStatus.COMPLETED


async def test_a_service_needs_no_stock(sqlite_url: str) -> None:
    async with open_shop(sqlite_url) as shop:
        order_id = await shop.draft(("GIFT WRAPPING", 1))
        await shop.settled()

        assert shop.status(order_id) is OrderStatus.CONFIRMED
        assert shop.payment(order_id).captured == 100


@pytest.mark.parametrize(("pay", "asked"), [("sandbox:decline", 1), ("sandbox:fail", 1)])
async def test_a_refused_payment_rejects_the_order(sqlite_url: str, pay: str, asked: int) -> None:
    async with open_shop(sqlite_url) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1), pay=pay)
        await shop.settled()

        assert shop.happened(OrderRejected)[0].code == "PAYMENT_DECLINED"
        assert shop.item("TEA").available == 1
        assert len(shop.happened(PaymentRequested)) == asked
        assert [event.step for event in shop.happened(StepCompensated)] == ["reserve"]
        assert shop.process(order_id).outcome is ProcessOutcome.COMPENSATED


async def test_a_retryable_decline_is_followed_by_another_attempt(database_url: str) -> None:
    async with open_shop(database_url) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1), pay="sandbox:decline-once")
        await shop.settled()

        assert shop.payment(order_id).status is PaymentStatus.DECLINED
        assert shop.payment(order_id, attempt=2).status is PaymentStatus.CAPTURED
        assert shop.status(order_id) is OrderStatus.CONFIRMED


@pytest.mark.parametrize("pay", ["sandbox:timeout", "sandbox:late"])
async def test_a_silent_gateway_is_asked_again_by_the_same_key(database_url: str, pay: str) -> None:
    async with open_shop(database_url) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1), pay=pay)
        await shop.eventually(lambda: shop.status(order_id) is OrderStatus.CONFIRMED)

        assert len(shop.happened(PaymentOutcomeUnknown)) == 1
        assert shop.sandbox.moved(PaymentOperation.AUTHORIZE) == 100
        (authorization,) = [key for key in shop.sandbox.ledger if key.operation == "AUTHORIZE"]
        assert shop.sandbox.ledger[authorization].asked == 1
        assert shop.sandbox.ledger[authorization].queried >= 1


async def test_an_answer_that_comes_twice_counts_once(sqlite_url: str) -> None:
    async with open_shop(sqlite_url) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1), pay="sandbox:twice")
        await shop.settled()
        await shop.sandbox.notified()

        assert shop.status(order_id) is OrderStatus.CONFIRMED
        assert len(shop.happened(PaymentAuthorized)) == 1
        assert [event.amount for event in shop.happened(PaymentCaptured)] == [100]


async def test_a_payment_of_unknown_outcome_waits_for_an_operator(sqlite_url: str) -> None:
    async with open_shop(sqlite_url, patience_seconds=0.1) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1), pay="sandbox:lost")
        await shop.eventually(lambda: bool(shop.happened(ProcessStuck)))

        assert shop.happened(ProcessStuck)[0].code == "PAYMENT_OUTCOME_UNKNOWN"
        assert shop.status(order_id) is OrderStatus.PENDING

        await shop.intervene(order_id, InterventionAction.COMPENSATE)
        assert shop.status(order_id) is OrderStatus.REJECTED
        assert shop.item("TEA").available == 1
        assert shop.process(order_id).outcome is ProcessOutcome.COMPENSATED


async def test_cancelled_in_the_moment_of_its_rejection_nobody_is_needed(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_shop(sqlite_url) as shop:
        await shop.stock(TEA=1)
        execute = shop.bus.execute

        async def overtaken(*commands: Command, **how: Any) -> Receipt:  # noqa: ANN401 - handed on
            for command in commands:
                if isinstance(command, RejectOrder):
                    monkeypatch.undo()
                    await shop.send(CancelOrder(order_id=command.order_id, reason_code="LATE"))
            return await execute(*commands, **how)

        monkeypatch.setattr(shop.bus, "execute", overtaken)
        order_id = await shop.order(("TEA", 2))
        await shop.settled()

        assert shop.status(order_id) is OrderStatus.CANCELLED
        assert shop.process(order_id).outcome is ProcessOutcome.COMPENSATED
        assert not shop.happened(ProcessStuck)


async def test_a_cancelled_order_gets_its_late_authorization_back(database_url: str) -> None:
    sandbox = SandboxGateway(late_seconds=0.3)
    async with open_shop(database_url, sandbox=sandbox) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1), pay="sandbox:late")
        await shop.eventually(lambda: bool(shop.happened(PaymentOutcomeUnknown)))
        await shop.send(CancelOrder(order_id=order_id, reason_code="CHANGED_MIND"))
        await shop.settled()

        assert shop.item("TEA").available == 1
        assert shop.process(order_id).outcome is ProcessOutcome.COMPENSATED
        (key,) = sandbox.ledger
        sandbox.late_seconds = 0
        await shop.hear_of(key)
        assert shop.payment(order_id).status is PaymentStatus.VOIDED
        assert shop.happened(OrderConfirmed) == []


@dataclass
class CancellingGateway(SandboxGateway):
    """While it captures, somebody cancels the order."""

    shop: Shop | None = None

    async def capture(self, key: GatewayKey, charge: Charge) -> Answer:
        assert self.shop is not None
        await self.shop.send(CancelOrder(order_id=charge.order_id, reason_code="CHANGED_MIND"))
        return await SandboxGateway.capture(self, key, charge)


async def test_money_taken_before_the_pivot_is_refunded(sqlite_url: str) -> None:
    gateway, channel = CancellingGateway(), Channel(capture_mode=CaptureMode.IMMEDIATE)
    async with open_shop(sqlite_url, sandbox=gateway, channel=channel) as shop:
        gateway.shop = shop
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1))
        await shop.settled()

        assert shop.status(order_id) is OrderStatus.CANCELLED
        assert shop.payment(order_id).status is PaymentStatus.REFUNDED
        assert shop.item("TEA").available == 1


async def test_cancelled_while_the_money_is_being_taken_all_comes_back_once(
    sqlite_url: str,
) -> None:
    gateway = CancellingGateway()
    async with open_shop(sqlite_url, sandbox=gateway) as shop:
        gateway.shop = shop
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1))
        await shop.settled()

        assert shop.happened(OrderCancelled)[0].from_status is OrderStatus.CONFIRMED
        assert shop.payment(order_id).refunded == 100
        assert shop.item("TEA").available == 1
        assert shop.sandbox.moved(PaymentOperation.REFUND) == 100


async def test_capture_at_once_confirms_after_the_money_is_there(sqlite_url: str) -> None:
    channel = Channel(capture_mode=CaptureMode.IMMEDIATE)
    async with open_shop(sqlite_url, channel=channel) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1))
        await shop.settled()

        names = shop.names("order-", "payment-")
        assert names.index("PaymentCaptured") < names.index("OrderConfirmed")
        assert shop.process(order_id).outcome is ProcessOutcome.SUCCEEDED


async def test_capture_at_once_that_fails_rejects_and_voids(sqlite_url: str) -> None:
    channel = Channel(capture_mode=CaptureMode.IMMEDIATE)
    async with open_shop(sqlite_url, channel=channel) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1), pay="sandbox:decline-capture")
        await shop.settled()

        assert shop.status(order_id) is OrderStatus.REJECTED
        assert shop.payment(order_id).status is PaymentStatus.VOIDED
        assert shop.item("TEA").available == 1


async def test_a_capture_is_tried_again_then_left_to_an_operator(database_url: str) -> None:
    async with open_shop(database_url) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1), pay="sandbox:decline-capture")
        await shop.eventually(lambda: bool(shop.happened(ProcessStuck)))

        (stuck,) = shop.happened(ProcessStuck)
        assert (stuck.step, stuck.code, stuck.attempts) == ("capture", "CAPTURE_DECLINED", 3)
        assert shop.status(order_id) is OrderStatus.CONFIRMED

        await shop.intervene(order_id, InterventionAction.SKIP)
        assert shop.process(order_id).outcome is ProcessOutcome.SUCCEEDED


async def held_reservation_is_lost(shop: Shop, order_id: str) -> None:
    """As if it had expired, and somebody else had bought the last units."""
    release = ReleaseReservation(
        sku="TEA",
        warehouse_id="main",
        reservation_id=reservation_id(order_id, "TEA", "main"),
        reason=ReleaseReason.SHORTAGE,
    )
    await shop.send(release)
    other = await shop.order(("TEA", 1))
    await shop.eventually(lambda: shop.status(other) is OrderStatus.CONFIRMED)


async def test_a_lost_reservation_that_cannot_be_had_again_is_for_an_operator(
    database_url: str,
) -> None:
    async with open_shop(database_url, sandbox=SandboxGateway(late_seconds=60)) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1), pay="sandbox:late")
        await shop.settled()
        await held_reservation_is_lost(shop, order_id)
        shop.sandbox.late_seconds = 0
        await shop.eventually(lambda: bool(shop.happened(ProcessStuck)))

        (stuck,) = shop.happened(ProcessStuck)
        assert (stuck.step, stuck.code) == ("commit-stock", "INSUFFICIENT_STOCK")
        assert shop.status(order_id) is OrderStatus.CONFIRMED

        await shop.send(ReceiveStock(sku="TEA", warehouse_id="main", quantity=1, reference="found"))
        await shop.intervene(order_id, InterventionAction.RETRY)
        assert shop.process(order_id).outcome is ProcessOutcome.SUCCEEDED
        assert shop.item("TEA").available == 0


async def test_an_operator_can_undo_what_is_stuck_after_the_pivot(sqlite_url: str) -> None:
    async with open_shop(sqlite_url, sandbox=SandboxGateway(late_seconds=60)) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1), pay="sandbox:late")
        await shop.settled()
        await held_reservation_is_lost(shop, order_id)
        shop.sandbox.late_seconds = 0
        await shop.eventually(lambda: bool(shop.happened(ProcessStuck)))
        await shop.intervene(order_id, InterventionAction.COMPENSATE)

        assert shop.status(order_id) is OrderStatus.CANCELLED
        assert shop.payment(order_id).status is PaymentStatus.VOIDED
        assert shop.process(order_id).outcome is ProcessOutcome.COMPENSATED


async def test_fifty_buyers_of_the_last_ten(database_url: str) -> None:
    async with open_shop(database_url) as shop:
        await shop.stock(TEA=10)
        orders = await asyncio.gather(*(shop.order(("TEA", 1)) for _ in range(50)))
        await shop.settled()

        statuses = [shop.status(order_id) for order_id in orders]
        assert statuses.count(OrderStatus.CONFIRMED) == 10
        assert statuses.count(OrderStatus.REJECTED) == 40
        assert (shop.item("TEA").available, shop.item("TEA").on_hand) == (0, 10)
        assert shop.sandbox.moved(PaymentOperation.CAPTURE) == 1_000


async def test_only_what_it_reserved_itself_is_released(sqlite_url: str) -> None:
    async with open_shop(sqlite_url) as shop:
        await shop.stock(TEA=3, POT=0)
        other = await shop.order(("TEA", 1))
        await shop.settled()
        refused = await shop.order(("TEA", 2), ("POT", 1))
        await shop.settled()

        released = [event.reservation_id for event in shop.happened(StockReservationReleased)]
        assert released == [reservation_id(refused, "TEA", "main")]
        assert reservation_id(other, "TEA", "main") in shop.item("TEA").reservations


def test_reservations_are_known_beforehand() -> None:
    order_id = "0190b6f0-0000-7000-8000-000000000001"
    assert reservation_id(order_id, "TEA", "main") == derived_id(order_id, "TEA", "main", "0")


async def test_what_costs_nothing_needs_no_payment(sqlite_url: str) -> None:
    async with open_shop(sqlite_url) as shop:
        await shop.stock(TEA=2)
        order_id = await shop.order(("TEA", 1), price=0)
        await shop.settled()

        assert shop.status(order_id) is OrderStatus.CONFIRMED
        assert shop.happened(PaymentRequested) == []
        assert shop.process(order_id).outcome is ProcessOutcome.SUCCEEDED


async def test_an_operator_can_vouch_for_the_money(sqlite_url: str) -> None:
    async with open_shop(sqlite_url, patience_seconds=0.1) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1), pay="sandbox:lost")
        await shop.eventually(lambda: bool(shop.happened(ProcessStuck)))
        await shop.intervene(order_id, InterventionAction.FORCE)

        assert shop.status(order_id) is OrderStatus.CONFIRMED
        assert shop.process(order_id).outcome is ProcessOutcome.SUCCEEDED


async def test_a_silent_gateway_is_asked_once_more_when_an_operator_says_so(
    sqlite_url: str,
) -> None:
    sandbox = SandboxGateway(late_seconds=60)
    async with open_shop(sqlite_url, sandbox=sandbox, patience_seconds=0.1) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1), pay="sandbox:late")
        await shop.eventually(lambda: bool(shop.happened(ProcessStuck)))
        sandbox.late_seconds = 0
        await shop.intervene(order_id, InterventionAction.RETRY)

        assert shop.status(order_id) is OrderStatus.CONFIRMED
        assert sandbox.moved(PaymentOperation.CAPTURE) == 100
