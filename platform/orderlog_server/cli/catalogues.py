"""`schema export` and `docs …`: what the code says about itself, as files that are committed."""

from pathlib import Path
from typing import Final

import typer

from orderlog_server.cli.manual import refreshed
from orderlog_server.cli.options import AsJson, Output
from orderlog_server.cli.output import print_json, write

README: Final = Path("README.md")
schema = typer.Typer(help="The GraphQL schema.")
docs = typer.Typer(help="Catalogues made from the code.")


@schema.command()
def export(*, output: Output = None, as_json: AsJson = False) -> None:
    """Prints the schema in GraphQL's schema definition language."""
    from orderlog_schema.schema import print_schema

    _give(print_schema(), output, as_json=as_json)


@docs.command()
def events(*, output: Output = None, as_json: AsJson = False) -> None:
    """Prints the catalogue of events: name, version, fields, who reacts."""
    from orderlog_server.catalogue import events_page

    _give(events_page(), output, as_json=as_json)


@docs.command("read-models")
def read_models(*, output: Output = None, as_json: AsJson = False) -> None:
    """Prints the catalogue of read models: question, tables, events."""
    from orderlog_server.catalogue import read_models_page

    _give(read_models_page(), output, as_json=as_json)


@docs.command()
def readme(context: typer.Context, *, output: Output = None, as_json: AsJson = False) -> None:
    """Prints README.md with its list of commands made anew."""
    text = refreshed(README.read_text("utf-8"), context.find_root().command)
    _give(text, output, as_json=as_json)


def _give(text: str, output: "Output", *, as_json: bool) -> None:
    if as_json:
        print_json({"text": text})
    else:
        write(text, output)


def register(program: typer.Typer) -> None:
    program.add_typer(schema, name="schema")
    program.add_typer(docs, name="docs")
