"""Order numbers: ascending, unique, one sequence per channel."""

from orderlog.application.channels import Channel
from orderlog.application.order_numbers import NUMBERS_PER_BLOCK, OrderNumbers
from orderlog.eventstore.store import EventStore, open_store

SHOP, OUTLET = Channel(), Channel(id="outlet", order_number_prefix="OUT-")


def test_they_ascend_from_1001_in_each_channel(store: EventStore) -> None:
    numbers = OrderNumbers(store)
    assert [numbers.next(SHOP), numbers.next(SHOP)] == ["1001", "1002"]
    assert numbers.next(OUTLET) == "OUT-1001"


def test_two_processes_never_give_the_same_number(store: EventStore, database_url: str) -> None:
    other_store = open_store(database_url)
    here, there = OrderNumbers(store), OrderNumbers(other_store)
    taken = [source.next(SHOP) for _ in range(2 * NUMBERS_PER_BLOCK) for source in (here, there)]
    other_store.close()
    assert len(set(taken)) == 4 * NUMBERS_PER_BLOCK
