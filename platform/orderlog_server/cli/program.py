"""The command line as a whole: which commands there are, and how the program ends."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from orderlog_server.cli import (
    catalogues,
    configuration,
    dead_letters,
    events,
    exports,
    imports,
    orders,
    projections,
    rebuilds,
    servers,
    tokens,
)
from orderlog_server.cli.exits import EXIT_CODES, ExitCode, explain

HELP = f"An event-sourced order platform with a GraphQL face.\n\n{EXIT_CODES}"

program = typer.Typer(
    name="orderlog",
    help=HELP,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from orderlog import __version__

        typer.echo(f"orderlog {__version__}")
        raise typer.Exit


@program.callback()
def root(
    _debug: Annotated[
        bool, typer.Option("--debug", help="Show the whole traceback when something fails.")
    ] = False,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Say which version this is.", callback=_print_version),
    ] = False,
) -> None:
    """`run` takes `--debug` out itself, so that it may stand anywhere."""


servers.register(program)
tokens.register(program)
imports.register(program)
exports.register(program)
events.register(program)
orders.register(program)
projections.register(program)
dead_letters.register(program)
rebuilds.register(projections.projections)
catalogues.register(program)
configuration.register(program)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program and exits."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Runs one command; the exit code. Only `--debug`, wherever it stands, shows a traceback."""
    words = [word for word in arguments if word != "--debug"]
    try:
        outcome = program(words or ["--help"], prog_name="orderlog", standalone_mode=False)
    except Exception as error:
        if len(words) < len(arguments):
            raise
        code, sentence = explain(error)
        typer.echo(f"orderlog: {sentence}", err=True)
        return code
    return outcome if isinstance(outcome, int) else ExitCode.OK
