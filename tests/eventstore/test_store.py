"""The log on both databases: appended whole or not at all, read by stream and by position."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from orderlog.eventstore.errors import VersionConflict
from orderlog.eventstore.recorder import CommandAnswer
from orderlog.eventstore.store import EventStore, open_store
from tests.support.events import A_TIME, note


@pytest.fixture
def store(database_url: str) -> Iterator[EventStore]:
    store = open_store(database_url)
    yield store
    store.close()


def test_an_empty_log_has_head_zero_and_no_pages(store: EventStore) -> None:
    assert (store.head(), store.page(0), list(store.stream("order-1"))) == (0, [], [])


def test_events_come_back_as_they_were_in_stream_and_log(store: EventStore) -> None:
    events = [note("order-1", 1), note("order-2", 1), note("order-1", 2)]
    positions = store.append(events)
    assert [recorded.event for recorded in store.page(0)] == events
    assert [recorded.position for recorded in store.page(0)] == list(positions)
    assert [recorded.event for recorded in store.stream("order-1")] == [events[0], events[2]]
    assert [recorded.event for recorded in store.stream("order-1", 1)] == [events[2]]
    assert store.head() == positions[-1]


def test_a_page_starts_after_its_position_and_ends_at_its_limit(store: EventStore) -> None:
    positions = store.append([note("order-1", version) for version in range(1, 8)])
    page = store.page(positions[1], 3)
    assert [recorded.position for recorded in page] == list(positions[2:5])


def test_a_long_stream_is_read_in_pages_without_a_seam(store: EventStore) -> None:
    store.append([note("order-1", version) for version in range(1, 2_503)])
    versions = [recorded.event.originator_version for recorded in store.stream("order-1")]
    assert versions == list(range(1, 2_503))


def test_a_taken_version_refuses_the_whole_append(store: EventStore) -> None:
    store.append([note("order-1", 1)])
    with pytest.raises(VersionConflict):
        store.append(
            [note("order-2", 1), note("order-1", 1)], CommandAnswer("scope", "key", "f", ())
        )
    assert list(store.stream("order-2")) == []
    assert store.find_answer("scope", "key") is None


def test_an_answer_is_kept_with_its_events_and_its_key_is_used_once(store: EventStore) -> None:
    answer = CommandAnswer("scope", "key", "fingerprint", (("order-1", 1, 1),))
    store.append([note("order-1", 1)], answer)
    assert store.find_answer("scope", "key") == answer
    with pytest.raises(VersionConflict):
        store.append([note("order-1", 2)], answer)
    assert len(list(store.stream("order-1"))) == 1


def test_positions_follow_commits_whoever_writes(store: EventStore, database_url: str) -> None:
    other = open_store(database_url)
    first, second = store.append([note("order-1", 1)]), other.append([note("order-2", 1)])
    third = store.append([note("order-1", 2)])
    other.close()
    assert first[0] < second[0] < third[0]


def test_numbers_are_taken_once_over_all_processes(store: EventStore, database_url: str) -> None:
    other = open_store(database_url)
    taken = [*store.take_numbers("orders", 3), *other.take_numbers("orders", 2)]
    other.close()
    assert taken == [1, 2, 3, 4, 5]
    assert store.take_numbers("returns", 1) == range(1, 2)


def test_a_checkpoint_moves_together_with_its_deadlines(store: EventStore) -> None:
    later = A_TIME + timedelta(hours=1)
    store.move_checkpoint("processes", 7, set_deadlines=[("a", A_TIME), ("b", A_TIME)])
    store.move_checkpoint("processes", 9, set_deadlines=[("b", later)], clear_deadlines=["a"])
    assert store.checkpoint("processes") == 9
    assert store.deadlines("processes") == {"b": later}
    assert (store.checkpoint("relay"), store.deadlines("relay")) == (0, {})


def test_the_first_key_of_a_person_is_the_one_that_counts(store: EventStore) -> None:
    assert store.subject_key("ada") is None
    assert store.keep_subject_key("ada", "first") == "first"
    assert store.keep_subject_key("ada", "second") == "first"
    assert store.subject_key("ada") == "first"


def test_listeners_hear_of_appends_until_they_stop(store: EventStore) -> None:
    heard = threading.Semaphore(0)
    stop = store.on_append(heard.release)
    store.append([note("order-1", 1)])
    stop()
    store.append([note("order-1", 2)])
    assert heard.acquire(timeout=1)
    assert not heard.acquire(blocking=False)


def test_a_reader_that_follows_eight_writers_misses_nothing(
    store: EventStore, database_url: str
) -> None:
    stores = [open_store(database_url) for _ in range(4)]
    written = threading.Event()

    def write(number: int) -> None:
        for version in range(1, 26):
            stores[number % 4].append([note(f"order-{number}", version)])

    def follow() -> None:
        position, is_last_look = 0, False
        while True:
            is_last_look = written.is_set()
            page = store.page(position, 10)
            seen.extend(recorded.position for recorded in page)
            position = page[-1].position if page else position
            if is_last_look and not page:
                return

    seen: list[int] = []
    reader = threading.Thread(target=follow)
    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    written.set()
    reader.join()
    for other in stores:
        other.close()
    assert len(seen) == 8 * 25
    assert seen == sorted(seen)
