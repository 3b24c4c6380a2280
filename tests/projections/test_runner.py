"""The runner: pages with their checkpoint, faults that stop one and not all, nothing twice."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderlog.domain.stock.events import StockReserved
from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.store import EventStore, RecordedEvent
from orderlog_projections import checkpoints
from orderlog_projections.checkpoints import BEGINNING, CheckpointMoved
from orderlog_projections.order_list.projector import ORDERS
from orderlog_projections.projection import Page
from orderlog_projections.registry import PROJECTIONS, open_read_models
from orderlog_projections.runner import ProjectionRunner, ProjectionStopped
from orderlog_projections.stock_levels.projector import PROJECTION as STOCK_LEVELS
from tests.projections.kept import Kept, dump, keep, rows_of
from tests.projections.shop import Log, shop

NAMES = [projection.name for projection in PROJECTIONS]


def a_shop(seed: int = 1, orders: int = 15) -> Log:
    log = Log()
    log.events = shop(seed, orders)
    return log


def wait_until(holds: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.005)


def test_the_tables_hold_what_the_folds_make(kept: Kept) -> None:
    log = a_shop()
    kept.tell(log)
    folded = rows_of(ORDERS, log.events)
    found = kept.ask(lambda connection: ORDERS.table.find(connection, list(folded)))
    assert {row.order_id: row for row in found} == folded


def test_every_projection_says_how_far_it_is(kept: Kept) -> None:
    log = a_shop()
    kept.store.append(log.events)
    before = kept.runner.positions()
    assert {(s.position, s.lag) for s in before.values()} == {(0, len(log.events))}
    kept.runner.catch_up()
    after = kept.runner.positions()
    assert list(after) == NAMES
    assert {(s.position, s.lag, s.error) for s in after.values()} == {(len(log.events), 0, None)}


def test_a_page_that_was_applied_is_refused_the_second_time(kept: Kept) -> None:
    kept.tell(a_shop())
    held = dump(kept.database)
    page = kept.store.page(0)
    with pytest.raises(CheckpointMoved):
        apply_again(kept, page)
    assert dump(kept.database) == held


def apply_again(kept: Kept, page: Page) -> None:
    with kept.database.write() as connection:
        STOCK_LEVELS.write_page(connection, page)
        checkpoints.move(connection, dict.fromkeys(NAMES, BEGINNING), page[-1].position)


def test_a_second_runner_adds_nothing(kept: Kept) -> None:
    log = a_shop()
    outdated = ProjectionRunner(kept.store, kept.database, PROJECTIONS)
    kept.tell(log)
    held = dump(kept.database)
    outdated.catch_up()
    assert {s.position for s in outdated.positions().values()} == {len(log.events)}
    assert dump(kept.database) == held


def test_a_crash_inside_a_page_leaves_nothing_of_it(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = a_shop()
    kept.store.append(log.events)
    nothing = dump(kept.database)
    with monkeypatch.context() as crash:
        crash.setattr(STOCK_LEVELS.parts[0].table, "upsert", interrupt)
        with pytest.raises(KeyboardInterrupt):
            kept.runner.catch_up()
    assert dump(kept.database) == nothing
    restarted = ProjectionRunner(kept.store, kept.database, PROJECTIONS)
    restarted.catch_up()
    assert {s.lag for s in restarted.positions().values()} == {0}
    assert dump(kept.database) != nothing


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@settings(max_examples=12, deadline=None)
@given(sizes=st.lists(st.integers(1, 60), min_size=1, max_size=6), seed=st.integers(0, 3))
def test_pages_of_any_size_make_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], seed: int
) -> None:
    """One runner reads in odd pages, with restarts; another reads the whole log at once."""
    path: Path = tmp_path_factory.mktemp("pages")
    log = a_shop(seed, orders=8)
    with keep(f"sqlite:///{path}/whole.db") as whole, keep(f"sqlite:///{path}/parts.db") as parts:
        whole.tell(log)
        told = 0
        for size in [*sizes, len(log.events)]:
            parts.store.append(log.events[told : told + size])
            told = min(told + size, len(log.events))
            ProjectionRunner(parts.store, parts.database, PROJECTIONS).catch_up()
        assert dump(parts.database) == dump(whole.database)


def test_a_table_that_is_gone_stops_its_projection_and_no_other(postgres_url: str) -> None:
    """No event is to blame, so that none is parked. SQLite calls this an outage, and waits."""
    (table,) = STOCK_LEVELS.tables
    with keep(postgres_url) as kept:
        with kept.database.write() as connection:
            table.drop(connection)
        kept.store.append(a_shop().events)
        with pytest.raises(ProjectionStopped, match="UndefinedTable 42P01"):
            kept.runner.catch_up()
        positions = kept.runner.positions()
        stopped = positions.pop("stock_levels")
        assert (stopped.position, stopped.is_stopped, stopped.parked_keys) == (0, True, 0)
        assert stopped.lag_seconds > 0
        assert {(s.lag, s.lag_seconds, s.error) for s in positions.values()} == {(0, 0.0, None)}
        kept.database.create(PROJECTIONS)
        mended = ProjectionRunner(kept.store, kept.database, PROJECTIONS)
        mended.catch_up()
        assert {s.lag for s in mended.positions().values()} == {0}


@contextmanager
def following(kept: Kept) -> Generator[None]:
    kept.runner.start()
    try:
        yield
    finally:
        kept.runner.stop()


def test_a_thread_follows_what_is_appended(kept: Kept) -> None:
    log = a_shop()
    with following(kept):
        for event in log.events[:20]:
            kept.store.append([event])
        wait_until(lambda: all(s.position == 20 for s in kept.runner.positions().values()))
    kept.store.append(log.events[20:])
    assert {s.position for s in kept.runner.positions().values()} == {20}


def test_appends_of_others_are_found_without_being_told(kept: Kept) -> None:
    log = a_shop()
    with following(kept):
        EventStore(kept.store.recorder, kept.store.location).append(log.events)
        wait_until(lambda: all(s.lag == 0 for s in kept.runner.positions().values()))
    assert kept.runner.positions()["order_list"].position == len(log.events)


def test_events_that_nobody_wants_are_passed_over() -> None:
    log = a_shop()
    page = [RecordedEvent(i, e) for i, e in enumerate(log.events) if isinstance(e, StockReserved)]
    assert page
    assert ORDERS.touched(page) == {}


def test_read_models_that_cannot_be_opened_say_why(tmp_path: Path, kept: Kept) -> None:
    location = kept.store.location
    if location.kind == "postgresql":
        location = replace(location, dbname="nowhere")
    else:
        location = replace(location, path=tmp_path / "no" / "folder.db")
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        open_read_models(location)
