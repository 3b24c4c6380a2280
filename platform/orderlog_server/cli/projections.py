"""`projections status`: how far the read models are."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from orderlog_server.cli.events import opened_store
from orderlog_server.cli.options import AsJson, DatabaseUrl
from orderlog_server.cli.output import print_json, print_table

if TYPE_CHECKING:
    from orderlog.eventstore.store import EventStore
    from orderlog_projections.database import ReadDatabase

projections = typer.Typer(help="The read models: status and rebuild.")


@projections.command()
def status(*, database_url: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Shows how far each read model is behind the log."""
    from orderlog_projections.status import statuses

    with opened_read_models(database_url) as (store, database):
        rows = [
            {
                "name": one.name,
                "position": one.position,
                "head": one.head,
                "lag": one.lag,
                "lag_seconds": round(one.lag_seconds, 3),
                "parked_keys": one.parked_keys,
            }
            for one in statuses(store, database)
        ]
    if as_json:
        print_json(rows)
        return
    figures = ("position", "lag", "lag_seconds", "parked_keys")
    cells = [[str(row["name"]), *(f"{row[name]:,}" for name in figures)] for row in rows]
    print_table(["read model", "position ", "behind ", "seconds ", "parked keys "], cells)


def register(program: typer.Typer) -> None:
    program.add_typer(projections, name="projections")


@contextmanager
def opened_read_models(
    database_url: str | None,
) -> Generator[tuple["EventStore", "ReadDatabase"]]:
    from orderlog_projections.registry import open_read_models

    with opened_store(database_url) as store:
        database = open_read_models(store.location)
        try:
            yield store, database
        finally:
            database.close()
