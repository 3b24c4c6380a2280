"""`orders show`: an order as it is, or as it was at any moment of the log."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from orderlog_server.cli.exits import ExitCode, Failed
from orderlog_server.cli.options import AsJson, DatabaseUrl
from orderlog_server.cli.output import console, print_json, print_table
from orderlog_server.cli.projections import opened_read_models

if TYPE_CHECKING:
    from orderlog_projections.order_page.as_of import Moment
    from orderlog_projections.order_page.tables import OrderPage

orders = typer.Typer(help="Look at orders.")


@orders.command()
def show(
    order_id: Annotated[str, typer.Argument(metavar="ID", help="The order's UUID.")],
    *,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="POSITION|TIME",
            help="As it was after this event of the log, or at 2026-11-23T08:30:00Z.",
        ),
    ] = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Shows an order as the log has it, or had it at any moment."""
    moment = None if as_of is None else _moment(as_of)
    page = _page(order_id, moment, database_url)
    if page is None:
        when = "" if as_of is None else f" as of {as_of}"
        sentence = (
            f"There is no order {order_id}{when}; `orderlog events tail` shows what there is."
        )
        raise Failed(sentence)
    print_json(page) if as_json else _print(page)


def register(program: typer.Typer) -> None:
    program.add_typer(orders, name="orders")


def _moment(text: str) -> "Moment":
    if text.isdecimal():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        sentence = f"{text!r} is neither a position nor a time such as 2026-11-23T08:30:00Z."
        raise Failed(sentence, ExitCode.USAGE) from None
    if moment.tzinfo is None:
        raise Failed(f"{text!r} has no time zone; end it with Z for UTC.", ExitCode.USAGE)
    return moment


def _page(order_id: str, moment: "Moment | None", database_url: str | None) -> "OrderPage | None":
    from orderlog.consumers.event_log import EventLog
    from orderlog.domain.rejections import Rejected
    from orderlog_projections.order_page.as_of import order_as_of

    with opened_read_models(database_url) as (store, database):
        try:
            then = store.head() if moment is None else moment
            return order_as_of(EventLog(store), database, order_id, then)
        except Rejected as refusal:
            raise Failed(refusal.message, ExitCode.USAGE) from None


def _print(page: "OrderPage") -> None:
    for line in _head(page):
        console().print(line, soft_wrap=True)
    print_table(
        ["sku", "title", "units ", "cancelled ", "shipped ", "returned ", "total "],
        [
            [
                line.sku,
                line.title,
                *(str(n) for n in (line.ordered, line.cancelled, line.shipped, line.returned)),
                _money(page, line.total - line.discount),
            ]
            for line in page.lines
        ],
    )


def _head(page: "OrderPage") -> Iterator[str]:
    yield f"order {page.number or page.order_id}, version {page.version}"
    yield f"  {page.status}, {page.payment_status}, {page.fulfillment_status}"
    yield f"  last changed {page.updated_at:%Y-%m-%d %H:%M:%S} by position {page.position:,}"
    total, paid, refunded = page.grand_total, page.paid_minor, page.refunded_minor
    yield (
        f"  total {_money(page, total)}, paid {_money(page, paid)}, "
        f"refunded {_money(page, refunded)} {page.currency}"
    )
    for payment in page.payments:
        yield f"  payment {payment.payment_id}: {payment.status}"
    if page.process is not None:
        outcome = page.process.outcome or page.process.step
        yield f"  {page.process.kind.lower()}: {page.process.status}, {outcome}"


def _money(page: "OrderPage", amount_minor: int) -> str:
    from orderlog.domain.money import format_decimal

    return format_decimal(amount_minor, page.exponent)
