"""`import …`: what other systems know, taken in through the same commands as everything else."""

from pathlib import Path
from typing import Annotated

import typer

from orderlog_server.cli.exits import ExitCode, Failed
from orderlog_server.cli.options import AsJson, DatabaseUrl
from orderlog_server.cli.output import console, print_json

imports = typer.Typer(help="Take in orders from other systems.")


@imports.command("online-retail")
def online_retail(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The CSV file, plain or packed with xz or gzip.")
    ],
    *,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Only the first N lines of the file, in whole invoices."
        ),
    ] = None,
    stock_factor: Annotated[
        float,
        typer.Option(min=0.0, metavar="F", help="Stock at hand, as a multiple of what is sold."),
    ] = 1.0,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Imports two years of a real shop's orders and reconciles them. Again adds nothing."""
    from orderlog_server.imports.online_retail import ImportFileError, ImportStopped, run_import
    from orderlog_server.observability.logs import configure_logs
    from orderlog_server.settings import LogLevel, load_settings

    settings = load_settings(database_url=database_url, log_level=LogLevel.WARNING)
    configure_logs(settings)
    try:
        report = run_import(file, settings, limit, stock_factor, console(stderr=as_json))
    except ImportFileError as error:
        raise Failed(str(error)) from error
    except ImportStopped as stopped:
        raise Failed(str(stopped), ExitCode.INTERRUPTED) from stopped
    if as_json:
        print_json(report)
    if not report.reconciliation.is_reconciled:
        message = "The file and the read models differ, as the report shows; import again, or ask."
        raise Failed(message)


def register(program: typer.Typer) -> None:
    program.add_typer(imports, name="import")
