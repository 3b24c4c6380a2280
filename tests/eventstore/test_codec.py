"""Bytes and back: only registered types, old versions read for ever."""

import json
from pathlib import Path

import msgspec
import pytest
from eventsourcing.persistence import StoredEvent

from orderlog.domain.aggregate import EVENT_TYPES
from orderlog.domain.orders.events import OrderNoteAdded
from orderlog.eventstore.codec import EventCodec
from orderlog.eventstore.errors import UnknownEventType, UnreadableEvent
from orderlog.eventstore.upcasters import StoredState, name_and_version
from tests.support.events import note

RECORDED = sorted(Path(__file__).with_name("recorded").glob("*.json"))


def test_what_columns_hold_is_not_in_the_state() -> None:
    stored = EventCodec().to_stored_event(note("order-1", 3))
    state = json.loads(stored.state)
    assert (stored.originator_id, stored.originator_version) == ("order-1", 3)
    assert stored.topic == "OrderNoteAdded"
    assert {"originator_id", "originator_version"}.isdisjoint(state)


@pytest.mark.parametrize("topic", ["os:system", "builtins:exec", "OrderDoubled"])
def test_a_topic_never_names_something_to_import(topic: str) -> None:
    with pytest.raises(UnknownEventType, match="newer version"):
        EventCodec().to_domain_event(StoredEvent("order-1", 1, topic, b"{}"))


def test_a_state_that_does_not_fit_its_type_is_refused() -> None:
    with pytest.raises(UnreadableEvent, match=r"at `\$.text`"):
        EventCodec().to_domain_event(StoredEvent("order-1", 1, "OrderNoteAdded", b'{"text": 1}'))


def test_upcasters_carry_an_old_event_through_all_its_versions() -> None:
    def second(state: StoredState) -> StoredState:
        return {**state, "text": state["body"]}

    def third(state: StoredState) -> StoredState:
        return {**state, "visibility": "INTERNAL"}

    codec = EventCodec({"NoteV1": ("NoteV2", second), "NoteV2": ("OrderNoteAdded", third)})
    newest = note("order-1", 1, "mind the dog")
    state = json.loads(codec.to_stored_event(newest).state)
    state["body"] = state.pop("text")
    del state["visibility"]
    old = StoredEvent("order-1", 1, "NoteV1", json.dumps(state).encode())
    assert codec.to_domain_event(old) == newest


def test_a_topic_is_a_name_and_a_version() -> None:
    assert name_and_version("OrderPlaced") == ("OrderPlaced", 1)
    assert name_and_version("OrderPlaced.v12") == ("OrderPlaced", 12)


@pytest.mark.parametrize("path", RECORDED, ids=[path.stem for path in RECORDED])
def test_recorded_events_are_read_for_ever(path: Path) -> None:
    stored = StoredEvent("stream-1", 1, path.stem, path.read_bytes())
    event = EventCodec().to_domain_event(stored)
    if path.stem == event.TOPIC:
        written = json.loads(EventCodec().to_stored_event(event).state)
        assert written == json.loads(stored.state)


def test_every_event_type_has_been_recorded() -> None:
    missing = EVENT_TYPES.keys() - {path.stem for path in RECORDED}
    assert not missing, f"add tests/eventstore/recorded/<topic>.json for {sorted(missing)}"


def test_the_event_id_is_the_command_id_with_its_index_added() -> None:
    envelope = note("order-1", 1).envelope
    ids = {msgspec.structs.replace(envelope, index=index).event_id for index in range(2_000)}
    assert len(ids) == 2_000
    assert all(len(event_id) == 36 and event_id[14] == "7" for event_id in ids)
    assert isinstance(note("order-1", 1), OrderNoteAdded)
