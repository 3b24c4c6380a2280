"""`export orders`: what the read model holds, as a file for spreadsheets or programs."""

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO

import typer

from orderlog_server.cli.options import AsJson, DatabaseUrl, Output
from orderlog_server.cli.projections import opened_read_models

if TYPE_CHECKING:
    from sqlalchemy import Connection

exports = typer.Typer(help="Files for other programs.")


@exports.command()
def orders(
    *, output: Output = None, database_url: DatabaseUrl = None, as_json: AsJson = False
) -> None:
    """Writes all orders of one moment as CSV, or with --json as NDJSON."""
    from orderlog_projections.order_list.queries import every_order
    from orderlog_schema.orders.files import ExportFormat, write_orders

    kind = ExportFormat.NDJSON if as_json else ExportFormat.CSV
    with ExitStack() as held:
        _, database = held.enter_context(opened_read_models(database_url))
        file: BinaryIO = sys.stdout.buffer
        if output is not None:
            file = held.enter_context(output.open("wb"))

        def write(connection: "Connection") -> int:
            orders = every_order(connection)
            write_orders(orders, kind, file)
            return orders.position

        position = database.read(write)
    typer.echo(f"All of it is as of position {position}.", err=True)


def register(program: typer.Typer) -> None:
    program.add_typer(exports, name="export")
