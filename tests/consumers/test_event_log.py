"""The log spelled out for people and other programs."""

from orderlog.consumers.event_log import EventLog, logged
from orderlog.eventstore.store import open_store
from tests.support.events import A_TIME, STAFF, note


def test_an_event_is_shown_with_its_envelope_and_only_its_own_payload(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    event = note("order-1", 1, "mind the dog")
    store.append([event])
    shown = logged(store.page(0)[0])
    store.close()
    assert (shown.type, shown.schema_version) == ("OrderNoteAdded", 1)
    assert (shown.stream_id, shown.stream_version, shown.position) == ("order-1", 1, 1)
    assert (shown.occurred_at, shown.actor) == (A_TIME, STAFF)
    assert shown.event_id == event.envelope.event_id
    assert shown.payload == {
        "note_id": event.note_id,
        "text": "mind the dog",
        "visibility": "INTERNAL",
    }


def test_a_page_of_some_types_looks_as_far_as_it_must(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    positions = store.append([note("order-1", version) for version in range(1, 1_203)])
    log = EventLog(store)
    assert [e.position for e in log.page(1_200, 10)] == list(positions[1_200:])
    assert [e.position for e in log.page(1_199, 2, frozenset({"OrderNoteAdded"}))] == [1_200, 1_201]
    assert log.page(0, 10, frozenset({"OrderPlaced"})) == []
    assert log.page(0, 10, frozenset({"NoSuchType"})) == []
    assert [e.position for e in log.at([3, 5_000])] == [3]
    assert log.head() == 1_202
    store.close()
