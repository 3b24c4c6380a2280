"""The faults that other tests rely on do happen."""

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from tests.support.proxy import FaultyProxy, faulty_proxy


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[FaultyProxy]:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE visitors (name TEXT)")
    with faulty_proxy(postgres_url) as proxy:
        yield proxy


def visit(proxy: FaultyProxy, name: str) -> None:
    with psycopg.connect(proxy.url) as connection:
        connection.execute("INSERT INTO visitors VALUES (%s)", (name,))


def visitors(proxy: FaultyProxy) -> list[str]:
    with psycopg.connect(proxy.url) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM visitors")]


def test_without_a_fault_it_is_not_there(proxy: FaultyProxy) -> None:
    visit(proxy, "Ada")
    assert visitors(proxy) == ["Ada"]
    assert proxy.faults == 0


def test_a_reset_ends_what_is_connected_and_nothing_else(proxy: FaultyProxy) -> None:
    with psycopg.connect(proxy.url) as connection:
        connection.execute("SELECT 1")
        proxy.reset()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert visitors(proxy) == []


def test_nobody_gets_through_until_it_heals(proxy: FaultyProxy) -> None:
    proxy.part()
    with pytest.raises(psycopg.OperationalError):
        visitors(proxy)
    proxy.heal()
    assert visitors(proxy) == []


def test_an_answer_is_lost_after_the_commit(proxy: FaultyProxy) -> None:
    proxy.lose_answers(carrying=b"Ada")
    visit(proxy, "Bob")
    assert proxy.answers_to_lose == 1
    with pytest.raises(psycopg.OperationalError):
        visit(proxy, "Ada")
    assert proxy.answers_to_lose == 0
    assert visitors(proxy) == ["Bob", "Ada"], "it was done all the same"


def test_silence_lasts_until_it_heals(proxy: FaultyProxy) -> None:
    with psycopg.connect(proxy.url) as connection:
        connection.execute("SELECT 1")
        proxy.go_silent()
        threading.Timer(0.3, proxy.heal).start()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert visitors(proxy) == []


def test_messages_take_their_time(proxy: FaultyProxy) -> None:
    proxy.slow(0.1)
    started = time.monotonic()
    visitors(proxy)
    assert time.monotonic() - started > 0.2, "asked and answered at least once"


def test_a_commit_that_is_lost_never_happens(proxy: FaultyProxy) -> None:
    proxy.commits_to_lose = 1
    with pytest.raises(psycopg.OperationalError):
        visit(proxy, "Ada")
    visit(proxy, "Bob")
    assert visitors(proxy) == ["Bob"]
