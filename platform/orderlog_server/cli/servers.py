"""`serve` and `demo`: the two commands that run until Ctrl-C."""

import asyncio
import signal
from typing import TYPE_CHECKING

import typer

from orderlog_server.cli.configuration import without_password
from orderlog_server.cli.exits import ExitCode
from orderlog_server.cli.options import AsJson, DatabaseUrl, Host, Port
from orderlog_server.cli.output import console, print_json

if TYPE_CHECKING:
    from orderlog_server.wiring import Platform


def serve(
    *,
    host: Host = None,
    port: Port = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Starts the server: API, console, playground."""
    from orderlog_server.listening import listen, url_of
    from orderlog_server.settings import load_settings

    settings = load_settings(host=host, port=port, database_url=database_url)
    listener = listen(settings.host, settings.port)
    from orderlog_server.observability.logs import configure_logs
    from orderlog_server.serving import serve_until_stopped  # takes a second: not in vain

    configure_logs(settings)
    url, database = url_of(listener), without_password(settings.database_url)

    async def announce(_: "Platform") -> None:
        if as_json:
            print_json({"url": url, "graphql": f"{url}/graphql", "database": database})
        else:
            console().print(_places(url) + f"database    {database}\nstop        Ctrl-C\n")

    stopped_by = asyncio.run(serve_until_stopped(settings, listener, announce))
    say_goodbye(f"Stopped. Everything is kept in {database}; go on with: orderlog serve")
    if stopped_by is signal.SIGINT:
        raise typer.Exit(ExitCode.INTERRUPTED)


def _places(url: str) -> str:
    return f"console     {url}/\nplayground  {url}/playground\nAPI         {url}/graphql\n"


def say_goodbye(text: str) -> None:
    console(stderr=True).print(f"\n{text}", soft_wrap=True)


def register(program: typer.Typer) -> None:
    program.command()(serve)
