"""Kept states: whoever begins at one goes on as if nothing had ever been kept."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from orderlog.domain.aggregate import Aggregate
from orderlog.domain.commands import Command
from orderlog.domain.routing import AGGREGATES
from orderlog.eventstore.snapshots import frozen, thawed
from tests.domain.examples import DRAFT, MUGS, TO_BRISTOL, authorize, confirm, delivery, payment_of
from tests.domain.test_contract import LIVES
from tests.domain.test_invariants import outcomes, requests, stepping, stocking
from tests.domain.test_order_invariants import drafting, fulfilling, turning
from tests.domain.test_process import START
from tests.support.scenario import Scenario, given

confirming: st.SearchStrategy[Command] = st.builds(confirm, st.just(2**62))
beginnings: dict[str, tuple[Sequence[Command], st.SearchStrategy[Command]]] = {
    "order": ((DRAFT, TO_BRISTOL), st.one_of(drafting, turning, confirming, fulfilling)),
    "stock": ((MUGS, delivery(10)), stocking),
    "payment": ((payment_of(1_000), authorize(1_000)), st.one_of(outcomes, requests)),
    "process": ((START,), stepping),
}


def kept(aggregate: Aggregate | None) -> Aggregate:
    """What a snapshot of this aggregate brings back."""
    assert aggregate is not None
    return thawed(aggregate.id, aggregate.version, aggregate.TOPIC, frozen(aggregate))


def test_every_aggregate_has_a_story_here() -> None:
    assert beginnings.keys() == {route.aggregate.TOPIC for route in AGGREGATES}


@pytest.mark.parametrize("topic", beginnings)
@for_all(story=st.data())
@settings(max_examples=60, deadline=None)
def test_a_restored_aggregate_goes_on_as_if_it_had_never_been_kept(
    topic: str, story: st.DataObject
) -> None:
    beginning, what_follows = beginnings[topic]
    scenario = given(*beginning)
    for command in story.draw(st.lists(what_follows, max_size=25)):
        before, scenario.aggregate = scenario.aggregate, kept(scenario.aggregate)
        assert scenario.aggregate == before
        scenario.when(command)  # which compares the state with the replay of all events


@pytest.mark.parametrize("life", LIVES)
def test_every_life_may_be_kept_and_restored_after_each_command(life: list[Command]) -> None:
    told, scenario = given(*life), Scenario()
    for command in life:
        scenario.when(command)
        scenario.aggregate = kept(scenario.aggregate)
    assert scenario.aggregate == told.aggregate
    assert [type(one) for one in scenario.events] == [type(one) for one in told.events]


@pytest.mark.parametrize("damage", [b"", b"{}", b'["2026-11-01T09:30:00Z"]'])
def test_what_does_not_fit_is_refused(damage: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        thawed("stock-main-MUG", 1, "stock", damage)
