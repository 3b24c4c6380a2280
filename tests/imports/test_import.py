"""The import as a whole, on a real log: it reconciles, goes on, and adds nothing twice."""

import asyncio
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from orderlog.domain.aggregate import Event
from orderlog.eventstore.store import open_store
from orderlog_server.imports.online_retail import ImportReport, ImportStopped, run_import, session
from orderlog_server.imports.online_retail import plan as planning
from orderlog_server.imports.online_retail.plan import plan_import
from orderlog_server.imports.online_retail.rows import read_rows
from orderlog_server.imports.online_retail.run import ImportRun
from orderlog_server.settings import load_settings
from orderlog_server.wiring import running

MONTHS = {"2020-12": "131.50", "2021-01": "8.33", "2021-02": "-6.81"}


def imported(
    file: Path, database_url: str, *, limit: int | None = None, stock_factor: float = 1.0
) -> tuple[ImportReport, str]:
    """The report, and what a person would read."""
    console = Console(file=io.StringIO(), width=120)
    settings = load_settings(database_url=database_url)
    report = run_import(file, settings, limit, stock_factor, console)
    assert isinstance(console.file, io.StringIO)
    return report, console.file.getvalue()


def lines_by_bucket(report: ImportReport) -> dict[str, int]:
    return {one.bucket: one.lines for one in report.reconciliation.buckets if one.lines}


def history(database_url: str) -> dict[str, list[tuple[str, object]]]:
    """What happened to each stream, without the time of recording and without sealed data."""
    store = open_store(database_url)
    streams: dict[str, list[tuple[str, object]]] = {}
    for recorded in store.page(0, 1_000):
        event = recorded.event
        streams.setdefault(event.originator_id, []).append((event.TOPIC, facts_of(event)))
    store.close()
    return streams


def facts_of(event: Event) -> object:
    facts: dict[str, object] = msgspec.to_builtins(event)
    noise = ("timestamp", "envelope", "address_ref", "guest_email_ref", "retry_at")
    return {key: value for key, value in facts.items() if key not in noise}


def test_every_line_has_its_bucket_and_every_month_its_revenue(
    small_shop: Path, database_url: str
) -> None:
    report, text = imported(small_shop, database_url)
    found = report.reconciliation
    assert lines_by_bucket(report) == {
        "order line": 12,
        "shipping": 4,
        "fee": 2,
        "discount": 1,
        "cancellation": 4,
        "return": 4,
        "stock adjustment": 1,
        "rejected": 7,
    }
    assert {one.month: one.read_model for one in found.months} == MONTHS
    assert {one.difference for one in found.months} == {"0.00"}
    assert {one.code: one.lines for one in found.rejections} == {
        "INVALID_QUANTITY": 1,
        "LINE_NOT_FOUND": 1,
        "NEGATIVE_PRICE": 2,
        "ORDER_EMPTY": 1,
        "ORDER_NOT_FOUND": 2,
    }
    assert found.is_reconciled
    assert (found.partly_matched_lines, found.partly_matched_without_order) == (1, "-5.00")
    assert "line 17: C100010 -1 × MUG at 2.50" in text
    assert "35 lines, each in exactly one bucket" in text


def test_a_second_import_adds_no_event(small_shop: Path, sqlite_url: str) -> None:
    first, _ = imported(small_shop, sqlite_url)
    second, _ = imported(small_shop, sqlite_url)
    assert first.events_added == first.events > 0
    assert (second.events_added, second.events) == (0, first.events)
    assert second.reconciliation == first.reconciliation


def test_a_large_import_has_its_read_models_kept_by_a_process_beside(
    small_shop: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "LARGE_FROM_LINES", 1)
    report, _ = imported(small_shop, sqlite_url)
    assert {one.month: one.read_model for one in report.reconciliation.months} == MONTHS


def test_history_keeps_its_own_time(small_shop: Path, sqlite_url: str) -> None:
    imported(small_shop, sqlite_url)
    store = open_store(sqlite_url)
    years = Counter(event.envelope.occurred_at.year for _, event in store.page(0, 1_000))
    store.close()
    assert set(years) == {2020, 2021}


async def stop_after(windows: int, file: Path, database_url: str) -> None:
    """An import that somebody stops."""
    plan = plan_import(read_rows(file))
    orders = 0

    async with running(load_settings(database_url=database_url)) as platform:

        def on_step(_: object) -> None:
            nonlocal orders
            orders += 1
            if orders == windows:
                run.stop()

        run = ImportRun(platform, on_step)
        with pytest.raises(ImportStopped, match="the same command again goes on from there"):
            await run.send(plan, 1.0)


@pytest.mark.parametrize("steps", [1, 9, 17])
def test_an_interrupted_import_goes_on_to_the_same_end(
    small_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    monkeypatch.setattr(planning, "ORDERS_PER_WINDOW", 2)
    at_once, in_two = f"sqlite:///{tmp_path}/once.db", f"sqlite:///{tmp_path}/twice.db"
    imported(small_shop, at_once)
    asyncio.run(stop_after(steps, small_shop, in_two))
    report, _ = imported(small_shop, in_two)
    assert report.reconciliation.is_reconciled
    assert history(in_two) == history(at_once)


def test_a_limited_import_is_the_beginning_of_the_whole(
    small_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "ORDERS_PER_WINDOW", 2)
    at_once, in_parts = f"sqlite:///{tmp_path}/once.db", f"sqlite:///{tmp_path}/parts.db"
    imported(small_shop, at_once)
    part, _ = imported(small_shop, in_parts, limit=10)
    assert (part.reconciliation.lines, part.reconciliation.is_reconciled) == (9, True)
    imported(small_shop, in_parts)
    assert history(in_parts) == history(at_once)


@pytest.mark.parametrize("stock_factor", [0.0, 0.5])
def test_too_little_stock_is_refused_and_still_reconciles(
    small_shop: Path, sqlite_url: str, stock_factor: float
) -> None:
    report, _ = imported(small_shop, sqlite_url, stock_factor=stock_factor)
    again, _ = imported(small_shop, sqlite_url, stock_factor=stock_factor)
    found = report.reconciliation
    assert found.is_reconciled
    assert {one.difference for one in found.months} == {"0.00"}
    codes = {one.code: one.lines for one in found.rejections}
    assert codes["INSUFFICIENT_STOCK"] >= 8
    assert codes["INVALID_STATE"] >= 3
    assert found.orders_confirmed < found.orders
    assert (again.events_added, again.reconciliation) == (0, found)


def cut_off(folder: Path, lines: Sequence[bytes]) -> Path:
    cut = folder / "cut.csv"
    cut.write_bytes(b"".join(lines)[:-20])
    return cut


def test_a_file_that_was_cut_off_sends_nothing(
    small_shop: Path, tmp_path: Path, sqlite_url: str
) -> None:
    lines = small_shop.read_bytes().splitlines(keepends=True)
    with pytest.raises(Exception, match=r"Line 20: the file stops in the middle of this line"):
        imported(cut_off(tmp_path, lines[:20]), sqlite_url)
    assert not Path(sqlite_url.removeprefix("sqlite:///")).exists()
    assert imported(small_shop, sqlite_url)[0].reconciliation.is_reconciled
