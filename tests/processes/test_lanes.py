"""Lanes: one order in sequence, many at once, and never without bound."""

import asyncio

import pytest

from orderlog.processes import lanes
from orderlog.processes.lanes import Lanes


async def test_there_is_no_room_until_enough_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "WAITING_MAX", 3)
    turns = asyncio.Semaphore(0)

    async def work(_: int) -> None:
        await turns.acquire()

    working = Lanes(work, at_once_max=1)
    for item in range(5):
        working.put("order", item)
    room = asyncio.create_task(working.room())
    for done in range(1, 4):
        assert not room.done(), f"{done - 1} are done, and too many still wait"
        turns.release()
        await asyncio.sleep(0.01)
    assert room.done()
    await working.stop()


async def test_what_concerns_one_order_happens_in_sequence() -> None:
    seen: list[tuple[str, int]] = []

    async def work(item: tuple[str, int]) -> None:
        await asyncio.sleep(0.001 * (3 - item[1]))
        seen.append(item)

    working = Lanes(work, at_once_max=8)
    for item in range(3):
        for order in ("a", "b"):
            working.put(order, (order, item))
    while not working.is_idle:  # noqa: ASYNC110 - lanes tell nobody
        await asyncio.sleep(0.001)
    assert [item for order, item in seen if order == "a"] == [0, 1, 2]
    assert [item for order, item in seen if order == "b"] == [0, 1, 2]
