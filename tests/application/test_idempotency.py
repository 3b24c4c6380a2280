"""One key has one effect and one answer, however often, wherever and whenever it is sent."""

import asyncio
import os
import random
from collections import Counter

import pytest

from orderlog.application.command_bus import CommandBus
from orderlog.application.idempotency import IdempotencyKey
from orderlog.application.writer import Receipt
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.eventstore.store import EventStore, open_store
from tests.support.stock import available, receive, register, send

SKUS = 20
AT_ONCE = 200
SENT_AT_ONCE = 3


def key_of(number: int, body: bytes = b"1") -> IdempotencyKey:
    return IdempotencyKey.of(scope="shop/ada/receiveStock", key=f"k-{number}", body=body)


def sku_of(number: int) -> str:
    return f"SKU-{number % SKUS}"


async def keyed(bus: CommandBus, number: int, body: bytes = b"1") -> Receipt:
    return await send(bus, receive(1, sku_of(number)), idempotency=key_of(number, body))


async def send_all(bus: CommandBus, numbers: list[int]) -> dict[int, list[Receipt]]:
    """Each key a few times at once, in any order."""
    numbers = random.Random(len(numbers)).sample(
        numbers * SENT_AT_ONCE, len(numbers) * SENT_AT_ONCE
    )
    answers: dict[int, list[Receipt]] = {number: [] for number in numbers}
    for start in range(0, len(numbers), AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        for number, receipt in zip(
            some, await asyncio.gather(*(keyed(bus, number) for number in some)), strict=True
        ):
            answers[number].append(receipt)
    return answers


async def prove(url: str, keys: int) -> None:
    """R11, with so many keys."""
    store, numbers = open_store(url), list(range(keys))
    bus = CommandBus(store)
    await asyncio.gather(*(send(bus, register(f"SKU-{sku}")) for sku in range(SKUS)))
    first = await send_all(bus, numbers)
    again = await send_all(bus, numbers)
    await bus.close()
    later = CommandBus(store)
    last = await send_all(later, numbers[:: max(1, keys // 100)])
    for number in random.Random(keys).sample(numbers, min(keys, 200)):
        with pytest.raises(Rejected) as refusal:
            await keyed(later, number, b"2")
        assert refusal.value.code is ErrorCode.IDEMPOTENCY_KEY_REUSED

    for number in numbers:
        receipts = first[number] + again[number] + last.get(number, [])
        assert len({receipt.position for receipt in receipts}) == 1
        assert len({receipt.events for receipt in receipts}) == 1
        assert [receipt.replayed for receipt in receipts].count(False) == 1
    units = [await available(later, f"stock-main-SKU-{sku}") for sku in range(SKUS)]
    assert units == [len(numbers[sku::SKUS]) for sku in range(SKUS)]
    assert_no_command_twice(store)
    await later.close()
    store.close()


def assert_no_command_twice(store: EventStore) -> None:
    seen: Counter[str] = Counter()
    position = 0
    while page := store.page(position):
        seen.update(recorded.event.envelope.event_id for recorded in page)
        position = page[-1].position
    assert seen.most_common(1)[0][1] == 1


async def test_two_thousand_keys_have_two_thousand_effects(database_url: str) -> None:
    await prove(database_url, keys=2_000)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_hundred_thousand_keys(database_url: str) -> None:
    await prove(database_url, keys=int(os.environ.get("ORDERLOG_TEST_KEYS", "100000")))


async def test_one_key_at_two_writers_at_once_has_one_effect(postgres_url: str) -> None:
    stores = [open_store(postgres_url) for _ in range(2)]
    buses = [CommandBus(store) for store in stores]
    await send(buses[0], *(register(f"SKU-{sku}") for sku in range(SKUS)))
    sending = [keyed(bus, number) for number in range(200) for bus in buses]
    receipts = await asyncio.gather(*sending)
    for left, right in zip(receipts[::2], receipts[1::2], strict=True):
        assert left.position == right.position
        assert left.replayed != right.replayed
    assert sum([await available(buses[1], f"stock-main-SKU-{n}") for n in range(SKUS)]) == 200
    for bus in buses:
        await bus.close()
    for store in stores:
        store.close()
