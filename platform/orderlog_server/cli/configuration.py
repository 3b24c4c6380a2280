"""`config show` and `doctor`: what is set, and whether all that is needed is there."""

import os
import re
from typing import TYPE_CHECKING

import typer

from orderlog_server.cli.exits import ExitCode
from orderlog_server.cli.options import AsJson, DatabaseUrl
from orderlog_server.cli.output import console, print_json

if TYPE_CHECKING:
    from orderlog_server.settings import Settings

config = typer.Typer(help="Settings: ORDERLOG_… variables and orderlog.toml.")


@config.command()
def show(*, as_json: AsJson = False) -> None:
    """Shows every setting, its value and where it comes from."""
    from rich.markup import escape

    from orderlog_server.settings import Settings, load_settings

    settings = load_settings()
    rows = [
        {
            "name": name,
            "value": without_password(str(getattr(settings, name))),
            "source": _source(name, settings),
            "description": (field.description or "").replace("\n", " "),
        }
        for name, field in Settings.model_fields.items()
    ]
    if as_json:
        print_json(rows)
        return
    out = console()
    for row in rows:
        out.print(f"[bold]{row['name']}[/] = {escape(row['value'])}  [dim]({row['source']})[/]")
        out.print(f"    [dim]{escape(row['description'])}[/]", soft_wrap=True)


def _source(name: str, settings: "Settings") -> str:
    from orderlog_server.settings import ENVIRONMENT_PREFIX, SETTINGS_FILE

    variables = {variable.upper() for variable in os.environ}
    variable = f"{ENVIRONMENT_PREFIX}{name.upper()}"
    if variable in variables:
        return variable
    return str(SETTINGS_FILE) if name in settings.model_fields_set else "default"


def without_password(url: str) -> str:
    """A URL that may be shown."""
    return re.sub(r"(?<=://)([^:@/]*):[^@/]*@", r"\1:***@", url)


def doctor(*, database_url: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Checks all that is needed, and says what to mend."""
    from orderlog_server.examination import examine
    from orderlog_server.settings import load_settings

    findings = examine(load_settings(database_url=database_url))
    if as_json:
        print_json(findings)
    else:
        out = console()
        for finding in findings:
            mark = "[green]✓[/]" if finding.is_well else "[red]✗[/]"
            out.print(f"{mark} {finding.subject:12}", finding.state, sep="")
            if finding.remedy:
                out.print(f"  {'':12}→ {finding.remedy}", markup=False)
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(ExitCode.FAILED)


def register(program: typer.Typer) -> None:
    program.command()(doctor)
    program.add_typer(config, name="config")
