"""A database that goes away and comes back: nothing stops for good, nothing is lost."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import LiteralString

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from orderlog.application.metadata import new_id
from orderlog.domain.orders.commands import order_stream
from orderlog.domain.orders.events import OrderStatus
from orderlog.domain.processes.events import ProcessStuck
from orderlog.eventstore import sqlite
from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.store import open_store
from orderlog_server.duties import Duties
from orderlog_server.health import health_of
from orderlog_server.settings import load_settings
from orderlog_server.wiring import Platform, running
from tests.server.test_wiring import place, status_of

LONGER_THAN_ALL_RETRIES = 2.0


class Away:
    """A PostgreSQL database that lets nobody in while this is `gone`, and throws everybody out."""

    def __init__(self, server: str, url: str) -> None:
        self._server = server
        self._name = str(conninfo_to_dict(url)["dbname"])

    def gone(self) -> None:
        self._allow("false")
        self._run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {name}")

    def back(self) -> None:
        self._allow("true")

    def _allow(self, word: LiteralString) -> None:
        name = Identifier(self._name)
        self._run("ALTER DATABASE {database} ALLOW_CONNECTIONS " + word, database=name)

    def _run(self, statement: LiteralString, **names: Identifier) -> None:
        with psycopg.connect(self._server, autocommit=True) as administrator:
            query = SQL(statement).format(name=self._name, **names)
            administrator.execute(query)


@pytest.fixture
def database(postgres_server: str, postgres_url: str) -> Away:
    return Away(postgres_server, postgres_url)


async def eventually(holds: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - the parts tell nobody
            await asyncio.sleep(0.05)


async def test_placements_go_on_when_the_database_is_back(
    postgres_url: str, database: Away, capfd: pytest.CaptureFixture[str]
) -> None:
    order_ids = [new_id() for _ in range(40)]
    async with running(load_settings(database_url=postgres_url)) as platform:
        await asyncio.gather(*(place(platform, order_id) for order_id in order_ids))
        database.gone()
        await asyncio.sleep(LONGER_THAN_ALL_RETRIES)
        assert (await health_of(platform))["status"] == "down"
        database.back()
        await eventually(lambda: is_reachable(platform))
        await platform.settled()
        assert {status_of(platform, order_id) for order_id in order_ids} == {OrderStatus.CONFIRMED}
        assert not [one for one in platform.store.page(0) if isinstance(one.event, ProcessStuck)]
        assert (await health_of(platform))["status"] == "ok"
        await place(platform, new_id())
    assert "Traceback" not in "".join(capfd.readouterr())


async def test_questions_to_the_writer_survive_too(postgres_url: str, database: Away) -> None:
    settings = load_settings(database_url=postgres_url)
    async with running(settings, Duties(processes=False)) as platform:
        order_id = new_id()
        await place(platform, order_id)
        database.gone()
        with pytest.raises(StoreUnavailable):
            await platform.bus.inspect(order_stream(new_id()), type)
        database.back()
        await eventually(lambda: is_reachable(platform))
        assert await platform.bus.inspect(order_stream(new_id()), lambda order: order is None)


def is_reachable(platform: Platform) -> bool:
    try:
        platform.store.head()
    except StoreUnavailable:
        return False
    return True


def test_a_file_that_somebody_locks_is_said_in_one_sentence(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOCK_TIMEOUT_SECONDS", 0.1)
    with (
        closing(open_store(sqlite_url)) as store,
        closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other,
    ):
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailable, match=r"orderlog\.db cannot be used \(.*locked"):
            store.take_numbers("orders", 1)
        other.rollback()
        assert list(store.take_numbers("orders", 1)) == [1]
