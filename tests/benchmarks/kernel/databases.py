"""Databases to measure on: empty, and durable as in production. They go when the run ends."""

import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Final

import psycopg
from psycopg.sql import SQL, Identifier

from tests.support.databases import start_postgres

DURABLE: Final = ("fsync", "synchronous_commit", "full_page_writes")


class Kind(StrEnum):
    SQLITE = "sqlite"
    POSTGRES = "postgres"

    @property
    def label(self) -> str:
        return {Kind.SQLITE: "SQLite", Kind.POSTGRES: "PostgreSQL"}[self]


class Databases:
    """Makes databases. PostgreSQL starts when the first is asked for."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self._numbers = count(1)

    def url(self, kind: Kind) -> str:
        """A fresh database: `sqlite:///…` or `postgresql://postgres@/NAME?host=FOLDER`."""
        name = f"bench_{next(self._numbers)}"
        if kind is Kind.SQLITE:
            folder = self.folder / name
            folder.mkdir()
            return f"sqlite:///{folder}/orderlog.db"
        with psycopg.connect(self.administrator, autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        return self.administrator.replace(":@/postgres", f"@/{name}")

    @cached_property
    def administrator(self) -> str:
        server = start_postgres(self.folder / "postgres")
        self._stack.callback(server.cleanup)
        url: str = server.get_uri()
        require_durable(url)
        return url

    @property
    def postgres_log(self) -> Path:
        return self.folder / "postgres/log"


@contextmanager
def fresh_databases() -> Generator[Databases]:
    prefix = "orderlog-bench-"
    with (
        tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder,
        ExitStack() as stack,
    ):
        yield Databases(Path(folder), stack)


def require_durable(url: str) -> None:
    """Figures of a database that loses commits would be worth nothing."""
    with psycopg.connect(url) as connection:
        for setting in DURABLE:
            row = connection.execute(SQL("SHOW {}").format(Identifier(setting))).fetchone()
            assert row == ("on",), f"{setting} is {row}"
