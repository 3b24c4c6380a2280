"""`serve` and `demo`: the two commands that run until Ctrl-C."""

import signal
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

import typer

from orderlog_server.cli.configuration import without_password
from orderlog_server.cli.exits import ExitCode
from orderlog_server.cli.options import AsJson, DatabaseUrl, Host, Port
from orderlog_server.cli.output import print_json

if TYPE_CHECKING:
    import socket

    from orderlog_server.settings import Settings
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
    url, database = url_of(listener), without_password(settings.database_url)

    async def announce(_: "Platform") -> None:
        if as_json:
            print_json({"url": url, "graphql": f"{url}/graphql", "database": database})
        else:
            typer.echo(f"{_places(url)}database    {database}\n\nCtrl-C stops.")

    goodbye = f"Everything is kept in {database}; go on with: orderlog serve"
    _run(settings, listener, announce, goodbye)


def demo(*, port: Port = None, as_json: AsJson = False) -> None:
    """Starts a small shop in motion; nothing to set up."""
    from orderlog_server.demo.place import fresh_database_url
    from orderlog_server.listening import listen_near, url_of
    from orderlog_server.settings import LogLevel, load_settings

    settings = load_settings(port=port, log_level=LogLevel.WARNING)
    listener = listen_near(settings.host, settings.port)
    url, actual_port = url_of(listener), listener.getsockname()[1]
    if settings.port not in {0, actual_port}:
        typer.echo(f"Port {settings.port} is taken, so this is {actual_port}.", err=True)
    database_url = fresh_database_url(actual_port)

    async def keep_shop(platform: "Platform") -> None:
        from orderlog_server.demo.run import open_shop, sell_on

        shop = await open_shop(platform)
        if as_json:
            print_json({"url": url, "graphql": f"{url}/graphql", "database": database_url})
        else:
            typer.echo(_places(url) + _first_steps(url))
        await sell_on(shop)

    typer.echo("Filling a small shop: products, people, two months of orders …", err=True)
    goodbye = (
        "Until the next demo starts the shop is kept; look at it with: "
        f"orderlog serve --database-url {database_url}"
    )
    _run(settings.model_copy(update={"database_url": database_url}), listener, keep_shop, goodbye)


def _run(
    settings: "Settings",
    listener: "socket.socket",
    beside: Callable[["Platform"], Coroutine[None, None, None]],
    goodbye: str,
) -> None:
    from orderlog_server.observability.logs import configure_logs
    from orderlog_server.serving import serve as run_server  # takes a second: never in vain

    configure_logs(settings)
    stopped_by = run_server(settings, listener, beside)
    typer.echo(f"\nStopped. {goodbye}", err=True)
    if stopped_by is signal.SIGINT:
        raise typer.Exit(ExitCode.INTERRUPTED)


def _places(url: str) -> str:
    return f"console     {url}/\nplayground  {url}/playground\nAPI         {url}/graphql\n"


def _first_steps(url: str) -> str:
    from orderlog_server.demo.first_steps import first_steps

    return first_steps(url)


def register(program: typer.Typer) -> None:
    program.command()(serve)
    program.command()(demo)
