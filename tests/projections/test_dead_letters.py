"""Poison: an event that cannot be applied parks its key, all else goes on, and it comes back."""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

import msgspec
import pytest
from structlog.testing import capture_logs

from orderlog.domain.aggregate import Event
from orderlog.domain.orders.events import OrderDrafted, OrderLineAdded
from orderlog.domain.payments.events import PaymentAuthorized
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog_projections import dead_letters, rebuild
from orderlog_projections.copies import Slot
from orderlog_projections.dead_letters import DEAD_LETTERS, DeadLetter
from orderlog_projections.order_list.projector import ORDERS
from orderlog_projections.paging import Window
from orderlog_projections.projection import Projection
from orderlog_projections.reach import Reach
from orderlog_projections.registry import PROJECTIONS, name_of, serving_keys
from orderlog_projections.replay import Replayed, Where, discard, replay
from orderlog_projections.runner import ProjectionRunner
from tests.projections.faulty import Faulty, Overflowing
from tests.projections.kept import Kept, dump, keep, rebuilt, rows_of
from tests.projections.shop import Log, OrderStory, shop


def read_on(kept: Kept, projections: Sequence[Projection]) -> ProjectionRunner:
    runner = ProjectionRunner(kept.store, kept.database, projections)
    runner.catch_up()
    return runner


def letters(
    kept: Kept, projection: str = "order_list", table: str = "order_list"
) -> list[DeadLetter]:
    """In the order of the log."""
    found = kept.ask(lambda connection: dead_letters.LISTING.rows(connection, []))
    mine = [one for one in found if (one.projection, one.table_name) == (projection, table)]
    return sorted(mine, key=lambda one: one.position)


def replay_all(kept: Kept, projections: Sequence[Projection] = PROJECTIONS) -> None:
    """Key by key, in the order in which they were parked."""
    while page := kept.ask(lambda c: dead_letters.page_of_keys(c, Window()))[0].rows:
        for one in page:
            where = Where(one.projection, one.key, one.table_name)
            assert replay(kept.store, kept.database, projections, where).waiting == 0


def as_if_nothing_happened(kept: Kept) -> dict[str, list[str]]:
    """What a run without a fault makes of the same log."""
    rebuilt(kept, *PROJECTIONS)
    return dump(kept.database)


def every(count: int, events: Sequence[Event]) -> set[str]:
    return {event.envelope.event_id for event in events[count - 1 :: count]}


def two_orders() -> tuple[Log, OrderStory, OrderStory]:
    log = Log()
    return log, OrderStory(log), OrderStory(log)


def test_poison_parks_its_key_and_comes_back_in_order(kept: Kept) -> None:
    events = shop(seed=3, orders=110)
    assert len(events) > 2_000
    faulty = Faulty(every(100, events))
    kept.store.append(events)
    runner = read_on(kept, faulty.projections())
    states = runner.positions()
    assert {(s.lag, s.lag_seconds, s.error, s.is_stopped) for s in states.values()} == {
        (0, 0.0, None, False)
    }
    assert states["order_list"].parked_keys >= 10
    held = letters(kept)
    assert_rows_stand_before_their_first_letter(kept, events, held)
    assert {event.envelope.event_id for event in at(events, held, with_error=True)} <= faulty.poison
    faulty.poison.clear()
    replay_all(kept, faulty.projections())
    assert {s.parked_keys for s in runner.positions().values()} == {0}
    assert dump(kept.database) == as_if_nothing_happened(kept)


def assert_rows_stand_before_their_first_letter(
    kept: Kept, events: Sequence[Event], held: Sequence[DeadLetter]
) -> None:
    firsts: dict[str, int] = {}
    for one in held:
        firsts.setdefault(one.key, one.position)
    keys = list(rows_of(ORDERS, events))
    expected = {
        key: row
        for key in keys
        if (row := rows_of(ORDERS, events[: firsts.get(key, len(events) + 1) - 1]).get(key))
    }
    found = kept.ask(
        lambda connection: ORDERS.table.find(connection, list(rows_of(ORDERS, events)))
    )
    assert {row.order_id: row for row in found} == expected


def at(events: Sequence[Event], held: Sequence[DeadLetter], *, with_error: bool) -> list[Event]:
    return [events[one.position - 1] for one in held if (one.error is not None) is with_error]


