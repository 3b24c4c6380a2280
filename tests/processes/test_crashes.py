"""Whatever breaks and whenever: each order ends somewhere, and stock and money add up."""

import asyncio
from collections.abc import Sequence
from itertools import count

import pytest

from orderlog.domain.orders.commands import CancelOrder
from orderlog.domain.orders.events import OrderStatus
from orderlog.domain.payments.events import PaymentOperation
from orderlog.domain.processes.events import InterventionAction, ProcessStatus, ProcessStuck
from orderlog.domain.stock.events import StockReservationRefused
from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.recorder import AppendUnit, Outcome
from orderlog.eventstore.store import EventStore, open_store
from orderlog.gateways.sandbox import SandboxGateway
from orderlog.processes.runner import CONSUMER, ProcessRunner
from tests.support.shop import SOON, Shop, open_shop

COMMITS_OF_A_PLACEMENT = range(9)


class Crash(Exception):
    """The machine went down, or so it seems from inside."""


class BrittleStore(EventStore):
    """Fails after some appends: before the commit, or after it, when the answer gets lost."""

    def __init__(self, url: str) -> None:
        opened = open_store(url)
        super().__init__(opened.recorder, opened.location)
        self.appends_left: int | None = None
        self.is_answer_lost = False
        self.failures_left = 1_000
        self.failure: Exception = Crash()

    def append_group(self, units: Sequence[AppendUnit]) -> list[Outcome]:
        if self.appends_left is None or self.failures_left == 0:
            return super().append_group(units)
        if self.appends_left > 0:
            self.appends_left -= 1
            return super().append_group(units)
        self.failures_left -= 1
        if self.is_answer_lost:
            super().append_group(units)
        raise self.failure


@pytest.mark.parametrize("is_answer_lost", [False, True])
@pytest.mark.parametrize("pay", ["sandbox:approve", "sandbox:decline", "sandbox:decline-once"])
async def test_a_crash_at_any_commit_of_a_placement(
    sqlite_url: str, *, pay: str, is_answer_lost: bool
) -> None:
    sandbox = SandboxGateway()
    order_ids: list[str] = []
    for commits in COMMITS_OF_A_PLACEMENT:
        store = BrittleStore(sqlite_url)
        async with open_shop(sqlite_url, store=store, sandbox=sandbox) as shop:
            if not order_ids:
                await shop.stock(TEA=100)
            order_ids.append(await shop.order(("TEA", 1), pay=pay))
            store.appends_left, store.is_answer_lost = commits, is_answer_lost
            await until_it_rests(shop)

    async with open_shop(sqlite_url, sandbox=sandbox) as shop:
        await shop.settled()
        for order_id in order_ids:
            await free_if_stuck(shop, order_id)
        assert_all_adds_up(shop, order_ids)


async def test_what_is_asked_again_after_a_crash_is_another_event(sqlite_url: str) -> None:
    store = BrittleStore(sqlite_url)
    async with open_shop(sqlite_url, store=store) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 2))
        store.appends_left = 1
        await until_it_rests(shop)
        assert shop.happened(StockReservationRefused), "and the crash was before what follows"

    async with open_shop(sqlite_url) as shop:
        await shop.settled()
        assert shop.status(order_id) is OrderStatus.REJECTED
        assert len(shop.happened(StockReservationRefused)) == 2
        event_ids = [event.envelope.event_id for event in shop.log()]
        assert len(set(event_ids)) == len(event_ids)


async def until_it_rests(shop: Shop) -> None:
    try:
        await shop.settled()
    except Crash:
        assert isinstance(shop.runner.error, Crash)


async def free_if_stuck(shop: Shop, order_id: str) -> None:
    if shop.process(order_id).status is ProcessStatus.STUCK:
        await shop.intervene(order_id, InterventionAction.RETRY)


def assert_all_adds_up(shop: Shop, order_ids: list[str]) -> None:
    statuses = [shop.status(order_id) for order_id in order_ids]
    confirmed = statuses.count(OrderStatus.CONFIRMED)
    assert confirmed + statuses.count(OrderStatus.REJECTED) == len(order_ids)
    assert {shop.process(order_id).status for order_id in order_ids} == {ProcessStatus.COMPLETED}
    assert shop.item("TEA").reserved == confirmed
    assert shop.sandbox.moved(PaymentOperation.CAPTURE) == confirmed * 100
    assert shop.item("TEA").on_hand == 100


