"""`token create | inspect | revoke`: tokens that are signed with the key of this installation."""

import re
from typing import Annotated, Final

import typer

from orderlog_server.cli.exits import ExitCode, Failed
from orderlog_server.cli.options import AsJson, DatabaseUrl
from orderlog_server.cli.output import print_json

UNIT_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3_600}
DURATION: Final = re.compile(r"(\d{1,6})([smh]?)")

token = typer.Typer(help="Tokens by which people and programs prove who they are.")


@token.command()
def create(
    *,
    role: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="viewer, support, fulfilment, finance or admin; may be repeated."
        ),
    ] = None,
    customer: Annotated[
        str | None, typer.Option(metavar="ID", help="Of this customer, who has no role.")
    ] = None,
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="staff, app or system; customers have --customer.")
    ] = "staff",
    subject: Annotated[
        str, typer.Option(metavar="NAME", help="Who it is, as events name it.")
    ] = "local",
    channel: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Sees this channel; may be repeated; '*' is all of them."),
    ] = None,
    ttl: Annotated[
        str, typer.Option(metavar="TIME", help="How long it counts: 90s, 15m, 1h.")
    ] = "15m",
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Makes a token, and first of all the key to sign it with where there is none."""
    from orderlog_server.auth.issuing import Unissuable, Wanted, ensure_key, issue
    from orderlog_server.auth.opening import token_key_path
    from orderlog_server.settings import load_settings

    settings = load_settings(database_url=database_url)
    wanted = Wanted(
        kind="customer" if customer else kind,
        subject=customer or subject,
        roles=role or [],
        channels=channel or [],
        seconds=seconds_of(ttl),
    )
    if not (role or customer or kind == "system"):
        message = "Say for whom: --role NAME for staff and applications, or --customer ID."
        raise Failed(message, ExitCode.USAGE)
    if ensure_key(settings):
        typer.echo(f"A key was made: {token_key_path(settings)}; keep it to yourself.", err=True)
    try:
        issued = issue(wanted, settings)
    except Unissuable as error:
        raise Failed(str(error), ExitCode.USAGE) from None
    if as_json:
        expires_at = issued.expires_at
        print_json({"token": issued.text, "id": issued.id, "expiresAt": expires_at})
    else:
        typer.echo(issued.text)


@token.command()
def inspect(
    text: Annotated[str, typer.Argument(metavar="TOKEN")],
    *,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Says whose a token is and how long it counts, or why the server would refuse it."""
    import asyncio

    from starlette.datastructures import Headers

    from orderlog_server.auth.opening import open_authentication
    from orderlog_server.auth.refusing import Unauthenticated
    from orderlog_server.settings import Auth, load_settings

    settings = load_settings(auth=Auth.TOKEN, database_url=database_url)
    authentication = open_authentication(settings)
    headers = Headers({"authorization": f"Bearer {text}"})
    try:
        principal = asyncio.run(authentication.principal_of(headers))
    except Unauthenticated as error:
        raise Failed(f"It would be refused: {error.reason}.") from None
    said = {
        "kind": principal.kind.lower(),
        "subject": principal.id,
        "roles": sorted(principal.roles),
        "channels": ["*"] if principal.channel_ids is None else sorted(principal.channel_ids),
        "id": principal.token_id,
        "refusedFrom": principal.expires_at,
    }
    if as_json:
        print_json(said)
        return
    for name, value in said.items():
        typer.echo(f"{name:12}{', '.join(value) if isinstance(value, list) else value}")


@token.command()
def revoke(
    token_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="As `token create --json` says it.")
    ] = None,
    *,
    subject: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="All that were issued to this one until now."),
    ] = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Lets a token count no more, or all of one subject; servers hear of it within a second."""
    from datetime import UTC, datetime

    from orderlog_server.auth.opening import revocations_path
    from orderlog_server.auth.revocations import read_revocations, write_revocations
    from orderlog_server.settings import load_settings

    if not token_id and not subject:
        message = "Say which: the ID of a token, or --subject NAME."
        raise Failed(message, ExitCode.USAGE)
    path = revocations_path(load_settings(database_url=database_url))
    revoked = read_revocations(path)
    if token_id:
        revoked.tokens.add(token_id)
    if subject:
        revoked.subjects[subject] = datetime.now(UTC)
    write_revocations(path, revoked)
    if as_json:
        print_json({"file": str(path)})
    else:
        typer.echo(f"Revoked in {path}.")


def seconds_of(ttl: str) -> int:
    """`15m` is 900."""
    match DURATION.fullmatch(ttl):
        case None:
            message = f"{ttl!r} is no time; write 90s, 15m or 1h."
            raise Failed(message, ExitCode.USAGE)
        case found:
            return int(found[1]) * UNIT_SECONDS[found[2]]


def register(program: typer.Typer) -> None:
    program.add_typer(token, name="token")
