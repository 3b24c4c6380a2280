"""`serve`, `worker` and `demo`: the commands that run until Ctrl-C."""

import signal
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

import typer

from orderlog_server.cli.configuration import without_password
from orderlog_server.cli.exits import ExitCode, Failed
from orderlog_server.cli.options import (
    ApiOnly,
    AsJson,
    DatabaseUrl,
    Host,
    NoAuth,
    NoProcesses,
    OnlyProjections,
    Port,
    Workers,
)
from orderlog_server.cli.output import print_json

if TYPE_CHECKING:
    import socket

    from starlette.routing import BaseRoute

    from orderlog_server.duties import Duties
    from orderlog_server.settings import Settings
    from orderlog_server.wiring import Platform

NOBODY_IS_ASKED: Final = (
    "Nobody is asked who they are: whoever works at this machine may see and do everything."
)

Beside: TypeAlias = "Callable[[Platform], Coroutine[None, None, None]]"


def serve(
    *,
    host: Host = None,
    port: Port = None,
    database_url: DatabaseUrl = None,
    workers: Workers = None,
    api_only: ApiOnly = False,
    no_auth: NoAuth = False,
    as_json: AsJson = False,
) -> None:
    """Starts the server: API, console, playground."""
    from orderlog_server.auth.opening import open_authentication
    from orderlog_server.listening import listen_many, url_of
    from orderlog_server.ownership import require_sharing
    from orderlog_server.settings import Auth, load_settings

    auth = Auth.NONE if no_auth else None
    given = {"host": host, "port": port, "database_url": database_url, "workers": workers}
    settings = load_settings(auth=auth, **given)
    open_authentication(settings)  # refuses before anything is begun
    if settings.workers > 1 or api_only:
        require_sharing(settings.database_url, "run `orderlog serve` with one worker")
    listeners = listen_many(settings.host, settings.port, settings.workers)
    url, database = url_of(listeners[0]), without_password(settings.database_url)

    def announce() -> None:
        if settings.auth is Auth.NONE:
            typer.echo(NOBODY_IS_ASKED, err=True)
        if as_json:
            print_json({"url": url, "graphql": f"{url}/graphql", "database": database})
        else:
            typer.echo(f"{_places(url)}database    {database}\n\nCtrl-C stops.")

    goodbye = f"Everything is kept in {database}; go on with: orderlog serve"
    _run(settings, partial(_serve, listeners, announce, api_only), goodbye)


