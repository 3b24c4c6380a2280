"""One import from the file to the report, with a progress bar, stopped cleanly by Ctrl-C."""

import asyncio
import gc
import resource
import signal
import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from orderlog.eventstore.urls import Location, SqliteLocation
from orderlog_projections.registry import PROJECTIONS
from orderlog_projections.runner import ProjectionRunner
from orderlog_projections.sales_by_period.queries import Sales, SalesPeriod, list_sales
from orderlog_server.collector import collecting_rarely
from orderlog_server.duties import Duties
from orderlog_server.imports.online_retail.beside import read_models_beside
from orderlog_server.imports.online_retail.journal import ACCEPTED
from orderlog_server.imports.online_retail.plan import Plan, plan_import
from orderlog_server.imports.online_retail.reconcile import Ledger, Reconciliation
from orderlog_server.imports.online_retail.report import ImportReport
from orderlog_server.imports.online_retail.rows import read_rows
from orderlog_server.imports.online_retail.run import ImportRun, OnStep
from orderlog_server.imports.online_retail.steps import CURRENCY, AnyStep
from orderlog_server.settings import Settings
from orderlog_server.wiring import Platform, running

LARGE_FROM_LINES: Final = 20_000
LONGEST_MONTH: Final = timedelta(days=31)
BYTES_PER_RSS_UNIT: Final = 1 if sys.platform == "darwin" else 1_024


def run_import(
    file: Path, settings: Settings, limit: int | None, stock_factor: float, console: Console
) -> ImportReport:
    """Imports the first `limit` lines of a file, up to whole invoices, and prints the report.

    Nothing is sent before the whole file has been read. Raises `ImportFileError`, `OSError`,
    `ImportStopped` after Ctrl-C, and what `running` raises.
    """
    began = time.perf_counter()
    with console.status(f"Reading {file}…"), _without_collector():
        plan = plan_import(read_rows(file), limit)
    with collecting_rarely():
        report = asyncio.run(_import(plan, settings, stock_factor, console, (file, began)))
    console.print(report)
    return report


async def _import(
    plan: Plan,
    settings: Settings,
    stock_factor: float,
    console: Console,
    origin: tuple[Path, float],
) -> ImportReport:
    file, began = origin
    async with running(settings, Duties(projections=()), with_live=False) as platform:
        head_before = platform.store.head()
        with _progress(console, plan.row_count - len(plan.refused)) as on_step:
            run = ImportRun(platform, on_step)
            with _stopping_at_interrupt(run), _keeping_read_models(plan, settings):
                await run.send(plan, stock_factor)
        with console.status("Waiting for the read models…"):
            await platform.processes.settled()
            await asyncio.to_thread(_catch_up, platform)
        found = _reconcile(plan, run, _sales_of(platform, plan.steps))
        log_bytes, read_models_bytes = _sizes(platform.store.location)
        head = platform.store.head()
        return ImportReport(
            file=str(file),
            reconciliation=found,
            events_added=head - head_before,
            events=head,
            seconds=round(time.perf_counter() - began, 3),
            peak_memory_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            * BYTES_PER_RSS_UNIT,
            log_bytes=log_bytes,
            read_models_bytes=read_models_bytes,
        )


@contextmanager
def _without_collector() -> Generator[None]:
    """While a million small things are made that all live on."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _catch_up(platform: Platform) -> None:
    """From where the read models stand now, whoever has brought them there."""
    ProjectionRunner(platform.store, platform.database, PROJECTIONS).catch_up()


def _keeping_read_models(plan: Plan, settings: Settings) -> AbstractContextManager[None]:
    """For a small file, starting another process would take longer than the work."""
    is_large = plan.row_count >= LARGE_FROM_LINES
    return read_models_beside(settings.database_url) if is_large else nullcontext()


def _reconcile(plan: Plan, run: ImportRun, sales: Sequence[Sales]) -> Reconciliation:
    ledger = Ledger()
    for step in plan.steps:
        code = run.code_of(step)
        if code == ACCEPTED:
            ledger.accept(step)
        elif code is None:
            ledger.leave(step)
        else:
            ledger.refuse(step, code)
    for row, refusal in plan.refused:
        ledger.refuse_row(row, refusal)
    for row, units in plan.remainders:
        ledger.leave_over(row, units)
    return ledger.reconcile(plan.row_count, sales)


def _sales_of(platform: Platform, steps: Sequence[AnyStep]) -> list[Sales]:
    """What the read model says about the months that the import touches."""
    if not steps:
        return []
    first, last = min(step.at for step in steps), max(step.at for step in steps)
    return platform.database.read(
        lambda connection: list_sales(
            connection,
            SalesPeriod.MONTH,
            currency=CURRENCY,
            start=first.date().replace(day=1),
            before=(last.date().replace(day=1) + LONGEST_MONTH).replace(day=1),
        )
    )


@contextmanager
def _stopping_at_interrupt(run: ImportRun) -> Generator[None]:
    """The first Ctrl-C lets what is in flight finish; only the main thread hears of it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, run.stop)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)


class _Rate(TextColumn):
    """Lines per second, over the last half minute."""

    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or 0:,.0f} lines/s")


@contextmanager
def _progress(console: Console, total: int) -> Generator[OnStep]:
    """A bar of the lines that are done; what is called with each step moves it on."""
    bar = Progress(
        TextColumn("Importing"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TextColumn("ETA"),
        TimeRemainingColumn(),
        console=console,
    )
    with bar:
        task = bar.add_task("", total=total)
        yield lambda step: bar.advance(task, sum(map(len, step.rows.values())))
        bar.update(task, completed=total)


def _sizes(location: Location) -> tuple[int, int]:
    """Bytes on disk of the log and of the read models; 0 where a server keeps them."""
    if not isinstance(location, SqliteLocation):
        return 0, 0
    return _size_of(location.path), _size_of(location.read_models_path)


def _size_of(path: Path) -> int:
    return sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*"))