async def test_a_failure_that_passes_is_tried_again(sqlite_url: str) -> None:
    store = BrittleStore(sqlite_url)
    async with open_shop(sqlite_url, store=store) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1))
        store.appends_left, store.failures_left = 1, 2
        await shop.settled()

        assert shop.status(order_id) is OrderStatus.CONFIRMED
        assert shop.runner.error is None


async def test_a_failure_that_stays_is_left_to_an_operator(sqlite_url: str) -> None:
    store = BrittleStore(sqlite_url)
    async with open_shop(sqlite_url, store=store) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1))
        store.appends_left, store.failures_left = 1, SOON.attempts_max
        await shop.settled()

        (stuck,) = shop.happened(ProcessStuck)
        assert stuck.code == "Crash"
        await shop.intervene(order_id, InterventionAction.RETRY)
        assert shop.status(order_id) is OrderStatus.CONFIRMED


async def test_a_database_that_is_away_is_waited_for(sqlite_url: str) -> None:
    store = BrittleStore(sqlite_url)
    async with open_shop(sqlite_url, store=store) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1))
        store.failure = StoreUnavailable("gone fishing")
        store.appends_left, store.failures_left = 1, SOON.attempts_max + 1
        await shop.settled()

        assert shop.status(order_id) is OrderStatus.CONFIRMED
        assert not shop.happened(ProcessStuck)


async def test_the_whole_log_delivered_again_adds_nothing(database_url: str) -> None:
    sandbox = SandboxGateway(late_seconds=0.03)
    async with open_shop(database_url, sandbox=sandbox) as shop:
        await shop.stock(TEA=40)
        await many_fates(shop)
        await asyncio.sleep(0.6)
        await shop.settled()
        head, asked = shop.store.head(), sum(one.asked for one in sandbox.ledger.values())
        await shop.runner.stop()
        shop.store.move_checkpoint(CONSUMER, 0)

        runner = ProcessRunner(shop.store, shop.stories)
        await runner.start()
        await runner.settled()
        await asyncio.sleep(0.6)
        await runner.settled()
        await runner.stop()
        assert shop.store.head() == head
        assert runner.position == head
        assert sum(one.asked for one in sandbox.ledger.values()) == asked


async def many_fates(shop: Shop) -> None:
    methods = ["approve", "decline", "decline-once", "fail", "timeout", "lost", "late", "twice"]
    for method in [*methods, "decline-capture", "fail-refund"]:
        for fate in ("kept", "cancelled", "cancelled at once"):
            order_id = await shop.order(("TEA", 1), pay=f"sandbox:{method}")
            if fate != "cancelled at once":
                await shop.settled()
            if fate != "kept" and shop.status(order_id) is not OrderStatus.REJECTED:
                await shop.send(CancelOrder(order_id=order_id, reason_code="CHANGED_MIND"))
    await shop.settled()


async def test_what_cannot_even_be_marked_stops_the_runner_visibly(sqlite_url: str) -> None:
    store = BrittleStore(sqlite_url)
    async with open_shop(sqlite_url, store=store) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1))
        placed = store.head()
        store.appends_left = 0
        with pytest.raises(Crash):
            await shop.settled()
        assert isinstance(shop.runner.error, Crash)
        assert shop.runner.position < placed

    async with open_shop(sqlite_url) as shop:
        await shop.settled()
        assert shop.status(order_id) is OrderStatus.CONFIRMED


async def test_deadlines_survive_a_restart(database_url: str) -> None:
    sandbox = SandboxGateway(late_seconds=60)
    async with open_shop(database_url, sandbox=sandbox) as shop:
        await shop.stock(TEA=1)
        order_id = await shop.order(("TEA", 1), pay="sandbox:late")
        await shop.settled()

    sandbox.late_seconds = 0
    async with open_shop(database_url, sandbox=sandbox) as shop:
        await shop.eventually(lambda: shop.status(order_id) is OrderStatus.CONFIRMED)


async def test_a_runner_can_be_stopped_at_any_time(sqlite_url: str) -> None:
    sandbox = SandboxGateway()
    order_ids: list[str] = []
    for pause_ms in count(0, 3):
        async with open_shop(sqlite_url, sandbox=sandbox) as shop:
            if pause_ms == 0:
                await shop.stock(TEA=100)
            order_ids.append(await shop.order(("TEA", 1)))
            await asyncio.sleep(pause_ms / 1_000)
        if pause_ms > 45:
            break
    async with open_shop(sqlite_url, sandbox=sandbox) as shop:
        await shop.settled()
        assert_all_adds_up(shop, order_ids)
