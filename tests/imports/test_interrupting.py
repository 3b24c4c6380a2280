"""An import that is stopped from outside, politely or not, is gone on with by the same command."""

import json
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from orderlog_server.imports.online_retail.rows import COLUMNS
from tests.support.program import Program

INVOICES = 600
SECONDS_MAX = 60


@pytest.fixture
def busy_shop(tmp_path: Path) -> Path:
    """Orders for several windows: each sells two mugs and a lamp, every tenth to a guest."""
    rows = [
        f"{200_000 + number},{sku},{sku},{quantity},2021-03-{1 + number // 60:02} "
        f"{number % 60 // 3:02}:{number % 60:02}:00,2.50,{customer},United Kingdom"
        for number in range(INVOICES)
        for customer in ["" if number % 10 == 0 else f"{300 + number % 50}.0"]
        for sku, quantity in [("MUG", 2), ("LAMP", 1)]
    ]
    file = tmp_path / "busy.csv"
    file.write_text("\n".join([",".join(COLUMNS), *rows, ""]))
    return file


def events_of(folder: Path) -> int:
    log = folder / "orderlog.db"
    if not log.exists():
        return 0
    connection = sqlite3.connect(f"file:{log}?mode=ro", uri=True)
    try:
        found: int = connection.execute("SELECT count(*) FROM stored_events").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()
    return found


def interrupted(orderlog: Program, file: Path, how: signal.Signals) -> tuple[int, str]:
    """Sends a signal in the middle of the import; the exit code and the last words."""
    process = orderlog.start("import", "online-retail", str(file))
    until = time.monotonic() + SECONDS_MAX
    while events_of(orderlog.folder) < 500:
        assert process.poll() is None, "the import ended before it could be interrupted"
        assert time.monotonic() < until
        time.sleep(0.01)
    process.send_signal(how)
    _, errors = process.communicate(timeout=SECONDS_MAX)
    return process.returncode, errors


def report_of(orderlog: Program, file: Path) -> dict[str, object]:
    answer = orderlog.run("import", "online-retail", str(file), "--json")
    assert answer.returncode == 0, answer.stderr
    report: dict[str, object] = json.loads(answer.stdout)
    return report


def require_whole(orderlog: Program, file: Path) -> None:
    """The rest is imported, all reconciles, and there is nothing left to do."""
    report = report_of(orderlog, file)
    found = report["reconciliation"]
    assert isinstance(found, dict)
    assert found["is_reconciled"]
    assert (found["orders_confirmed"], found["shipments"]) == (INVOICES, INVOICES)
    assert report_of(orderlog, file)["events_added"] == 0


def test_ctrl_c_stops_cleanly_and_says_how_to_go_on(orderlog: Program, busy_shop: Path) -> None:
    code, errors = interrupted(orderlog, busy_shop, signal.SIGINT)
    assert code == 130
    assert "the same command again goes on from there" in errors
    assert "Traceback" not in errors
    require_whole(orderlog, busy_shop)


def test_killed_without_a_warning(orderlog: Program, busy_shop: Path) -> None:
    code, _ = interrupted(orderlog, busy_shop, signal.SIGKILL)
    assert code == -signal.SIGKILL
    require_whole(orderlog, busy_shop)


def test_a_bad_file_is_one_sentence(orderlog: Program, busy_shop: Path) -> None:
    lines = busy_shop.read_text().splitlines(keepends=True)
    busy_shop.write_text("".join([*lines[:9], "200009,MUG\n"]))
    answer = orderlog.run("import", "online-retail", str(busy_shop))
    assert answer.returncode == 1
    assert "Line 10: there are 2 fields instead of 8; mend that line" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_file_that_is_not_there(orderlog: Program) -> None:
    answer = orderlog.run("import", "online-retail", "nowhere.csv")
    assert answer.returncode == 1
    assert "nowhere.csv" in answer.stderr
    assert not (orderlog.folder / "orderlog.db").exists()
