"""A query that nobody waits for any more does not go on."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.urls import parse_url
from orderlog_projections.asking import Asking, GivenUp
from orderlog_projections.database import ReadDatabase

ENDLESS = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def database(database_url: str) -> Iterator[ReadDatabase]:
    database = ReadDatabase(parse_url(database_url))
    yield database
    database.close()


def endless(connection: Connection) -> int:
    return int(connection.execute(sa.text(ENDLESS)).scalar_one())


def one(connection: Connection) -> int:
    return int(connection.execute(sa.text("SELECT 1")).scalar_one())


def test_what_runs_is_interrupted_and_its_connection_is_as_good_as_before(
    database: ReadDatabase,
) -> None:
    askings = [Asking(read, endless) for read in (database.read, database.read_once) * 10]
    with ThreadPoolExecutor(len(askings)) as threads:  # more than there are connections
        answers = [threads.submit(asking.answer) for asking in askings]
        time.sleep(0.3)
        for asking in askings:
            asking.give_up()
        errors = [answer.exception(timeout=20) for answer in answers]
    assert {type(error) for error in errors} <= {StoreUnavailable, GivenUp}
    assert [Asking(database.read, one).answer() for _ in range(20)] == [1] * 20


def test_what_has_not_begun_never_does(database: ReadDatabase) -> None:
    asking = Asking(database.read, endless)
    asking.give_up()
    with pytest.raises(GivenUp):
        asking.answer()


def test_who_comes_next_is_not_interrupted(database: ReadDatabase) -> None:
    def quick(connection: Connection) -> int:
        return one(connection)

    with ThreadPoolExecutor(2) as threads:
        for _ in range(200):
            asking = Asking(database.read, quick)
            answer = threads.submit(asking.answer)
            following = threads.submit(Asking(database.read, one).answer)
            asking.give_up()
            answer.exception(timeout=20)
            assert following.result(timeout=20) == 1