def test_what_follows_waits_behind_it_in_order(kept: Kept) -> None:
    log, first, second = two_orders()
    first.line("MUG")
    faulty = Faulty({log.events[-1].envelope.event_id})
    kept.store.append(log.events)
    runner = read_on(kept, faulty.projections(["order_list"]))
    for story in (first, second):
        story.line("TEA", quantity=3)
        story.place()
    kept.store.append(log.events[kept.store.head() :])
    runner.catch_up()
    held = letters(kept)
    assert [one.position for one in held] == [3, 4, 5]
    assert [one.error is None for one in held] == [False, True, True]
    assert {(one.key, one.stream_id) for one in held} == {
        (first.order_id, f"order-{first.order_id}")
    }
    assert runner.positions()["order_list"].parked_keys == 1
    faulty.poison.clear()
    where = Where("order_list", first.order_id)
    assert replay(kept.store, kept.database, PROJECTIONS, where) == Replayed(3, 0, None)
    first.confirm()
    kept.store.append(log.events[kept.store.head() :])
    runner.catch_up()
    assert letters(kept) == []
    assert dump(kept.database) == as_if_nothing_happened(kept)


def test_a_restarted_runner_knows_what_is_parked(kept: Kept) -> None:
    log, first, _ = two_orders()
    faulty = Faulty({log.events[0].envelope.event_id})
    kept.store.append(log.events)
    read_on(kept, faulty.projections())
    faulty.poison.clear()
    first.line("MUG")
    kept.store.append(log.events[kept.store.head() :])
    read_on(kept, PROJECTIONS)
    assert [one.position for one in letters(kept)] == [1, 3]


def test_a_letter_names_the_fault_and_nobody(kept: Kept) -> None:
    log, _, _ = two_orders()
    faulty = Faulty({log.events[0].envelope.event_id})
    kept.store.append(log.events)
    with capture_logs() as logs:
        read_on(kept, faulty.projections())
    (letter,) = letters(kept)
    assert (letter.error or "").startswith("ValueError in tests.projections.faulty.Faulty._checked")
    assert "Lovelace" not in f"{letter}{logs}"


def test_letters_of_an_older_version_are_kept_and_belong_to_no_channel(kept: Kept) -> None:
    log, _, _ = two_orders()
    kept.store.append(log.events)
    read_on(kept, Faulty({log.events[0].envelope.event_id}).projections())
    (letter,) = letters(kept)
    assert letter.channel_id == "default"
    with kept.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE dead_letters DROP COLUMN channel_id")
    kept.database.create(PROJECTIONS)
    (older,) = letters(kept)
    assert older == msgspec.structs.replace(letter, channel_id=None)
    for reach, seen in (Reach(), [older]), (Reach(None, frozenset({"default"})), []):
        listed = partial(dead_letters.page_of_keys, projections=["order_list"], reach=reach)
        _, found = kept.ask(partial(listed, window=Window()))
        assert [one.first for one in found] == seen


def test_letters_go_by_the_name_of_their_read_model_whatever_version_it_is(kept: Kept) -> None:
    log, first, _ = two_orders()
    kept.store.append(log.events)
    read_on(kept, Faulty({log.events[0].envelope.event_id}).projections())
    assert serving_keys("customer_orders") == ("customer_orders_v2",)
    _, found = kept.ask(
        lambda c: dead_letters.page_of_keys(c, Window(), serving_keys("customer_orders"))
    )
    assert [name_of(one.first.projection) for one in found] == ["customer_orders"]
    where = Where("customer_orders", first.order_id)
    assert replay(kept.store, kept.database, PROJECTIONS, where).applied == 1


def test_a_key_is_replayed_by_who_may_see_all_that_waits(kept: Kept) -> None:
    log, first, _ = two_orders()
    kept.store.append(log.events)
    read_on(kept, Faulty({log.events[0].envelope.event_id}).projections())
    for channels, applied in (frozenset({"north"}), None), (frozenset({"default"}), 1):
        where = Where("order_list", first.order_id, reach=Reach(None, channels))
        if applied is None:
            with pytest.raises(Rejected, match="parked") as refused:
                replay(kept.store, kept.database, PROJECTIONS, where)
            assert refused.value.code is ErrorCode.DEAD_LETTER_NOT_FOUND
        else:
            assert replay(kept.store, kept.database, PROJECTIONS, where).applied == applied


def test_a_value_that_no_column_holds_parks_its_key(kept: Kept) -> None:
    events = shop(seed=4, orders=40)
    changes = [event for event in events if isinstance(event, OrderLineAdded)]
    overflowing = Overflowing(every(20, changes))
    kept.store.append(events)
    runner = read_on(kept, overflowing.projections())
    assert {(s.lag, s.error) for s in runner.positions().values()} == {(0, None)}
    held = letters(kept)
    assert len(at(events, held, with_error=True)) == len(overflowing.poison)
    assert_rows_stand_before_their_first_letter(kept, events, held)
    overflowing.poison.clear()
    replay_all(kept)
    assert dump(kept.database) == as_if_nothing_happened(kept)


