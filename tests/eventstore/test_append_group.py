"""A group commits in one transaction, and a conflict in it is the loss of one unit only."""

from collections.abc import Iterator, Sequence

import pytest

from orderlog.domain.aggregate import Event
from orderlog.eventstore.postgres import GroupPostgresRecorder
from orderlog.eventstore.recorder import AppendUnit, CommandAnswer
from orderlog.eventstore.store import EventStore, open_store
from tests.support.events import note


@pytest.fixture
def store(database_url: str) -> Iterator[EventStore]:
    store = open_store(database_url)
    yield store
    store.close()


def unit(
    store: EventStore, *events: Event, key: str | None = None, on: Sequence[str] = ()
) -> AppendUnit:
    """Events decided on their own streams, and on those named."""
    answer = None if key is None else CommandAnswer("scope", key, "fingerprint", ())
    streams = {*on, *(event.originator_id for event in events)}
    return AppendUnit([store.encode(event) for event in events], answer, streams, events)


def streams(store: EventStore) -> list[tuple[str, int]]:
    return [(e.event.originator_id, e.event.originator_version) for e in store.page(0)]


def test_each_unit_gets_its_positions_and_the_log_has_all_in_order(store: EventStore) -> None:
    group = [
        unit(store, note("order-1", 1), note("order-2", 1)),
        unit(store, key="only an answer"),
        unit(store, note("order-1", 2), key="k"),
    ]
    first, second, third = store.append_group(group)
    assert (len(first or ()), len(second or ()), len(third or ())) == (2, 0, 1)
    assert [e.position for e in store.page(0)] == [*(first or ()), *(third or ())]
    assert streams(store) == [("order-1", 1), ("order-2", 1), ("order-1", 2)]
    assert store.find_answer("scope", "only an answer") is not None


def test_a_taken_version_costs_its_own_unit_and_what_was_decided_on_it(store: EventStore) -> None:
    store.append([note("order-taken", 1)])
    outcomes = store.append_group(
        [
            unit(store, note("order-before", 1)),
            unit(store, note("order-taken", 1), note("order-company", 1)),
            unit(store, note("order-taken", 2)),
            unit(store, note("order-reader", 1), on=["order-company"]),
            unit(store, note("order-stranger", 1)),
        ]
    )
    assert [outcome is not None for outcome in outcomes] == [True, False, False, False, True]
    assert streams(store) == [("order-taken", 1), ("order-before", 1), ("order-stranger", 1)]


def test_a_used_key_costs_its_own_unit(store: EventStore) -> None:
    store.append_group([unit(store, note("order-1", 1), key="used")])
    outcomes = store.append_group(
        [unit(store, note("order-2", 1), key="used"), unit(store, note("order-3", 1), key="new")]
    )
    assert [outcome is not None for outcome in outcomes] == [False, True]
    assert streams(store) == [("order-1", 1), ("order-3", 1)]


def test_one_key_or_one_version_twice_in_a_group_is_a_conflict_of_the_second(
    store: EventStore,
) -> None:
    outcomes = store.append_group(
        [
            unit(store, note("order-1", 1), key="k"),
            unit(store, note("order-2", 1), key="k"),
            unit(store, note("order-1", 1)),
        ]
    )
    assert [outcome is not None for outcome in outcomes] == [True, False, False]


def test_what_is_in_the_log_already_is_found_there_and_not_written_again(
    store: EventStore,
) -> None:
    """As after an answer that got lost: the same bytes are the same events."""
    group = [unit(store, note("order-1", 1), note("order-1", 2), key="k")]
    (first,) = store.append_group(group)
    new = unit(store, note("order-1", 3))
    again, third = store.append_group([*group, new])
    assert [*(again or ())] == [*(first or ())]
    assert third is not None
    assert streams(store) == [("order-1", 1), ("order-1", 2), ("order-1", 3)]


def test_streams_are_read_together_each_after_its_version(store: EventStore) -> None:
    for name in ("order-b", "order-a", "order-c"):
        store.append([note(name, version) for version in range(1, 4)])
    wanted = {"order-c": 1, "order-a": 0, "order-nowhere": 0}
    read = [(e.event.originator_id, e.event.originator_version) for e in store.streams(wanted, 9)]
    whole = [("order-c", 2), ("order-c", 3), ("order-a", 1), ("order-a", 2), ("order-a", 3)]
    assert read == whole
    assert len(store.streams(wanted, 3)) == 3


def test_a_group_is_one_notification(postgres_url: str) -> None:
    """Each costs all writers of the database a lock at their commit."""
    store = open_store(postgres_url)
    assert isinstance(store.recorder, GroupPostgresRecorder)
    with store.recorder.listen() as listener:
        store.append_group([unit(store, note(f"order-{n}", 1)) for n in range(20)])
        store.append_group([unit(store, note(f"order-{n}", 1)) for n in range(15, 25)])
        heard = [*listener.notifies(timeout=0.5)]
    assert len(heard) == 2
    store.close()
