"""`dead-letters list | show | replay | discard`: events that read models have set aside."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from orderlog_server.cli.exits import Failed
from orderlog_server.cli.options import AsJson, DatabaseUrl
from orderlog_server.cli.output import console, print_json, print_table
from orderlog_server.cli.projections import opened_read_models

if TYPE_CHECKING:
    from orderlog_projections.dead_letters import DeadLetter, ParkedKey

Projection = Annotated[str, typer.Argument(metavar="PROJECTION", help="The read model.")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="The key, as `list` shows it.")]
Table = Annotated[
    str | None, typer.Option(metavar="NAME", help="Only this table; all where left out.")
]

dead_letters = typer.Typer(help="Events that read models could not apply, and what waits behind.")


@dead_letters.command("list")
def list_keys(
    projection: Annotated[
        str | None, typer.Argument(metavar="PROJECTION", help="Only those of this read model.")
    ] = None,
    *,
    first: Annotated[int, typer.Option(min=1, max=100, metavar="N", help="How many.")] = 20,
    after: Annotated[
        str | None, typer.Option(metavar="CURSOR", help="Those that follow, in the next page.")
    ] = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Lists the keys that are parked, each with its cause."""
    from orderlog_projections.dead_letters import page_of_keys
    from orderlog_projections.paging import Window
    from orderlog_projections.registry import serving_keys

    window, serving = Window(first=first, after=after), serving_keys(projection)
    with opened_read_models(database_url) as (_, database):
        page, keys = database.read(lambda connection: page_of_keys(connection, window, serving))
    next_cursor = page.cursors[-1] if page.has_next else None
    if as_json:
        print_json({"keys": [_key_shown(one) for one in keys], "next": next_cursor})
    elif not keys:
        console().print("Nothing is parked.")
    else:
        for one in keys:
            console().print(_key_said(one), soft_wrap=True)
        if next_cursor is not None:
            console().print(f"There are more: --after {next_cursor}", soft_wrap=True)


@dead_letters.command()
def show(
    projection: Projection,
    key: Key,
    *,
    table: Table = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Shows the events of a key that wait, in order."""
    from orderlog_projections.dead_letters import letters_of
    from orderlog_projections.registry import serving_keys

    (serving,) = serving_keys(projection)
    with opened_read_models(database_url) as (_, database):
        letters = database.read(lambda connection: letters_of(connection, serving, key, table))
    if not letters:
        raise Failed(f"No event of {key!r} is parked in {projection!r}; see: dead-letters list")
    for one in letters if as_json else ():
        print_json(_letter_shown(one))
    if not as_json:
        columns = ["table", "position ", "stream", "version ", "event", "cause"]
        print_table(columns, [_letter_cells(one) for one in letters])


@dead_letters.command()
def replay(
    projection: Projection,
    key: Annotated[
        str | None, typer.Argument(metavar="KEY", help="The key; all keys where left out.")
    ] = None,
    *,
    table: Table = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Applies the events of a key in order, once their fault is mended."""
    from orderlog_projections.registry import PROJECTIONS, serving_keys
    from orderlog_projections.replay import Where, parked_in
    from orderlog_projections.replay import replay as bring_back

    (serving,) = serving_keys(projection)
    with opened_read_models(database_url) as (store, database):
        found = database.read(lambda connection: parked_in(connection, serving))
        wheres = found if key is None else [Where(projection, key, table)]
        done = [(where, bring_back(store, database, PROJECTIONS, where)) for where in wheres]
    applied = sum(outcome.applied for _, outcome in done)
    waiting = [(where.key, outcome) for where, outcome in done if outcome.waiting]
    if as_json:
        failed = [{"key": one, "error": outcome.error} for one, outcome in waiting]
        print_json({"applied": applied, "failed": failed})
    else:
        console().print(f"Applied {applied:,} events.", soft_wrap=True)
    if waiting:
        failed_key, outcome = waiting[0]
        raise Failed(f"{len(waiting)} of {len(done)} fail again; {failed_key}: {outcome.error}.")


@dead_letters.command()
def discard(
    projection: Projection,
    key: Key,
    *,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why they may be missing; kept in the server's log.")
    ],
    table: Table = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Gives up the events of a key, which goes on without them.

    Its row is wrong by what they said, until a rebuild reads them again.
    """
    from orderlog_projections.registry import PROJECTIONS
    from orderlog_projections.replay import Where
    from orderlog_projections.replay import discard as give_up

    where = Where(projection, key, table)
    with opened_read_models(database_url) as (_, database):
        letters = give_up(database, PROJECTIONS, where, reason)
    if as_json:
        print_json({"discarded": [_letter_shown(one) for one in letters]})
    else:
        lost = ", ".join(str(one.position) for one in letters)
        console().print(
            f"Discarded {len(letters):,} events ({lost}); {projection} lacks them until it is "
            f"rebuilt: orderlog projections rebuild {projection}",
            soft_wrap=True,
        )


def register(program: typer.Typer) -> None:
    program.add_typer(dead_letters, name="dead-letters")


def _key_shown(parked: "ParkedKey") -> dict[str, Any]:
    counted = {"event_count": parked.event_count, "last_position": parked.last_position}
    return _letter_shown(parked.first) | counted


def _letter_shown(letter: "DeadLetter") -> dict[str, Any]:
    from orderlog_projections.registry import name_of

    return {
        "projection": name_of(letter.projection),
        "table": letter.table_name,
        "key": letter.key,
        "position": letter.position,
        "type": letter.topic,
        "stream_id": letter.stream_id,
        "stream_version": letter.version,
        "error": letter.error,
        "parked_at": letter.parked_at,
    }


def _key_said(parked: "ParkedKey") -> str:
    """Not in columns: keys are there to be copied whole."""
    from orderlog_projections.registry import name_of

    one = parked.first
    waiting = f"{parked.event_count:,} waiting since position {one.position:,}"
    return f"{name_of(one.projection)} {one.key}\n  {waiting} in {one.table_name}\n  {one.error}"


def _letter_cells(one: "DeadLetter") -> list[str]:
    cause = one.error or "waits"
    return [one.table_name, f"{one.position:,}", one.stream_id, str(one.version), one.topic, cause]
