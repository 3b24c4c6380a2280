"""Read models are made anew beside those that answer, and nobody notices but who asked for it."""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import accumulate
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection

from orderlog.domain.aggregate import Event
from orderlog.domain.orders.events import OrderDrafted, OrderPlaced
from orderlog_projections import checkpoints, rebuild
from orderlog_projections.copies import Slot
from orderlog_projections.database import TablesInUse
from orderlog_projections.order_list.projector import ORDERS, SKUS
from orderlog_projections.order_list.queries import OrderListPage, list_orders
from orderlog_projections.order_list.tables import ORDER_LIST, OrderListRow
from orderlog_projections.projection import Projection
from orderlog_projections.registry import PROJECTIONS, find_projections, serving_positions
from orderlog_projections.rows import row_table
from orderlog_projections.runner import ProjectionRunner
from tests.projections.kept import Kept, built, dump, keep, rebuilt
from tests.projections.shop import Log, OrderStory, shop

PAGE_EVENTS = 50
(ORDER_LIST_ALONE,) = find_projections(["order_list"])
SECONDS_MAX = 20.0


@pytest.fixture
def told(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """In odd pages, so that a rebuild folds the same events in others."""
    for module in ("runner", "rebuild"):
        monkeypatch.setattr(f"orderlog_projections.{module}.PAGE_EVENTS_MAX", PAGE_EVENTS)
    log = Log()
    log.events = shop(seed=5, orders=30)
    for size in (7, 100, len(log.events)):
        kept.store.append(log.events[kept.store.head() :][:size])
        kept.runner.catch_up()
    return kept


def misread(projection: Projection) -> Projection:
    """The order list by a projector that reads order numbers backwards."""

    def misplaced(row: OrderListRow, event: OrderPlaced) -> object:
        placed = ORDERS.reactions[OrderPlaced](row, event)
        assert placed is not None
        return msgspec.structs.replace(placed, number=event.order_number[::-1])

    reactions: dict[type[Event], Callable[[Any, Any], Any]] = {
        **ORDERS.reactions,
        OrderPlaced: misplaced,
    }
    return replace(projection, parts=(replace(ORDERS, reactions=reactions), SKUS))


def test_a_rebuild_ends_as_it_was(told: Kept) -> None:
    held, seen = dump(told.database), list[tuple[int, int]]()
    rebuild.begin(told.database, PROJECTIONS)
    rebuild.fill(
        told.store,
        told.database,
        PROJECTIONS,
        Slot.NEXT,
        lambda position, head: seen.append((position, head)),
    )
    assert seen[-1] == (told.store.head(), told.store.head())
    for projection in PROJECTIONS:
        report = rebuild.compare(told.store, told.database, projection)
        assert report.is_equal, report
        assert report.position == told.store.head()
        rebuild.switch(told.store, told.database, projection)
    assert dump(told.database) == held
    assert rebuild.standing(told.database, PROJECTIONS, Slot.NEXT) == ()
    assert rebuild.standing(told.database, PROJECTIONS, Slot.PREVIOUS) == PROJECTIONS


def test_differences_are_told_to_the_row_and_the_column(told: Kept) -> None:
    held = dump(told.database)
    first, second, third = sorted(row.order_id for row in told.ask(list_orders).rows)[:3]
    c = ORDER_LIST.c
    with told.database.write() as connection:
        damage = ORDER_LIST.table.update().where(c.order_id == first)
        connection.execute(damage.values(grand_total=-1))
        connection.execute(ORDER_LIST.table.delete().where(c.order_id == second))
        ghost = ORDER_LIST.table.update().where(c.order_id == third)
        connection.execute(ghost.values(order_id="ghost"))
    (report,) = built(told, ORDER_LIST_ALONE)
    orders, skus = report.tables
    assert skus.is_equal
    assert (orders.serving_rows, orders.other_rows) == (29, 30)
    assert (orders.only_serving, orders.only_other, orders.different) == (1, 2, 1)
    damaged, ghost_row, *missing = orders.sample
    assert damaged.key == {"order_id": first}
    assert damaged.serving == {"grand_total": -1}
    assert list(damaged.other or {}) == ["grand_total"]
    assert (ghost_row.key, ghost_row.other) == ({"order_id": "ghost"}, None)
    assert sorted(one.key["order_id"] or "" for one in missing) == [second, third]
    rebuild.switch(told.store, told.database, ORDER_LIST_ALONE)
    assert dump(told.database) == held


def test_a_mended_projector_takes_over_and_one_can_go_back(told: Kept) -> None:
    held = dump(told.database)
    placed = [row.number for row in told.ask(all_orders) if row.number]
    (report,) = built(told, misread(ORDER_LIST_ALONE))
    assert report.tables[0].different == sum(number != number[::-1] for number in placed)
    rebuild.switch(told.store, told.database, ORDER_LIST_ALONE)
    assert sorted(row.number for row in told.ask(all_orders) if row.number) == sorted(
        number[::-1] for number in placed
    )
    rebuild.switch(told.store, told.database, ORDER_LIST_ALONE, Slot.PREVIOUS)
    assert dump(told.database) == held


def all_orders(connection: Connection) -> list[OrderListRow]:
    ids = connection.execute(ORDER_LIST.table.select().with_only_columns(ORDER_LIST.c.order_id))
    return ORDER_LIST.find(connection, list(ids.scalars()))


def test_who_goes_back_misses_nothing_that_came_since(told: Kept) -> None:
    rebuilt(told, *PROJECTIONS)
    log = Log(seed=99)
    OrderStory(log).line("MUG")
    told.store.append(log.events)
    told.runner.catch_up()
    held = dump(told.database)
    rebuild.fill(told.store, told.database, PROJECTIONS, Slot.PREVIOUS)
    for projection in PROJECTIONS:
        rebuild.switch(told.store, told.database, projection, Slot.PREVIOUS)
    assert dump(told.database) == held
    assert set(told.ask(serving_positions).values()) == {told.store.head()}


def test_what_was_broken_off_goes_on_where_it_was(told: Kept) -> None:
    held, seen = dump(told.database), list[int]()

    def interrupt(position: int, _: int) -> None:
        seen.append(position)
        if len(seen) == 3:
            raise KeyboardInterrupt

    rebuild.begin(told.database, PROJECTIONS)
    fill = partial(rebuild.fill, told.store, told.database, PROJECTIONS, Slot.NEXT, interrupt)
    with pytest.raises(KeyboardInterrupt):
        fill()
    rebuild.begin(told.database, PROJECTIONS)
    fill()
    assert seen[:4] == [50, 100, 150, 200]
    for projection in PROJECTIONS:
        assert rebuild.compare(told.store, told.database, projection).is_equal
        rebuild.switch(told.store, told.database, projection)
    assert dump(told.database) == held


def test_one_that_is_begun_anew_forgets_what_it_had(told: Kept) -> None:
    built(told, misread(ORDER_LIST_ALONE))
    rebuild.begin(told.database, [ORDER_LIST_ALONE], anew=True)
    rebuild.fill(told.store, told.database, [ORDER_LIST_ALONE], Slot.NEXT)
    assert rebuild.compare(told.store, told.database, ORDER_LIST_ALONE).is_equal


def test_no_more_than_two_copies_stay(told: Kept) -> None:
    for _ in range(3):
        rebuilt(told, *PROJECTIONS)
    rebuild.drop(told.database, PROJECTIONS, Slot.PREVIOUS)
    for slot in (Slot.NEXT, Slot.PREVIOUS, Slot.INCOMING):
        assert rebuild.standing(told.database, PROJECTIONS, slot) == ()
        for table in (table for one in PROJECTIONS for table in one.beside(slot).tables):
            assert not told.ask(table.exists)


def test_what_is_left_of_a_copy_is_taken_for_none(
    told: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the process had ended while it took the copy away."""
    held = dump(told.database)
    rebuilt(told, *PROJECTIONS)
    built(told, *PROJECTIONS)
    with told.database.write() as connection:
        for slot in (Slot.NEXT, Slot.PREVIOUS):
            checkpoints.forget(connection, ORDER_LIST_ALONE.beside(slot).key)
    assert ORDER_LIST_ALONE not in rebuild.standing(told.database, PROJECTIONS, Slot.PREVIOUS)
    monkeypatch.setattr("orderlog_projections.rows.DELETED_ROWS_MAX", 7)
    rebuild.begin(told.database, PROJECTIONS)
    rebuild.fill(told.store, told.database, PROJECTIONS, Slot.NEXT)
    for projection in PROJECTIONS:
        assert rebuild.compare(told.store, told.database, projection).is_equal
        rebuild.switch(told.store, told.database, projection)
    assert dump(told.database) == held


class Shopping:
    """Orders that come in all the time, and how many there are at each position."""

    def __init__(self, kept: Kept, seed: int) -> None:
        self.kept = kept
        self.log = Log()
        self.log.events = shop(seed, orders=400)
        self.drafted = list(accumulate(isinstance(e, OrderDrafted) for e in self.log.events))

    @contextmanager
    def going_on(self, *, pause_seconds: float) -> Generator[threading.Event]:
        is_over = threading.Event()

        def write() -> None:
            while not is_over.wait(pause_seconds):
                self.kept.store.append(self.log.events[self.kept.store.head() :][:3])

        with in_thread(write):
            yield is_over
            is_over.set()

    def check(self, page: OrderListPage) -> None:
        """Rows and position are of one moment: no order too few, none too many."""
        assert page.total_count == (self.drafted[page.position - 1] if page.position else 0)


@contextmanager
def in_thread(work: Callable[[], None]) -> Generator[None]:
    """What goes wrong there goes wrong here."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if errors:
        raise errors[0]


def test_while_orders_come_in_every_answer_is_right(kept: Kept) -> None:
    shopping = Shopping(kept, seed=6)
    kept.store.append(shopping.log.events[:500])
    kept.runner.catch_up()
    positions, heard = list[int](), list[int]()
    kept.runner.consistency.on_page("order_list", lambda position, _: heard.append(position))
    kept.runner.start()
    try:
        with shopping.going_on(pause_seconds=0.005) as is_over:

            def read() -> None:
                while not is_over.is_set():
                    page = kept.ask(list_orders)
                    shopping.check(page)
                    positions.append(page.position)

            with in_thread(read), in_thread(read):
                for _ in range(3):
                    rebuilt(kept, *PROJECTIONS)
                    rebuild.switch(kept.store, kept.database, ORDER_LIST_ALONE, Slot.PREVIOUS)
                is_over.set()
    finally:
        kept.runner.stop()
    kept.runner.catch_up()
    assert len(positions) > 50
    assert positions[-1] > 500
    assert heard == sorted(set(heard)), "a page was told twice, or not in order"
    with_nobody_near = dump(kept.database)
    assert all(report.is_equal for report in built(kept, *PROJECTIONS))
    assert dump(kept.database) == with_nobody_near


def test_every_changed_row_is_told_across_a_switch(told: Kept) -> None:
    changed: set[str] = set()
    told.runner.consistency.on_page("order_list", lambda _, keys: changed.update(keys))
    log = Log(seed=99)
    for _ in range(3):
        log.events.clear()
        story = OrderStory(log)
        told.store.append(log.events)
        built(told, ORDER_LIST_ALONE)
        rebuild.switch(told.store, told.database, ORDER_LIST_ALONE)
        told.runner.catch_up()
        assert story.order_id in changed


def test_a_reader_who_stays_is_waited_for_and_stops_nobody(told: Kept) -> None:
    built(told, ORDER_LIST_ALONE)
    waits: list[float] = []
    has_read, is_switched = threading.Event(), threading.Event()

    def stay(connection: Connection) -> None:
        list_orders(connection)
        has_read.set()
        time.sleep(1)

    def read_on() -> None:
        while not is_switched.is_set():
            begun = time.perf_counter()
            told.ask(list_orders)
            waits.append(time.perf_counter() - begun)

    with in_thread(partial(told.ask, stay)), in_thread(read_on):
        assert has_read.wait(SECONDS_MAX)
        rebuild.switch(told.store, told.database, ORDER_LIST_ALONE)
        is_switched.set()
    assert max(waits) < 1


def test_a_switch_that_readers_never_let_through_gives_up(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild, "SWITCH_SECONDS_MAX", 0)
    with keep(postgres_url) as kept:
        kept.tell(a_short_log())
        built(kept, ORDER_LIST_ALONE)
        held = dump(kept.database)

        def stay(connection: Connection) -> None:
            list_orders(connection)
            with pytest.raises(TablesInUse):
                rebuild.switch(kept.store, kept.database, ORDER_LIST_ALONE)

        kept.ask(stay)
        assert dump(kept.database) == held


def a_short_log() -> Log:
    log = Log()
    OrderStory(log).line("MUG")
    return log


def test_a_new_read_model_reads_the_past_and_the_others_do_not_wait(
    told: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuild.drop(told.database, find_projections(["customer_orders"]), Slot.SERVING)
    told.database.create(PROJECTIONS)
    monkeypatch.setattr("orderlog_projections.runner.PAGE_EVENTS_MAX", 2)
    told.store.append(a_short_log().events)
    runner = ProjectionRunner(told.store, told.database, PROJECTIONS)
    runner.step()
    positions = {name: one.position for name, one in runner.positions().items()}
    assert positions.pop("customer_orders") == 2
    assert set(positions.values()) == {told.store.head()}
    runner.catch_up()
    assert set(told.ask(serving_positions).values()) == {told.store.head()}


def test_a_new_version_is_built_beside_while_older_code_goes_on(told: Kept) -> None:
    held = dump(told.database)
    table = row_table("order_list", OrderListRow, key=["order_id"], version=2)
    newer = replace(ORDER_LIST_ALONE, parts=(replace(ORDERS, table=table),))
    assert newer.key == "order_list_v2"
    told.database.create([newer])
    ProjectionRunner(told.store, told.database, [newer]).catch_up()
    assert dump(told.database) == held
    assert told.ask(lambda connection: len(table.find(connection, order_ids(told)))) == 30
    told.store.append(a_short_log().events)
    told.runner.catch_up()
    assert len(told.ask(all_orders)) == 31


def order_ids(kept: Kept) -> list[str]:
    return [row.order_id for row in kept.ask(all_orders)]


def test_an_unknown_read_model_is_named() -> None:
    with pytest.raises(LookupError, match="no read model 'orders'; there are customer_orders"):
        find_projections(["order_list", "orders"])
    assert find_projections([]) == PROJECTIONS
