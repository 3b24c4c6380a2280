"""Whoever writes, in however many processes: a reader that follows the log misses nothing.

And the same reader does miss events once the lock between insert and commit is taken away, so that
we know that it would see.
"""

import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg
import pytest

from orderlog.consumers.tail import Page, Tail
from orderlog.eventstore.store import EventStore, open_store
from tests.support.appending import take_away_the_lock
from tests.support.events import note

ROOT: Final = Path(__file__).parents[2]
PATIENCE_SECONDS: Final = 60
HELD: Final = 4711
"""The advisory lock on which a commit waits while the test holds it."""


@dataclass
class Reader:
    """What one way of reading has seen: positions, in the order in which they came."""

    seen: list[int] = field(default_factory=list[int])

    def take(self, page: Page) -> None:
        self.seen += [recorded.position for recorded in page]


@dataclass
class PageReader(Reader):
    """Asks for the next page again and again, as the runners do."""

    is_over: threading.Event = field(default_factory=threading.Event)

    def follow(self, store: EventStore) -> None:
        while self.read_on(store) or not self.is_over.is_set():
            pass

    def read_on(self, store: EventStore) -> bool:
        page = store.page(self.seen[-1] if self.seen else 0)
        self.take(page)
        return bool(page)


@contextmanager
def followed(store: EventStore) -> Generator[tuple[Reader, Reader]]:
    """Two readers at work: the tail of the platform, and a loop over pages."""
    tailing, paging = Reader(), PageReader()
    tail = Tail(store, [tailing.take], 0)
    thread = threading.Thread(target=paging.follow, args=(store,))
    tail.start()
    thread.start()
    try:
        yield tailing, paging
        head = store.head()
        eventually(lambda: tail.position >= head)
    finally:
        tail.stop()
        paging.is_over.set()
        thread.join()


def eventually(holds: Callable[[], bool]) -> None:
    for _ in range(PATIENCE_SECONDS * 100):
        if holds():
            return
        threading.Event().wait(0.01)
    message = "it never came to that"
    raise TimeoutError(message)


def all_positions(store: EventStore) -> list[int]:
    positions: list[int] = []
    while page := store.page_stored(positions[-1] if positions else 0, 1_000):
        positions += [stored.id for stored in page]
    return positions


def appended(url: str, processes: int, *arguments: str) -> int:
    """How many events the processes appended, as they say themselves."""
    command = [sys.executable, "-m", "tests.support.appending", url, *arguments]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    answers = [process.communicate()[0] for process in started]
    assert [process.returncode for process in started] == [0] * processes
    return sum(map(int, answers))


def load(*, writers: int, appends: int, seconds: float, together: bool) -> Sequence[str]:
    given = {"writers": writers, "appends": appends, "seconds": seconds}
    options = [f"--{name}={value}" for name, value in given.items()]
    return [*options, *(["--together"] if together else [])]


@pytest.mark.parametrize("together", [False, True], ids=["each alone", "in groups"])
def test_a_reader_follows_sixteen_writers_in_four_processes(
    postgres_url: str, *, together: bool
) -> None:
    arguments = load(writers=4, appends=1_500, seconds=2, together=together)
    with closing(open_store(postgres_url)) as store:
        with followed(store) as readers:
            count = appended(postgres_url, 4, *arguments)
        assert_nothing_was_missed(store, count, readers)


@pytest.mark.parametrize("together", [False, True], ids=["each alone", "in groups"])
def test_a_reader_follows_the_writers_of_another_process(
    sqlite_url: str, *, together: bool
) -> None:
    arguments = load(writers=8, appends=1_000, seconds=1, together=together)
    with closing(open_store(sqlite_url)) as store:
        with followed(store) as readers:
            count = appended(sqlite_url, 1, *arguments)
        assert_nothing_was_missed(store, count, readers)


@pytest.mark.slow
@pytest.mark.timeout(1_200)
def test_a_million_appends_of_thirty_two_writers(postgres_url: str) -> None:
    arguments = load(writers=8, appends=31_250, seconds=900, together=True)
    with closing(open_store(postgres_url)) as store:
        with followed(store) as readers:
            count = appended(postgres_url, 4, *arguments)
        assert_nothing_was_missed(store, count, readers)


def assert_nothing_was_missed(store: EventStore, count: int, readers: Sequence[Reader]) -> None:
    positions = all_positions(store)
    assert count > 0
    assert len(positions) == count, "each event that was acknowledged is there once"
    for reader in readers:
        assert reader.seen == positions


def test_without_the_lock_the_same_readers_do_miss_events(postgres_url: str) -> None:
    """Commits take a while here, each another one, so that they come in another order."""
    arguments = load(writers=4, appends=60, seconds=10, together=False)
    with closing(open_store(postgres_url)) as store:
        before_each_commit(postgres_url, "pg_sleep(random() * 0.02)")
        with followed(store) as readers:
            count = appended(postgres_url, 4, *arguments, "--unlocked")
        assert len(all_positions(store)) == count
        for reader in readers:
            assert reader.seen == sorted(reader.seen)
            assert len(reader.seen) < count, "it must miss some, or this test sees nothing"


@pytest.mark.parametrize("locked", [True, False])
def test_a_commit_that_is_held_up_is_missed_without_the_lock_only(
    postgres_url: str, *, locked: bool
) -> None:
    with (
        closing(open_store(postgres_url)) as store,
        closing(open_store(postgres_url)) as other,
        holding(postgres_url) as release,
    ):
        before_each_commit(
            postgres_url, f"pg_advisory_xact_lock({HELD})", only="NEW.originator_id = 'order-held'"
        )
        if not locked:
            take_away_the_lock(store)
            take_away_the_lock(other)
        reader = PageReader()
        held, free = appending(store, "order-held"), appending(other, "order-free")
        held.start()
        eventually(lambda: count_waiting(postgres_url) == 1)
        free.start()
        eventually(lambda: count_waiting(postgres_url) == 2 or not free.is_alive())
        while reader.read_on(store):
            pass
        release()
        held.join()
        free.join()
        while reader.read_on(store):
            pass
        assert all_positions(store) == [1, 2]
        assert reader.seen == ([1, 2] if locked else [2])


def appending(store: EventStore, stream_id: str) -> threading.Thread:
    return threading.Thread(target=lambda: store.append([note(stream_id, 1)]))


@contextmanager
def holding(url: str) -> Generator[Callable[[], object]]:
    """Holds the lock that a held-up commit waits for, until what it yields is called."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (HELD,))
        try:
            yield lambda: connection.execute("SELECT pg_advisory_unlock_all()")
        finally:
            with suppress(psycopg.Error):
                connection.execute("SELECT pg_advisory_unlock_all()")


def count_waiting(url: str) -> int:
    """How many transactions of this database wait for a lock."""
    query = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
    """
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    count: int = row[0]
    return count


def before_each_commit(url: str, act: str, *, only: str = "true") -> None:
    """Makes the database do something at the end of every transaction that inserted `only` such."""
    statements = f"""
        CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN PERFORM {act}; RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON stored_events
          DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ({only})
          EXECUTE FUNCTION dawdle();
    """
    with psycopg.connect(url) as connection:
        connection.execute(statements.encode())
