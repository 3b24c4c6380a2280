"""A connection lost in the midst of a commit: each append ends in one outcome, and that is told."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from orderlog.eventstore import appending
from orderlog.eventstore.errors import StoreUnavailable, VersionConflict
from orderlog.eventstore.recorder import CommandAnswer
from orderlog.eventstore.store import EventStore, open_store
from tests.support.events import note
from tests.support.proxy import FaultyProxy, faulty_proxy


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[FaultyProxy]:
    with faulty_proxy(postgres_url) as proxy:
        yield proxy


@pytest.fixture
def store(proxy: FaultyProxy) -> Iterator[EventStore]:
    """Behind the proxy, with its connection to append on."""
    with closing(open_store(proxy.url)) as store:
        store.append([note("order-1", 1)])
        yield store


def log(url: str) -> list[tuple[int, str, int]]:
    with closing(open_store(url)) as store:
        return [(p, e.originator_id, e.originator_version) for p, e in store.page(0)]


def later(act: object, seconds: float = 0.3) -> threading.Timer:
    timer = threading.Timer(seconds, act)  # type: ignore[arg-type] # a method of the proxy
    timer.start()
    return timer


def test_an_answer_lost_after_the_commit_is_found_in_the_log(
    store: EventStore, proxy: FaultyProxy, postgres_url: str
) -> None:
    proxy.lose_answers()
    answer = CommandAnswer("scope", "key", "fingerprint", (("order-1", 2, 3),))
    positions = store.append([note("order-1", 2), note("order-1", 3)], answer)
    assert proxy.answers_to_lose == 0, "the fault did happen"
    assert log(postgres_url)[1:] == [(positions[0], "order-1", 2), (positions[1], "order-1", 3)]
    assert store.find_answer("scope", "key") == answer


def test_an_answer_without_events_is_found_too(store: EventStore, proxy: FaultyProxy) -> None:
    proxy.lose_answers()
    answer = CommandAnswer("scope", "key", "fingerprint", ())
    assert [*store.append([], answer)] == []
    assert store.find_answer("scope", "key") == answer


def test_a_commit_that_never_arrived_is_sent_again(
    store: EventStore, proxy: FaultyProxy, postgres_url: str
) -> None:
    proxy.commits_to_lose = 1
    positions = store.append([note("order-1", 2)])
    assert proxy.commits_to_lose == 0, "the fault did happen"
    assert log(postgres_url)[1:] == [(positions[0], "order-1", 2)]


def test_who_was_faster_while_we_were_away_has_won(
    store: EventStore, proxy: FaultyProxy, postgres_url: str
) -> None:
    proxy.part()
    with closing(open_store(postgres_url)) as other:
        other.append([note("order-1", 2)])
    later(proxy.heal)
    with pytest.raises(VersionConflict):
        store.append([note("order-1", 2)])
    assert len(log(postgres_url)) == 2


def test_fifty_faults_of_all_kinds_and_each_event_is_there_once(
    store: EventStore, proxy: FaultyProxy, postgres_url: str
) -> None:
    told: list[int] = []
    for number in range(50):
        if number % 3 == 0:
            proxy.lose_answers()
        elif number % 3 == 1:
            proxy.commits_to_lose = 1
        else:
            proxy.reset()
        told += store.append([note("order-1", number + 2)])
    assert proxy.faults >= 50
    assert [position for position, _, _ in log(postgres_url)][1:] == told


def test_a_server_that_stays_silent_is_given_up(
    store: EventStore,
    proxy: FaultyProxy,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(appending, "ANSWER_SECONDS_MAX", 0.5)
    proxy.go_silent()
    store.append([note("order-1", 2)])
    assert len(log(postgres_url)) == 2


def test_a_server_that_is_back_soon_has_never_been_away(
    store: EventStore, proxy: FaultyProxy
) -> None:
    proxy.part()
    later(proxy.heal, 1.0)
    started = time.monotonic()
    store.append([note("order-1", 2)])
    assert time.monotonic() - started < 5


def test_a_server_that_stays_away_is_said_to_and_then_at_once(
    store: EventStore, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appending, "PATIENCE_SECONDS", 0.5)
    proxy.part()
    with pytest.raises(StoreUnavailable, match="check that it runs"):
        store.append([note("order-1", 2)])
    monkeypatch.setattr(appending, "PATIENCE_SECONDS", 60)
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        store.append([note("order-1", 2)])
    assert time.monotonic() - started < 5, "the next need not wait to hear the same"
    proxy.heal()
    assert store.append([note("order-1", 2)])


def test_a_server_that_throws_everybody_out_is_found_again(
    store: EventStore, postgres_server: str
) -> None:
    """As a restart does: every session ends, and the next ones are new."""
    with psycopg.connect(postgres_server, autocommit=True) as administrator:
        for version in range(2, 7):
            administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = %s",
                (store.location.dbname,),  # type: ignore[union-attr] # it is PostgreSQL's
            )
            store.append([note("order-1", version)])
    assert store.head() >= 6


def test_who_is_frozen_in_a_transaction_stops_nobody_for_long(
    store: EventStore, postgres_url: str
) -> None:
    """It holds the lock; the server ends its session, and the others go on."""
    recorder = store.recorder
    frozen = recorder._line.connection()  # type: ignore[attr-defined] # it is PostgreSQL's
    frozen.execute(recorder._opening([]))  # type: ignore[attr-defined] # as above
    with closing(open_store(postgres_url)) as other:
        started = time.monotonic()
        other.append([note("order-2", 1)])
        assert time.monotonic() - started < 9
    store.append([note("order-1", 2)])