def worker(
    *,
    projections: OnlyProjections = None,
    no_processes: NoProcesses = False,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Keeps read models and processes, beside servers that only answer."""
    from orderlog_server.ownership import require_sharing
    from orderlog_server.settings import load_settings

    settings = load_settings(database_url=database_url)
    require_sharing(settings.database_url, "run `orderlog serve`, which does all of it")
    duties = _duties(projections, processes=not no_processes)
    database = without_password(settings.database_url)

    def announce() -> None:
        if as_json:
            print_json({"duties": duties.names, "database": database})
        else:
            names = ", ".join(duties.names)
            typer.echo(f"duties      {names}\ndatabase    {database}\n\nCtrl-C stops.")

    goodbye = f"Everything is kept in {database}; go on with: orderlog worker"
    _run(settings, partial(_work, duties, announce), goodbye)


def demo(*, port: Port = None, as_json: AsJson = False) -> None:
    """Starts a small shop in motion; nothing to set up."""
    from orderlog_server.demo.first_steps import first_steps
    from orderlog_server.demo.place import fresh_database_url
    from orderlog_server.demo.roles import RoleTokens
    from orderlog_server.demo.token import DEMO_TOKEN_SECONDS, demo_token
    from orderlog_server.listening import listen_near, url_of
    from orderlog_server.settings import Auth, LogLevel, load_settings

    settings = load_settings(
        auth=Auth.TOKEN,
        port=port,
        log_level=LogLevel.WARNING,
        token_seconds_max=DEMO_TOKEN_SECONDS,
    )
    listener = listen_near(settings.host, settings.port)
    url, actual_port = url_of(listener), listener.getsockname()[1]
    if settings.port not in {0, actual_port}:
        typer.echo(f"Port {settings.port} is taken, so this is {actual_port}.", err=True)
    settings = settings.model_copy(update={"database_url": fresh_database_url(actual_port)})
    token = demo_token(settings)
    role_tokens = RoleTokens(settings)

    async def keep_shop(platform: "Platform") -> None:
        from orderlog_server.demo.run import open_shop, sell_on

        shop = await open_shop(platform)
        role_tokens.customer_id = shop.regular.id
        if as_json:
            places = {"url": url, "graphql": f"{url}/graphql", "database": settings.database_url}
            print_json(places | {"token": token})
        else:
            typer.echo(_places(url, f"#token={token}") + first_steps(url, token))
        await sell_on(shop)

    typer.echo("Filling a small shop: products, people, two months of orders …", err=True)
    goodbye = (
        "Until the next demo starts the shop is kept; look at it with: "
        f"orderlog serve --database-url {settings.database_url}"
    )
    _run(settings, partial(_serve_shop, listener, keep_shop, role_tokens.route), goodbye)


def _serve(
    listeners: "Sequence[socket.socket]",
    announce: Callable[[], None],
    api_only: bool,
    settings: "Settings",
) -> signal.Signals | None:
    if len(listeners) > 1:
        from orderlog_server.supervising import preload

        preload("orderlog_server.crew")
        from orderlog_server.crew import serve_with_crew

        return serve_with_crew(settings, listeners, announce, with_worker=not api_only)
    from orderlog_server.duties import ALL_DUTIES, NO_DUTIES
    from orderlog_server.serving import serve as run_server

    duties = NO_DUTIES if api_only else ALL_DUTIES
    return run_server(settings, listeners[0], _beside(announce), duties)


def _work(
    duties: "Duties", announce: Callable[[], None], settings: "Settings"
) -> signal.Signals | None:
    from orderlog_server.serving import work

    return work(settings, _beside(announce), duties)


def _serve_shop(
    listener: "socket.socket", keep_shop: Beside, roles: "BaseRoute", settings: "Settings"
) -> signal.Signals | None:
    from orderlog_server.serving import serve as run_server  # takes a second: never in vain

    return run_server(settings, listener, keep_shop, further=[roles])


def _beside(announce: Callable[[], None]) -> Beside:
    async def beside(_: "Platform") -> None:
        announce()

    return beside


def _duties(projections: str | None, *, processes: bool) -> "Duties":
    from orderlog_projections.registry import PROJECTIONS, find_projections
    from orderlog_server.duties import Duties

    names = [] if projections is None else [name.strip() for name in projections.split(",")]
    try:
        chosen = find_projections(names) if any(names) else PROJECTIONS
    except LookupError as error:
        raise Failed(str(error), ExitCode.USAGE) from None
    duties = Duties(projections=() if projections == "" else chosen, processes=processes)
    if not duties.names:
        message = "Nothing is left to do; name a read model, or leave --no-processes out."
        raise Failed(message, ExitCode.USAGE)
    return duties


def _run(
    settings: "Settings",
    run_until_stopped: "Callable[[Settings], signal.Signals | None]",
    goodbye: str,
) -> None:
    from orderlog_server.observability.logs import configure_logs

    configure_logs(settings)
    stopped_by = run_until_stopped(settings)
    typer.echo(f"\nStopped. {goodbye}", err=True)
    if stopped_by is signal.SIGINT:
        raise typer.Exit(ExitCode.INTERRUPTED)


def _places(url: str, fragment: str = "") -> str:
    """What comes behind `#` a browser tells nobody."""
    console, playground = f"{url}/{fragment}", f"{url}/playground{fragment}"
    return f"console     {console}\nplayground  {playground}\nAPI         {url}/graphql\n"


def register(program: typer.Typer) -> None:
    program.command()(serve)
    program.command()(worker)
    program.command()(demo)
