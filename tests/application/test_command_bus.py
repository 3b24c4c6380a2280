"""Commands become events: together or not at all, in order, once."""

import asyncio
import threading
from collections.abc import Sequence

import pytest
from eventsourcing.persistence import Notification

from orderlog.application.command_bus import CommandBus
from orderlog.application.idempotency import IdempotencyKey
from orderlog.application.metadata import new_id, new_metadata
from orderlog.application.writer import QUEUED_UNITS_MAX
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.recorder import AppendUnit, Outcome
from orderlog.eventstore.store import EventStore, open_store
from tests.support.events import STAFF
from tests.support.stock import (
    MUG,
    available,
    receive,
    register,
    reserve,
    send,
    topics,
    write_off,
)


async def test_a_log_that_cannot_be_read_for_now_ends_nothing(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = CommandBus(store)
    await send(bus, register("MUG"), register("TEA"))
    await bus.close()

    def away(*_: object) -> Sequence[Notification]:
        raise StoreUnavailable("gone fishing")

    bus = CommandBus(store)
    key = IdempotencyKey.of(scope="test", key="k", body=b"")
    sent = (receive(1, "MUG"), receive(1, "TEA"))
    async with asyncio.timeout(20):
        with monkeypatch.context() as for_a_while:
            for_a_while.setattr(store.recorder, "select_streams", away)
            with pytest.raises(StoreUnavailable):
                await send(bus, *sent, idempotency=key)
        assert not (await send(bus, *sent, idempotency=key)).replayed
        assert (await send(bus, *sent, idempotency=key)).replayed
    await bus.close()


async def test_the_receipt_names_the_position_and_the_events(
    bus: CommandBus, store: EventStore
) -> None:
    receipt = await send(bus, register(), receive(5))
    assert [recorded.event.TOPIC for recorded in receipt.events] == [
        "StockItemRegistered",
        "StockReceived",
    ]
    assert receipt.position == store.head()
    assert receipt.replayed is False


async def test_what_a_sender_does_not_see_is_absent_to_it(bus: CommandBus) -> None:
    await send(bus, register("MUG"), receive(5, "MUG"))

    async def refused(sku: str, expected_version: int | None = None) -> Rejected:
        with pytest.raises(Rejected) as caught:
            await bus.execute(
                receive(1, sku),
                metadata=new_metadata(STAFF),
                expected_version=expected_version,
                sees=lambda _: False,
            )
        return caught.value

    for version in None, 2:
        there, nowhere = await refused("MUG", version), await refused("TEA", version)
        assert str(there).replace("MUG", "TEA") == str(nowhere)
        assert (there.code, there.path, there.details) == (
            nowhere.code,
            nowhere.path,
            nowhere.details,
        )
    with pytest.raises(Rejected) as taken:
        await bus.execute(register("MUG"), metadata=new_metadata(STAFF), sees=lambda _: False)
    assert taken.value.code is ErrorCode.ALREADY_EXISTS
    assert await available(bus) == 5, "what it was refused has spoilt nothing"


async def test_events_carry_who_when_and_why(bus: CommandBus) -> None:
    metadata = new_metadata(STAFF, causation_id=new_id(), correlation_id=new_id())
    receipt = await bus.execute(register(), receive(5), metadata=metadata)
    envelopes = [recorded.event.envelope for recorded in receipt.events]
    assert {e.actor for e in envelopes} == {STAFF}
    assert {e.correlation_id for e in envelopes} == {metadata.correlation_id}
    assert {e.causation_id for e in envelopes} == {metadata.causation_id}
    assert {e.command_id for e in envelopes} == {metadata.command_id}
    assert len({e.event_id for e in envelopes}) == 2


async def test_several_streams_commit_together(bus: CommandBus, store: EventStore) -> None:
    await send(bus, register("MUG"), register("CUP"), receive(1, "CUP"), receive(2, "MUG"))
    assert topics(store) == ["StockItemRegistered", "StockReceived"]
    assert topics(store, "stock-main-CUP") == ["StockItemRegistered", "StockReceived"]


async def test_a_refused_command_takes_all_of_its_company_with_it(
    bus: CommandBus, store: EventStore
) -> None:
    await send(bus, register(), receive(5))
    with pytest.raises(Rejected) as refusal:
        await send(
            bus,
            receive(3),
            register("CUP"),
            write_off(9),
        )
    assert refusal.value.code is ErrorCode.INSUFFICIENT_STOCK
    assert topics(store) == ["StockItemRegistered", "StockReceived"]
    assert topics(store, "stock-main-CUP") == []
    assert await available(bus) == 5


async def test_what_was_refused_leaves_no_trace_in_the_next_decision(
    bus: CommandBus, store: EventStore
) -> None:
    async def refused() -> None:
        with pytest.raises(Rejected):
            await send(bus, receive(100), register())

    await send(bus, register(), receive(1))
    await asyncio.gather(refused(), *(send(bus, receive(1)) for _ in range(10)), refused())
    assert await available(bus) == 11
    versions = [recorded.event.originator_version for recorded in store.stream(MUG)]
    assert versions == list(range(1, 13))


async def test_many_buyers_of_the_last_units_never_oversell(bus: CommandBus) -> None:
    await send(bus, register(), receive(10))
    receipts = await asyncio.gather(*(send(bus, reserve(1)) for _ in range(200)))
    kinds = [receipt.events[0].event.TOPIC for receipt in receipts]
    assert kinds.count("StockReserved") == 10
    assert await available(bus) == 0


async def test_an_expected_version_is_compared_when_the_command_is_decided(
    bus: CommandBus,
) -> None:
    await send(bus, register(), expected_version=0)
    await send(bus, receive(1), expected_version=1)
    with pytest.raises(Rejected) as refusal:
        await send(bus, receive(1), expected_version=1)
    assert refusal.value.code is ErrorCode.VERSION_CONFLICT
    assert refusal.value.details == {"expected": 1, "current": 2}
    assert refusal.value.retryable


async def test_the_same_key_gets_the_first_answer_again(bus: CommandBus, store: EventStore) -> None:
    key = IdempotencyKey.of(scope="shop/ada/receiveStock", key="k-1", body=b"5")
    await send(bus, register())
    first = await send(bus, receive(5), idempotency=key)
    again = await send(bus, receive(5), idempotency=key)
    assert (again.position, again.events) == (first.position, first.events)
    assert (first.replayed, again.replayed) == (False, True)
    assert topics(store) == ["StockItemRegistered", "StockReceived"]


async def test_a_hundred_at_once_with_one_key_have_one_effect(
    bus: CommandBus, store: EventStore
) -> None:
    key = IdempotencyKey.of(scope="shop/ada/receiveStock", key="k-1", body=b"5")
    await send(bus, register())
    receipts = await asyncio.gather(*(send(bus, receive(5), idempotency=key) for _ in range(100)))
    assert len({receipt.position for receipt in receipts}) == 1
    assert [receipt.replayed for receipt in receipts].count(False) == 1
    assert topics(store) == ["StockItemRegistered", "StockReceived"]


async def test_a_key_with_another_input_is_a_mistake(bus: CommandBus) -> None:
    await send(bus, register())
    scope = "shop/ada/receiveStock"
    await send(bus, receive(5), idempotency=IdempotencyKey.of(scope=scope, key="k", body=b"5"))
    with pytest.raises(Rejected) as refusal:
        await send(bus, receive(6), idempotency=IdempotencyKey.of(scope=scope, key="k", body=b"6"))
    assert refusal.value.code is ErrorCode.IDEMPOTENCY_KEY_REUSED
    assert await available(bus) == 5


async def test_a_refused_command_does_not_use_up_its_key(bus: CommandBus) -> None:
    key = IdempotencyKey.of(scope="s", key="k", body=b"")
    with pytest.raises(Rejected):
        await send(bus, receive(5), idempotency=key)
    await send(bus, register())
    assert (await send(bus, receive(5), idempotency=key)).replayed is False


@pytest.mark.parametrize("key", ["", "  ", "x" * 256])
def test_keys_have_1_to_255_characters(key: str) -> None:
    with pytest.raises(Rejected) as refusal:
        IdempotencyKey.of(scope="s", key=key, body=b"")
    assert refusal.value.code is ErrorCode.INVALID_IDEMPOTENCY_KEY


async def test_two_writers_on_one_log_decide_again_where_the_other_was_faster(
    bus: CommandBus, store: EventStore, database_url: str
) -> None:
    other_store = open_store(database_url)
    other = CommandBus(other_store)
    await send(bus, register(), receive(30))
    receipts = await asyncio.gather(
        *(send(writer, reserve(1)) for _ in range(25) for writer in (bus, other))
    )
    await other.close()
    other_store.close()
    kinds = [receipt.events[0].event.TOPIC for receipt in receipts]
    assert kinds.count("StockReserved") == 30
    versions = [recorded.event.originator_version for recorded in store.stream(MUG)]
    assert versions == list(range(1, len(versions) + 1))


async def test_a_state_too_long_ago_to_be_kept_is_read_from_the_log(store: EventStore) -> None:
    first = CommandBus(store)
    await send(first, register(), receive(3), reserve(2))
    await first.close()
    second = CommandBus(store)
    assert await available(second) == 1
    await second.close()


async def test_closing_commits_what_was_sent_before(store: EventStore) -> None:
    bus = CommandBus(store)
    sending = [asyncio.create_task(send(bus, register(f"SKU-{n}"))) for n in range(100)]
    await asyncio.sleep(0)
    await bus.close()
    assert len(await asyncio.gather(*sending)) == 100
    assert store.head() > 0


async def test_a_fault_of_the_log_reaches_the_sender_and_leaves_no_state_behind(
    bus: CommandBus, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(bus, register(), receive(1))
    with monkeypatch.context() as fault:
        fault.setattr(store.recorder, "append", fail)
        with pytest.raises(OSError, match="disk full"):
            await send(bus, receive(7))
    await send(bus, receive(1))
    assert await available(bus) == 2


def fail(*_: object) -> None:
    raise OSError("disk full")


async def test_endless_conflicts_end_in_contention(
    bus: CommandBus, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def conflict(units: Sequence[AppendUnit]) -> list[Outcome]:
        return [None] * len(units)

    monkeypatch.setattr(store, "append_group", conflict)
    with pytest.raises(Rejected) as refusal:
        await send(bus, register())
    assert refusal.value.code is ErrorCode.CONTENTION


async def test_more_than_can_be_queued_is_refused_at_once(
    bus: CommandBus, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, may_commit = store.append_group, threading.Event()

    def slow(units: Sequence[AppendUnit]) -> list[Outcome]:
        may_commit.wait()
        return append(units)

    monkeypatch.setattr(store, "append_group", slow)
    sending = [asyncio.create_task(send(bus, register()))]
    await asyncio.sleep(0.05)
    sending += [asyncio.create_task(send(bus, receive(1))) for _ in range(QUEUED_UNITS_MAX + 1)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    may_commit.set()
    outcomes = await asyncio.gather(*sending, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
    assert {refusal.code for refusal in refused} == {ErrorCode.OVERLOADED}
    assert await available(bus) == QUEUED_UNITS_MAX + 1 - len(refused)
