"""Read models are dropped and made again from the log, and nobody sees a difference."""

import threading
from functools import partial

import pytest

from orderlog_projections.order_list.queries import list_orders
from orderlog_projections.order_list.tables import ORDER_LIST
from orderlog_projections.rebuild import empty, rebuild
from orderlog_projections.registry import PROJECTIONS, find_projections
from tests.projections.kept import Kept, dump
from tests.projections.shop import Log, OrderStory, shop


@pytest.fixture
def told(kept: Kept) -> Kept:
    log = Log()
    log.events = shop(seed=5, orders=30)
    for size in (7, 100, len(log.events)):
        kept.store.append(log.events[kept.store.head() :][:size])
        kept.runner.catch_up()
    return kept


def test_a_rebuild_ends_as_it_was(told: Kept) -> None:
    held, seen = dump(told.database), list[tuple[int, int]]()

    def watch(position: int, head: int) -> None:
        seen.append((position, head))

    rebuild(told.store, told.database, PROJECTIONS, watch)
    assert dump(told.database) == held
    assert seen[-1] == (told.store.head(), told.store.head())


def test_one_read_model_is_rebuilt_alone(told: Kept) -> None:
    held = dump(told.database)
    with told.database.write() as connection:
        connection.execute(ORDER_LIST.table.update().values(number="damaged"))
    rebuild(told.store, told.database, find_projections(["order_list"]))
    assert dump(told.database) == held


def test_a_running_runner_notices_that_it_begins_again(told: Kept) -> None:
    held = dump(told.database)
    empty(told.database, PROJECTIONS)
    told.runner.catch_up()
    assert dump(told.database) != held, "it believes that it has read everything"
    log = Log(seed=99)
    OrderStory(log).line("MUG")
    told.store.append(log.events)
    told.runner.catch_up()
    assert {status.lag for status in told.runner.positions().values()} == {0}
    assert len(told.ask(list_orders).rows) == 20
    rebuilt = dump(told.database)
    rebuild(told.store, told.database, PROJECTIONS)
    assert dump(told.database) == rebuilt


def test_readers_are_answered_while_it_is_rebuilt(told: Kept) -> None:
    is_over, counts = threading.Event(), list[int]()

    def read_on() -> None:
        while not is_over.is_set():
            counts.append(len(told.ask(partial(list_orders, with_count=False)).rows))

    reader = threading.Thread(target=read_on)
    reader.start()
    try:
        for _ in range(5):
            rebuild(told.store, told.database, PROJECTIONS)
    finally:
        is_over.set()
        reader.join()
    assert counts
    assert set(counts) <= set(range(21))


def test_an_unknown_read_model_is_named() -> None:
    with pytest.raises(LookupError, match="no read model 'orders'; there are customer_orders"):
        find_projections(["order_list", "orders"])
    assert find_projections([]) == PROJECTIONS
