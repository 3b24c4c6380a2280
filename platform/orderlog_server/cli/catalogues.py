"""`schema …` and `docs …`: what the code says about itself, as files that are committed."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from orderlog_server.cli.exits import ExitCode, Failed
from orderlog_server.cli.manual import refreshed
from orderlog_server.cli.options import AsJson, Output
from orderlog_server.cli.output import print_json, write

README: Final = Path("README.md")
RELEASED: Final = "schema/released.graphql"
SDL: Final = "schema/schema.graphql"
schema = typer.Typer(help="The GraphQL schema.")
operations = typer.Typer(help="Operations that clients ask for by name.")
docs = typer.Typer(help="Catalogues made from the code.")


@schema.command()
def export(*, output: Output = None, as_json: AsJson = False) -> None:
    """Prints the schema in GraphQL's schema definition language."""
    from orderlog_schema.schema import print_schema

    _give(print_schema(), output, as_json=as_json)


@schema.command()
def check(
    *,
    against: Annotated[
        str,
        typer.Option(metavar="FILE|REF", help="An SDL file, or a commit that has the schema."),
    ] = RELEASED,
    as_json: AsJson = False,
) -> None:
    """Says what would break clients of an earlier schema and was not deprecated in time."""
    from orderlog_schema.compatibility import broken_promises
    from orderlog_schema.schema import print_schema

    today = datetime.now(UTC).date()
    broken = broken_promises(_earlier(against), print_schema(), today)
    if as_json:
        print_json({"against": against, "broken": broken})
    else:
        write("".join(f"{one}\n" for one in broken or [f"Nothing of {against} is broken."]), None)
    if broken:
        raise typer.Exit(ExitCode.FAILED)


def _earlier(against: str) -> str:
    """The SDL in a file, or at a commit."""
    git = shutil.which("git")
    if Path(against).exists() or git is None:
        return Path(against).read_text("utf-8")
    show = [git, "show", "--end-of-options", f"{against}:{SDL}"]
    shown = subprocess.run(show, capture_output=True, text=True, check=False)  # noqa: S603 - git, with no shell
    if shown.returncode != 0:
        sentence = f"There is no file {against}, and no commit of that name that has {SDL}."
        raise Failed(sentence, ExitCode.USAGE)
    return shown.stdout


@operations.command()
def manifest(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATHS", help="Files of one operation, or folders.")
    ],
    *,
    output: Output = None,
    as_json: AsJson = False,  # noqa: ARG001 - it is JSON as it is
) -> None:
    """Prints a manifest of persisted operations, in Apollo's format."""
    from orderlog_schema.manifest import ManifestError, as_json_text, manifest_of
    from orderlog_schema.schema import build_schema

    try:
        made = manifest_of(build_schema().graphql, paths)
    except ManifestError as error:
        raise Failed(str(error)) from None
    write(as_json_text(made), output)


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
def permissions(*, output: Output = None, as_json: AsJson = False) -> None:
    """Prints who may ask for what: roles, types, fields."""
    from orderlog_server.permission_table import permissions_page

    _give(permissions_page(), output, as_json=as_json)


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
    program.add_typer(operations, name="operations")
    program.add_typer(docs, name="docs")
