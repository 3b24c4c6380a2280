"""Each invariant holds of a real log, and is violated by one that was doctored."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest
import sqlalchemy as sa

from orderlog.application.idempotency import IdempotencyKey
from orderlog.application.metadata import new_id, new_metadata
from orderlog.domain.aggregate import Event
from orderlog.domain.orders.commands import CancelOrder, CreateDraftOrder
from orderlog.domain.orders.events import OrderConfirmed, OrderDrafted
from orderlog.domain.payments.events import PaymentCaptured, PaymentOperation
from orderlog.domain.processes.events import ProcessCompleted
from orderlog.domain.stock.events import StockReceived, StockReservationReleased, StockReserved
from orderlog.eventstore.store import RecordedEvent
from orderlog.gateways.port import GatewayKey
from orderlog_projections.order_list.tables import ORDER_LIST
from tests.projections.kept import keep
from tests.support.events import STAFF, envelope
from tests.support.evidence import Evidence, Told, evidence_of
from tests.support.gateway import moved_by
from tests.support.invariants import assert_all_holds, read_models_differ, violations
from tests.support.shop import Shop, open_shop

Doctoring = Callable[[Evidence], Evidence]
E = TypeVar("E", bound=Event)
KEY = ("test", "k")


@pytest.fixture
async def evidence(sqlite_url: str) -> Evidence:
    """Of a shop where orders were confirmed, declined, refused for want of stock and cancelled."""
    async with open_shop(sqlite_url) as shop:
        await shop.stock(TEA=10)
        for method in ("approve", "decline", "decline-once"):
            await shop.order(("TEA", 2), pay=f"sandbox:{method}")
        await shop.order(("TEA", 11))
        cancelled = await shop.order(("TEA", 3))
        await shop.settled()
        await shop.send(CancelOrder(order_id=cancelled, reason_code="CHANGED_MIND"))
        told = await told_of_a_draft(shop)
        await shop.settled()
        told.command_ids = {event.envelope.command_id for event in shop.log()}
        return evidence_of(shop.store, told, moved_by(shop.sandbox.ledger))


async def told_of_a_draft(shop: Shop) -> Told:
    scope, key = KEY
    receipt = await shop.bus.execute(
        CreateDraftOrder(order_id=new_id(), currency="GBP"),
        metadata=new_metadata(STAFF),
        idempotency=IdempotencyKey.of(scope=scope, key=key, body=b""),
    )
    return Told(sent={KEY}, acknowledged={KEY: receipt.position})


def test_a_real_log_violates_nothing(evidence: Evidence) -> None:
    assert violations(evidence) == []
    assert {type(one.event) for one in evidence.log} >= {OrderConfirmed, StockReservationReleased}


def without(kind: type[Event]) -> Doctoring:
    """The last event of a kind is gone."""

    def doctored(evidence: Evidence) -> Evidence:
        last = [one for one in evidence.log if isinstance(one.event, kind)][-1]
        return replace(evidence, log=[one for one in evidence.log if one is not last])

    return doctored


def changed(kind: type[E], change: Callable[[E], E]) -> Doctoring:
    """The first event of a kind says something else."""

    def doctored(evidence: Evidence) -> Evidence:
        first = next(one for one in evidence.log if isinstance(one.event, kind))
        assert isinstance(first.event, kind)
        other = RecordedEvent(first.position, change(first.event))
        return replace(evidence, log=[other if one is first else one for one in evidence.log])

    return doctored


def again(kind: type[E], change: Callable[[E], E]) -> Doctoring:
    """The last event of a kind comes once more, at the end of its stream."""

    def doctored(evidence: Evidence) -> Evidence:
        event = [one.event for one in evidence.log if isinstance(one.event, kind)][-1]
        version = len(evidence.streams[event.originator_id]) + 1
        more = change(msgspec.structs.replace(event, originator_version=version))
        last = evidence.log[-1].position
        return replace(evidence, log=[*evidence.log, RecordedEvent(last + 1, more)])

    return doctored


def of_another_command(event: E) -> E:
    cause = event.envelope.event_id
    return msgspec.structs.replace(
        event, envelope=msgspec.structs.replace(envelope(), causation_id=cause)
    )


def unsent(evidence: Evidence) -> Evidence:
    return replace(evidence, told=replace(evidence.told, sent=set(), command_ids=set()))


def unanswered(evidence: Evidence) -> Evidence:
    return replace(evidence, spans={})


def acknowledged_elsewhere(evidence: Evidence) -> Evidence:
    return replace(evidence, told=replace(evidence.told, acknowledged={KEY: 1}))


def moved_twice(evidence: Evidence) -> Evidence:
    """The gateway took the money of a payment under another key as well."""
    moved = dict(evidence.moved or {})
    key = next(one for one in moved if one.operation is PaymentOperation.CAPTURE)
    return replace(evidence, moved=moved | {GatewayKey(key.payment_id, key.operation, "x"): 1})


def less(event: PaymentCaptured) -> PaymentCaptured:
    return msgspec.structs.replace(event, amount=event.amount - 1)


def fewer(event: E) -> E:
    return msgspec.structs.replace(event, quantity=1)


DOCTORED: dict[str, tuple[Doctoring, str]] = {
    "acknowledged, and then lost": (without(OrderDrafted), "I1 .* lacks"),
    "acknowledged, and its answer is lost": (unanswered, "I1 .* not known"),
    "acknowledged, and moved": (acknowledged_elsewhere, "I1 .* is elsewhere"),
    "there twice": (again(OrderDrafted, lambda event: event), "I1 event .* 2 times"),
    "nobody asked": (unsent, "I2 nobody asked for StockItemRegistered at 1"),
    "a version is missing": (without(StockReceived), "I3"),
    "less was taken": (changed(PaymentCaptured, less), "I4 order .* took"),
    "the gateway took more": (moved_twice, "I4 .* CAPTURE"),
    "the gateway was asked in vain": (moved_twice, "I7 the gateway was asked"),
    "more was promised than there is": (changed(StockReceived, fewer), "I5 .* promised"),
    "less was reserved": (changed(StockReserved, fewer), "I5 order .* reserved 1 of 2"),
    "something is held for ever": (changed(StockReservationReleased, fewer), "I5 .* which is over"),
    "confirmed twice": (again(OrderConfirmed, of_another_command), "I7 .*'confirmed'.* 2 times"),
    "a process stands still": (without(ProcessCompleted), "I9"),
}


@pytest.mark.parametrize("how", DOCTORED)
def test_a_doctored_log_is_found_out(evidence: Evidence, how: str) -> None:
    doctored, expected = DOCTORED[how]
    found = violations(doctored(evidence))
    assert any(re.match(expected, sentence) for sentence in found), found


async def test_a_damaged_read_model_is_found_out(sqlite_url: str, tmp_path: Path) -> None:
    async with open_shop(sqlite_url) as shop:
        await shop.stock(TEA=1)
        await shop.order(("TEA", 1))
        await shop.settled()
    with keep(sqlite_url) as kept:
        kept.runner.catch_up()
        assert read_models_differ(kept.store, kept.database, tmp_path / "before") == []
        with kept.database.write() as connection:
            connection.execute(sa.update(ORDER_LIST.table).values(number="damaged"))
        (title,) = read_models_differ(kept.store, kept.database, tmp_path / "after")
        assert "order_list" in title


async def test_everything_is_asked_at_once(sqlite_url: str, tmp_path: Path) -> None:
    async with open_shop(sqlite_url) as shop:
        told = await told_of_a_draft(shop)
    with keep(sqlite_url) as kept:
        kept.runner.catch_up()
        assert_all_holds(kept.store, told, tmp_path / "fold")
        with pytest.raises(AssertionError, match="I2"):
            assert_all_holds(kept.store, Told(), tmp_path / "again")
