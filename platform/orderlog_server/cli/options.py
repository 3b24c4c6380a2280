"""Options that many commands have, each said once."""

from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs to read.")]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="sqlite:///FILE or postgresql://USER@HOST/NAME.  [default: sqlite:///orderlog.db]",
    ),
]
Host = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Where to listen.  [default: 127.0.0.1]"),
]
NoAuth = Annotated[
    bool, typer.Option("--no-auth", help="Ask for no tokens; on loopback only, for trying out.")
]
Port = Annotated[
    int | None,
    typer.Option(metavar="NUMBER", help="0 takes any free one.  [default: 8000]"),
]
Workers = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER", help="How many processes answer; PostgreSQL only.  [default: 1]"
    ),
]
ApiOnly = Annotated[
    bool,
    typer.Option("--api-only", help="Leave read models and processes to `orderlog worker`."),
]
OnlyProjections = Annotated[
    str | None,
    typer.Option(metavar="NAMES", help="Only these read models, with commas; none: ''."),
]
NoProcesses = Annotated[bool, typer.Option("--no-processes", help="Only read models.")]
Output = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write there instead of to the terminal.")
]
