"""Rows kept in memory: the same as in the tables, and none where that is not certain."""

import random
from collections.abc import Sequence

import msgspec
import pytest

from orderlog.domain.aggregate import Event
from orderlog_projections import checkpoints, recent_rows
from orderlog_projections.order_page.projector import PAGES
from orderlog_projections.order_page.projector import PROJECTION as ORDER_PAGE
from orderlog_projections.order_page.tables import ORDER_PAGES, OrderPage
from orderlog_projections.registry import PROJECTIONS
from orderlog_projections.replay import Where, replay
from orderlog_projections.rows import RowTable
from orderlog_projections.runner import ProjectionRunner
from tests.projections.faulty import Faulty
from tests.projections.kept import Kept, dump, rebuilt, rows_of
from tests.projections.shop import Log, OrderStory, shop

NAME = ORDER_PAGE.name
EVENTS = shop(seed=7, orders=25)
ORDERS = list(rows_of(PAGES, EVENTS))


def remembered(runner: ProjectionRunner, orders: Sequence[str]) -> dict[str, OrderPage]:
    known = {one: runner.recent(NAME, ORDER_PAGES, one) for one in orders}
    return {one: page for one, page in known.items() if page is not None}


def stored(kept: Kept, orders: Sequence[str]) -> dict[str, OrderPage]:
    found = kept.ask(lambda connection: ORDER_PAGES.find(connection, orders))
    return {page.order_id: page for page in found}


def tell_in_pieces(kept: Kept, events: Sequence[Event], seed: int) -> None:
    rng = random.Random(seed)
    while rest := events[kept.store.head() :]:
        kept.store.append(rest[: rng.randint(1, 40)])
        kept.runner.catch_up()


def test_what_is_remembered_is_what_is_stored(kept: Kept) -> None:
    tell_in_pieces(kept, EVENTS, seed=1)
    assert remembered(kept.runner, ORDERS) == stored(kept, ORDERS)
    assert len(remembered(kept.runner, ORDERS)) == len(ORDERS)
    told = dump(kept.database)
    rebuilt(kept, *PROJECTIONS)
    assert dump(kept.database) == told, "rows were folded upon what was remembered"


def test_a_row_that_is_remembered_is_not_read_again(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log()
    story = OrderStory(log)
    kept.tell(log)
    monkeypatch.setattr(RowTable, "find", None)
    story.line("MUG")
    another = OrderStory(log)
    kept.tell(log)
    assert set(remembered(kept.runner, [story.order_id, another.order_id])) == {
        story.order_id,
        another.order_id,
    }


def test_nothing_is_remembered_that_another_runner_may_have_changed(kept: Kept) -> None:
    log = Log()
    story = OrderStory(log)
    kept.tell(log)
    story.line("MUG")
    kept.store.append(log.events[kept.store.head() :])
    ProjectionRunner(kept.store, kept.database, PROJECTIONS).catch_up()
    position = kept.store.head()
    kept.runner.consistency.followed(position, NAME, frozenset)
    assert remembered(kept.runner, [story.order_id]) == {}, "it was told how far the other is"
    story.line("TEA")
    kept.tell(log)
    assert stored(kept, [story.order_id])[story.order_id] == rows_of(PAGES, log.events).popitem()[1]


def test_a_page_that_fails_leaves_nothing_behind(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log()
    story = OrderStory(log)
    kept.tell(log)
    before = remembered(kept.runner, [story.order_id])
    story.line("MUG")
    kept.store.append(log.events[kept.store.head() :])
    with monkeypatch.context() as failing:
        failing.setattr(checkpoints, "move", _raise)
        kept.runner.step()
    assert remembered(kept.runner, [story.order_id]) == before
    kept.runner.catch_up()
    page = remembered(kept.runner, [story.order_id])[story.order_id]
    assert [line.sku for line in page.lines] == ["MUG"]


def _raise(*_: object) -> None:
    message = "the database says no"
    raise RuntimeError(message)


def test_dead_letters_that_come_back_are_seen(kept: Kept) -> None:
    log = Log()
    story = OrderStory(log)
    story.line("MUG")
    faulty = Faulty({log.events[-1].envelope.event_id})
    kept.store.append(log.events)
    projections = faulty.projections([NAME])
    runner = ProjectionRunner(kept.store, kept.database, projections)
    runner.catch_up()
    assert remembered(runner, [story.order_id]) == {}, "in doubt, the database is asked"
    faulty.poison.clear()
    replay(kept.store, kept.database, projections, Where(NAME, story.order_id, NAME))
    story.line("TEA")
    kept.store.append(log.events[kept.store.head() :])
    runner.catch_up()
    page = remembered(runner, [story.order_id])[story.order_id]
    assert [line.sku for line in page.lines] == ["MUG", "TEA"]


def test_not_all_are_remembered(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_rows, "ROWS_KEPT_MAX", 5)
    tell_in_pieces(kept, EVENTS, seed=2)
    known = remembered(kept.runner, ORDERS)
    assert 0 < len(known) <= 5
    assert known == {one: page for one, page in stored(kept, ORDERS).items() if one in known}
    assert all(isinstance(page, msgspec.Struct) for page in known.values())
