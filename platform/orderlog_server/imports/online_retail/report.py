"""The report of an import: for programs as it is, for people as tables."""

from collections.abc import Iterable, Sequence

import msgspec
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table

from orderlog_server.imports.online_retail.reconcile import Amounts, Reconciliation


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """`log_bytes` is the size of the log without the read models; money is in pounds sterling.

    `peak_memory_bytes` is that of the importing process, without the one that keeps read models.
    """

    file: str
    reconciliation: Reconciliation
    events_added: int
    events: int
    seconds: float
    peak_memory_bytes: int
    log_bytes: int
    read_models_bytes: int

    def __rich_console__(self, _console: Console, _options: ConsoleOptions) -> RenderResult:
        found = self.reconciliation
        yield _buckets(found)
        if found.rejections:
            yield _rejections(found)
        yield _months(found)
        yield "\n".join(self._sentences())

    def _sentences(self) -> Iterable[str]:
        found = self.reconciliation
        if found.partly_matched_lines:
            yield (
                f"{found.partly_matched_lines:,} credit lines were matched only in part: "
                f"{_grouped(found.partly_matched_without_order)} of them is without an order "
                "(ORDER_NOT_FOUND) and part of the differences above."
            )
        yield (
            f"{found.orders_confirmed:,} of {found.orders:,} orders confirmed; "
            f"{found.shipments:,} shipments generated, {found.shipments_refused:,} refused."
        )
        yield (
            f"{self.events_added:,} events added, {self.events:,} in the log; "
            f"{self.seconds:,.1f} s, at most {_mebibytes(self.peak_memory_bytes)} of memory; "
            f"log {_mebibytes(self.log_bytes)}, read models {_mebibytes(self.read_models_bytes)}."
        )
        yield self._verdict()

    def _verdict(self) -> str:
        found = self.reconciliation
        if found.is_reconciled:
            return f"[bold green]Reconciled:[/] {found.lines:,} lines, each in exactly one bucket."
        missing = f", {found.unfinished:,} lines without an answer" if found.unfinished else ""
        return f"[bold red]Not reconciled[/]: see the differences above{missing}."


def _buckets(found: Reconciliation) -> Table:
    def cells(amounts: Amounts) -> Sequence[str]:
        money = (amounts.in_file, amounts.booked, amounts.difference)
        return amounts.bucket, f"{amounts.lines:,}", *map(_grouped, money)

    table = _table("Every line in one bucket", "bucket")
    for name in ("lines", "in the file", "booked", "not booked"):
        table.add_column(name, justify="right")
    for amounts in found.buckets:
        table.add_row(*cells(amounts))
    table.add_section()
    table.add_row(*cells(found.total))
    return table


def _rejections(found: Reconciliation) -> Table:
    table = _table("Rejected", "code")
    table.add_column("lines", justify="right")
    table.add_column("in the file", justify="right")
    table.add_column("for example")
    for one in found.rejections:
        table.add_row(one.code, f"{one.lines:,}", _grouped(one.in_file), one.example)
    return table


def _months(found: Reconciliation) -> Table:
    table = _table("Revenue by month", "month")
    for name in ("from the file", "in the read model", "difference"):
        table.add_column(name, justify="right")
    for one in found.months:
        money = (one.from_file, one.read_model, one.difference)
        table.add_row(one.month, *map(_grouped, money))
    return table


def _table(title: str, first: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", header_style="dim")
    table.add_column(first)
    return table


def _grouped(amount: str) -> str:
    """`-1234.50` as `-1,234.50`."""
    whole, _, fraction = amount.partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.removeprefix('-')):,}.{fraction}"


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB"