def test_entries_are_parked_by_stream(kept: Kept) -> None:
    log, first, second = two_orders()
    faulty = Faulty({log.events[0].envelope.event_id})
    first.line("MUG")
    second.line("MUG")
    kept.store.append(log.events)
    read_on(kept, faulty.projections(["order_history"]))
    held = letters(kept, "order_history", "order_history")
    assert [(one.key, one.position) for one in held] == [
        (f"order-{first.order_id}", 1),
        (f"order-{first.order_id}", 3),
    ]
    faulty.poison.clear()
    replay_all(kept)
    assert dump(kept.database) == as_if_nothing_happened(kept)


def test_a_crash_between_rows_and_letters_leaves_neither(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, _, _ = two_orders()
    faulty = Faulty({log.events[0].envelope.event_id})
    kept.store.append(log.events)
    nothing = dump(kept.database)
    with monkeypatch.context() as crash:
        crash.setattr(DEAD_LETTERS, "insert", interrupt)
        with pytest.raises(KeyboardInterrupt):
            read_on(kept, faulty.projections())
    assert dump(kept.database) == nothing
    read_on(kept, faulty.projections())
    assert [one.position for one in letters(kept)] == [1]


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_crash_during_a_replay_leaves_all_parked(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, first, _ = two_orders()
    faulty = Faulty({log.events[0].envelope.event_id})
    kept.store.append(log.events)
    read_on(kept, faulty.projections())
    held, rows = letters(kept), dump(kept.database)
    faulty.poison.clear()
    with monkeypatch.context() as crash:
        crash.setattr(DEAD_LETTERS, "insert", interrupt)
        with pytest.raises(KeyboardInterrupt):
            replay(kept.store, kept.database, PROJECTIONS, Where("order_list", first.order_id))
    assert (letters(kept), dump(kept.database)) == (held, rows)


def test_a_replay_that_fails_again_stops_where_it_fails(kept: Kept) -> None:
    log, first, _ = two_orders()
    first.line("MUG")
    first.line("TEA")
    first.line("CUP")
    one, three, four, _ = (log.events[index].envelope.event_id for index in (0, 2, 3, 4))
    faulty = Faulty({one, four})
    kept.store.append(log.events)
    read_on(kept, faulty.projections(["order_list"]))
    faulty.poison.remove(one)
    where = Where("order_list", first.order_id, "order_list")
    replayed = replay(kept.store, kept.database, faulty.projections(), where)
    assert (replayed.applied, replayed.waiting) == (2, 2)
    held = letters(kept)
    assert [(one.position, one.error is None) for one in held] == [(4, False), (5, True)]
    assert replayed.error == held[0].error
    assert_rows_stand_before_their_first_letter(kept, log.events, held)
    assert three not in faulty.poison


def test_what_is_discarded_is_missing_and_its_key_goes_on(kept: Kept) -> None:
    log, first, _ = two_orders()
    first.line("MUG")
    faulty = Faulty({log.events[-1].envelope.event_id})
    kept.store.append(log.events)
    runner = read_on(kept, faulty.projections(["order_list"]))
    where = Where("order_list", first.order_id)
    with pytest.raises(Rejected) as refused:
        discard(kept.database, PROJECTIONS, where, " ")
    assert refused.value.code is ErrorCode.REASON_REQUIRED
    with capture_logs() as logs:
        discard(kept.database, PROJECTIONS, where, "the MUG never was")
    assert {"positions": [3], "reason": "the MUG never was"}.items() <= logs[0].items()
    first.line("TEA", quantity=3)
    kept.store.append(log.events[kept.store.head() :])
    runner.catch_up()
    (row,) = kept.ask(lambda connection: ORDERS.table.find(connection, [first.order_id]))
    assert (row.item_count, row.position) == (3, 4)
    assert letters(kept) == []


def test_letters_that_are_not_there_are_named(kept: Kept) -> None:
    with pytest.raises(Rejected, match="No event of 'nobody' is parked in 'order_list'") as refused:
        replay(kept.store, kept.database, PROJECTIONS, Where("order_list", "nobody"))
    assert refused.value.code is ErrorCode.DEAD_LETTER_NOT_FOUND


def rename(kept: Kept, event: Event, topic: str) -> None:
    change(kept, event, "topic", topic)


def change(kept: Kept, event: Event, column: str, value: object) -> None:
    """What is in the log becomes something else: by damage, or by a newer version's hand."""
    with kept.store.recorder.cursor(commit=True) as cursor:
        cursor.execute(
            f"UPDATE stored_events SET {column} = ? WHERE originator_id = ? "  # noqa: S608
            "AND originator_version = ?",
            (value, event.originator_id, event.originator_version),
        )
    kept.store.recent.forget()


def test_an_event_of_a_newer_version_parks_the_order_that_it_is_about(kept: Kept) -> None:
    events = shop(seed=6, orders=12)
    unknown = [event for event in events if isinstance(event, PaymentAuthorized)][1]
    kept.store.append(events)
    rename(kept, unknown, "PaymentBlessed")
    runner = read_on(kept, PROJECTIONS)
    assert {(s.lag, s.error) for s in runner.positions().values()} == {(0, None)}
    held = letters(kept)
    assert {one.key for one in held} == {order_id_of(unknown)}
    assert (held[0].topic, held[0].version) == ("PaymentBlessed", unknown.originator_version)
    assert "newer version" in (held[0].error or "")
    assert letters(kept, "stock_levels", "stock_levels") == []
    assert_rows_stand_before_their_first_letter(kept, events, held)
    rename(kept, unknown, unknown.TOPIC)
    replay_all(kept)
    assert dump(kept.database) == as_if_nothing_happened(kept)


def order_id_of(event: Event) -> str:
    assert isinstance(event, PaymentAuthorized)
    return event.order_id


@pytest.mark.parametrize("topic", [OrderDrafted.TOPIC, "OrderFromTheFuture"])
def test_events_that_nobody_can_read_are_passed_over_but_not_forgotten(
    kept: Kept, topic: str
) -> None:
    """The first of its stream, so that nothing yet says which row it is about."""
    log, first, second = two_orders()
    kept.store.append(log.events[:1])
    state = kept.store.encode(log.events[0]).state
    rename(kept, log.events[0], topic)
    change(kept, log.events[0], "state", b'{"timestamp": "tomorrow"')
    runner = read_on(kept, PROJECTIONS)
    assert [one.key for one in letters(kept)] == [f"order-{first.order_id}"]
    first.line("MUG")
    second.line("TEA")
    kept.store.append(log.events[1:])
    runner.catch_up()
    assert [one.position for one in letters(kept)] == [1, 3]
    change(kept, log.events[0], "state", state)
    rename(kept, log.events[0], OrderDrafted.TOPIC)
    replay_all(kept)
    assert dump(kept.database) == as_if_nothing_happened(kept)


def test_a_key_that_was_replayed_elsewhere_goes_on(kept: Kept) -> None:
    """The runner's memory is outdated; the checkpoint tells it so, and no page parks in vain."""
    log, first, second = two_orders()
    faulty = Faulty({event.envelope.event_id for event in log.events})
    kept.store.append(log.events)
    runner = read_on(kept, faulty.projections())
    faulty.poison.clear()
    replay(kept.store, kept.database, PROJECTIONS, Where("order_list", first.order_id))
    heard = list[frozenset[str]]()
    runner.consistency.on_page("order_list", lambda _, keys: heard.append(keys))
    first.line("MUG")
    second.line("MUG")
    kept.store.append(log.events[kept.store.head() :])
    runner.catch_up()
    assert {one.key for one in letters(kept)} == {second.order_id}
    assert [keys for keys in heard if keys] == [{first.order_id}, {first.order_id}]


def test_a_rebuild_begins_without_letters(kept: Kept) -> None:
    log, _, _ = two_orders()
    faulty = Faulty({log.events[0].envelope.event_id})
    kept.store.append(log.events)
    read_on(kept, faulty.projections())
    held = letters(kept)
    rebuilt(kept, *PROJECTIONS)
    assert letters(kept) == []
    assert kept.ask(lambda c: dead_letters.page_of_keys(c, Window()))[1] == []
    for projection in PROJECTIONS:
        rebuild.switch(kept.store, kept.database, projection, Slot.PREVIOUS)
    assert letters(kept) == held


def test_parked_keys_are_listed_with_how_much_waits(kept: Kept) -> None:
    log, first, second = two_orders()
    faulty = Faulty({event.envelope.event_id for event in log.events})
    first.line("MUG")
    kept.store.append(log.events)
    read_on(kept, faulty.projections(["order_list"]))
    _, listed = kept.ask(lambda c: dead_letters.page_of_keys(c, Window(), ["order_list"]))
    assert [(one.first.key, one.event_count, one.last_position) for one in listed] == [
        (first.order_id, 2, 3),
        (second.order_id, 1, 2),
    ]
    assert kept.ask(lambda c: dead_letters.page_of_keys(c, Window(), ["order_page"]))[1] == []


@pytest.mark.slow
def test_poison_at_every_thousandth_of_a_long_log(sqlite_url: str) -> None:
    with keep(sqlite_url) as kept:
        events = shop(seed=7, orders=5_000)
        faulty = Faulty(every(1_000, events))
        for begun in range(0, len(events), 10_000):
            kept.store.append(events[begun : begun + 10_000])
        runner = read_on(kept, faulty.projections())
        assert {(s.lag, s.error) for s in runner.positions().values()} == {(0, None)}
        parked = defaultdict[str, int](int)
        for one in letters(kept):
            parked[one.key] += one.error is not None
        assert set(parked.values()) == {1}
        faulty.poison.clear()
        replay_all(kept)
        assert dump(kept.database) == as_if_nothing_happened(kept)
