"""`projections status` and `projections rebuild`: how far the read models are, and anew."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from orderlog_server.cli.events import opened_store
from orderlog_server.cli.exits import ExitCode, Failed
from orderlog_server.cli.options import AsJson, DatabaseUrl
from orderlog_server.cli.output import console, print_json, print_table, progress_bar

if TYPE_CHECKING:
    from orderlog.eventstore.store import EventStore
    from orderlog_projections.database import ReadDatabase
    from orderlog_projections.projection import Projection

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


@projections.command()
def rebuild(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Only this one; all where left out.")
    ] = None,
    *,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Drops read models and makes them again from the log."""
    chosen = _chosen(name)
    with opened_read_models(database_url) as (store, database):
        begun = time.perf_counter()
        try:
            _rebuild(store, database, chosen)
        except KeyboardInterrupt:
            hint = "it goes on where it was, with the server or: orderlog projections rebuild"
            console(stderr=True).print(f"\nStopped half-way; {hint}", soft_wrap=True)
            raise
        seconds, head = time.perf_counter() - begun, store.head()
    if as_json:
        names = [projection.name for projection in chosen]
        print_json({"rebuilt": names, "position": head, "seconds": round(seconds, 3)})
    else:
        console().print(f"Rebuilt {len(chosen)} up to position {head:,} in {seconds:.1f} s.")


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


def _chosen(name: str | None) -> "tuple[Projection, ...]":
    from orderlog_projections.registry import find_projections

    try:
        return find_projections([] if name is None else [name])
    except LookupError as error:
        raise Failed(str(error), ExitCode.USAGE) from None


def _rebuild(
    store: "EventStore", database: "ReadDatabase", chosen: "tuple[Projection, ...]"
) -> None:
    from orderlog_projections.rebuild import rebuild as rebuild_read_models

    begun = time.perf_counter()
    with progress_bar("events") as progress:
        task = progress.add_task("rebuilding", total=store.head(), rate=0.0)

        def show(position: int, head: int) -> None:
            rate = position / (time.perf_counter() - begun)
            progress.update(task, completed=position, total=head, rate=rate)

        rebuild_read_models(store, database, chosen, show)
