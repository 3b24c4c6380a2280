"""Read your writes, and see rows change, without polling."""

import asyncio
import time

import pytest

from orderlog_projections import consistency
from orderlog_projections.consistency import Change, Consistency, ReaderTooSlow
from tests.projections.kept import Kept
from tests.projections.shop import Log, OrderStory

ONE = frozenset({"one"})
TWO = frozenset({"two"})


async def test_a_writer_reads_its_own_write(kept_on_sqlite: Kept) -> None:
    kept = kept_on_sqlite
    log = Log()
    OrderStory(log).line("MUG")
    kept.runner.start()
    try:
        wait = kept.runner.consistency.wait(["order_list", "order_page"], 2, timeout_seconds=10)
        waiting = asyncio.ensure_future(wait)
        await asyncio.to_thread(kept.store.append, log.events)
        assert await waiting
    finally:
        await asyncio.to_thread(kept.runner.stop)
    assert kept.runner.positions()["order_page"].position == 2


async def test_what_is_reached_already_needs_no_waiting() -> None:
    known = Consistency({"order_list": 5, "order_page": 7})
    assert await known.wait(["order_list", "order_page"], 5, timeout_seconds=0)
    assert not await known.wait(["order_list", "order_page"], 6, timeout_seconds=0)
    assert not await known.wait(["unheard_of"], 1, timeout_seconds=0)


async def test_all_that_were_named_must_have_reached_it() -> None:
    known = Consistency({"order_list": 0, "order_page": 0})
    waiting = asyncio.ensure_future(known.wait(["order_list", "order_page"], 3, 10))
    await asyncio.sleep(0)
    known.reached(4, {"order_list": ONE})
    await asyncio.sleep(0.01)
    assert not waiting.done()
    known.reached(3, {"order_page": ONE})
    assert await waiting


async def test_waiting_has_an_end() -> None:
    known = Consistency({"order_list": 0})
    begun = time.monotonic()
    assert not await known.wait(["order_list"], 1, timeout_seconds=0.05)
    assert time.monotonic() - begun < 5


async def test_after_a_rebuild_has_begun_nothing_is_reached() -> None:
    known = Consistency({"order_list": 9})
    known.rewound({"order_list": 0})
    assert not await known.wait(["order_list"], 9, timeout_seconds=0)


async def test_changes_that_nobody_took_are_told_as_one() -> None:
    known = Consistency({"order_list": 0})
    changes = known.changes("order_list")
    assert await anext(changes) == Change(0, frozenset())
    known.reached(1, {"order_list": ONE, "order_page": TWO})
    assert await anext(changes) == Change(1, ONE)
    known.reached(2, {"order_list": ONE})
    known.reached(3, {"order_list": frozenset()})
    known.reached(4, {"order_list": TWO})
    assert await anext(changes) == Change(4, ONE | TWO)
    await changes.aclose()


async def test_a_reader_that_sleeps_is_told_to_begin_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consistency, "CHANGED_KEYS_MAX", 1)
    known = Consistency({"order_list": 0})
    changes = known.changes("order_list")
    await anext(changes)
    known.reached(8, {"order_list": ONE | TWO})
    with pytest.raises(ReaderTooSlow) as lost:
        await anext(changes)
    assert lost.value.position == 8


async def test_a_listener_hears_of_each_page_until_it_stops() -> None:
    known = Consistency({"order_list": 0})
    heard: list[tuple[int, frozenset[str]]] = []
    stop = known.on_page("order_list", lambda position, keys: heard.append((position, keys)))
    known.reached(1, {"order_list": ONE})
    known.reached(2, {"order_page": TWO})
    stop()
    known.reached(3, {"order_list": TWO})
    assert heard == [(1, ONE)]


def test_a_waiter_whose_loop_is_gone_disturbs_nobody() -> None:
    known = Consistency({"order_list": 0})
    heard: list[int] = []

    async def look_once() -> None:
        changes = known.changes("order_list")
        await anext(changes)
        known.on_page("order_list", lambda position, _: heard.append(position))
        lost.append(changes)

    lost: list[object] = []
    asyncio.run(look_once())
    known.reached(1, {"order_list": ONE})
    assert heard == [1]
