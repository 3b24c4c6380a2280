"""Deciding goes on while a group is being committed, and nothing that is lost is built upon."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence

import pytest

from orderlog.application.command_bus import CommandBus
from orderlog.application.idempotency import IdempotencyKey
from orderlog.application.metadata import new_metadata
from orderlog.application.writer import Receipt, Unit, Writer
from orderlog.domain.commands import Command
from orderlog.domain.rejections import ErrorCode
from orderlog.eventstore.recorder import AppendUnit, Outcome
from orderlog.eventstore.store import EventStore
from tests.support.events import STAFF
from tests.support.stock import (
    CUP,
    available,
    elsewhere,
    receive,
    refusal_of,
    register,
    send,
    write_off,
)


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """On SQLite one thread decides and commits in turn."""
    return postgres_url


class Gate:
    """Holds back the commits of a store, and counts the units of each group."""

    def __init__(self, store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
        self._append = store.append_group
        self._may_pass = threading.Event()
        self.reached = threading.Event()
        self.groups: list[int] = []
        monkeypatch.setattr(store, "append_group", self._pass)

    def _pass(self, units: Sequence[AppendUnit]) -> list[Outcome]:
        self.reached.set()
        assert self._may_pass.wait(20)
        self.groups.append(len(units))
        return self._append(units)

    def open(self) -> None:
        self._may_pass.set()


@pytest.fixture
async def gate(
    bus: CommandBus, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Gate]:
    """Five mugs and five cups are there; from then on commits wait."""
    await send(bus, register(), receive(5), register("CUP"), receive(5, "CUP"))
    gate = Gate(store, monkeypatch)
    yield gate
    gate.open()


async def in_flight(gate: Gate, *sending: asyncio.Task[Receipt]) -> None:
    """The first is being committed, and the others have been put."""
    await asyncio.sleep(0)
    await asyncio.to_thread(gate.reached.wait, 20)
    assert not any(task.done() for task in sending)


async def test_what_was_decided_meanwhile_is_committed_as_one_group(
    bus: CommandBus, gate: Gate
) -> None:
    first = asyncio.create_task(send(bus, receive(1)))
    await in_flight(gate, first)
    sending = [asyncio.create_task(send(bus, receive(1))) for _ in range(50)]
    await asyncio.sleep(0.1)
    gate.open()
    receipts = await asyncio.gather(first, *sending)
    versions = [receipt.events[0].event.originator_version for receipt in receipts]
    assert versions == list(range(3, 54))
    assert gate.groups == [1, 50]


async def test_an_answer_waits_for_what_it_rests_upon(bus: CommandBus, gate: Gate) -> None:
    receiving = asyncio.create_task(send(bus, receive(1)))
    await in_flight(gate, receiving)
    refused = asyncio.create_task(send(bus, write_off(7)))
    asking = asyncio.create_task(available(bus))
    other = asyncio.create_task(available(bus, CUP))
    assert await other == 5, "who asks for something else need not wait"
    await asyncio.sleep(0.1)
    assert not refused.done()
    assert not asking.done()
    gate.open()
    assert (await refusal_of(refused)).code is ErrorCode.INSUFFICIENT_STOCK
    assert await asking == 6
    assert receiving.done()


async def test_all_that_rests_on_a_lost_event_is_decided_again(
    bus: CommandBus, gate: Gate, database_url: str
) -> None:
    """Ten mugs come, twelve go at once: possible, had nobody taken five of them elsewhere."""
    receiving = asyncio.create_task(send(bus, receive(10)))
    await in_flight(gate, receiving)
    writing_off = asyncio.create_task(send(bus, write_off(12)))
    asking = asyncio.create_task(available(bus))
    too_much = asyncio.create_task(send(bus, write_off(20)))
    of_both = asyncio.create_task(send(bus, receive(1, "CUP"), write_off(1)))
    on_top = asyncio.create_task(send(bus, receive(1, "CUP")))
    await asyncio.sleep(0.1)
    async with elsewhere(database_url) as other:
        await send(other, write_off(5))
    gate.open()

    received = await receiving
    assert received.events[0].event.originator_version == 4
    assert (await refusal_of(writing_off)).code is ErrorCode.INSUFFICIENT_STOCK
    assert (await refusal_of(too_much)).details["items"] == [
        {"sku": "MUG", "requested": 20, "available": 10}
    ]
    assert await asking == 10
    assert {e.event.originator_version for e in (await of_both).events} == {5, 3}
    assert (await on_top).events[0].event.originator_version == 4
    assert (await available(bus), await available(bus, CUP)) == (9, 7)


async def test_who_is_not_involved_in_a_conflict_goes_first(
    bus: CommandBus, gate: Gate, database_url: str
) -> None:
    receiving = asyncio.create_task(send(bus, receive(10)))
    await in_flight(gate, receiving)
    cups = [asyncio.create_task(send(bus, receive(1, "CUP"))) for _ in range(20)]
    mugs = [asyncio.create_task(send(bus, receive(1))) for _ in range(20)]
    await asyncio.sleep(0.1)
    async with elsewhere(database_url) as other:
        await send(other, receive(1))
    gate.open()
    last_cup = max([receipt.position for receipt in await asyncio.gather(*cups)])
    first_mug = (await receiving).position
    assert last_cup < first_mug
    await asyncio.gather(*mugs)
    assert await available(bus) == 36


async def test_what_the_database_will_not_take_costs_its_sender_only(
    bus: CommandBus, gate: Gate
) -> None:
    """PostgreSQL has no text with a NUL in it."""
    key = IdempotencyKey.of(scope="s", key="a\0b", body=b"")
    first = asyncio.create_task(send(bus, receive(1, "CUP")))
    await in_flight(gate, first)
    poisoned = asyncio.create_task(send(bus, receive(1), idempotency=key))
    others = [asyncio.create_task(send(bus, receive(1))) for _ in range(5)]
    await asyncio.sleep(0.1)
    gate.open()
    with pytest.raises(Exception, match="0x00"):
        await poisoned
    await asyncio.gather(first, *others)
    assert await available(bus) == 10


async def test_few_aggregates_in_memory_are_as_right_as_many(store: EventStore) -> None:
    """Those that are forgotten while their events are on the way are rebuilt with them."""
    loop = asyncio.get_running_loop()
    writer = Writer(store, lambda: None, aggregates_kept_max=1)
    answers: list[asyncio.Future[Receipt]] = []

    def put(command: Command) -> None:
        future: asyncio.Future[Receipt] = loop.create_future()
        answers.append(future)

        def answer(outcome: Receipt) -> None:
            loop.call_soon_threadsafe(future.set_result, outcome)

        writer.put(Unit([command], new_metadata(STAFF), answer))

    for sku in range(10):
        put(register(f"SKU-{sku}"))
    for number in range(200):
        put(receive(1, f"SKU-{number % 10}"))
    receipts = await asyncio.gather(*answers)
    await asyncio.to_thread(writer.close)
    assert all(isinstance(receipt, Receipt) for receipt in receipts)
    for sku in range(10):
        versions = [e.event.originator_version for e in store.stream(f"stock-main-SKU-{sku}")]
        assert versions == list(range(1, 22))
