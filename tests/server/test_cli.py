"""The command line: quick help, plain sentences, exit codes that scripts can rely on."""

import json
import os
import re
import signal
import socket
import time
from pathlib import Path

import pytest

from orderlog.application.command_bus import CommandBus
from orderlog.application.metadata import SYSTEM, new_metadata
from orderlog.domain.orders.commands import CreateDraftOrder
from orderlog.domain.stock.commands import ReceiveStock, RegisterStockItem
from orderlog.eventstore.store import open_store
from tests.support.program import Program, Typed

HELP_SECONDS_MAX = 0.6  # half of that on a quiet machine
ORDER_ID = "019f3b7a-5c1d-7e42-8a10-6b2f4d9c0e55"


@pytest.fixture
async def log(tmp_path: Path) -> None:
    """A log with three events, in the folder where the program runs."""
    store = open_store(f"sqlite:///{tmp_path}/orderlog.db")
    bus = CommandBus(store)
    await bus.execute(
        RegisterStockItem(sku="MUG", warehouse_id="main"),
        ReceiveStock(sku="MUG", warehouse_id="main", quantity=5, reference="delivery"),
        CreateDraftOrder(order_id=ORDER_ID, currency="GBP"),
        metadata=new_metadata(SYSTEM),
    )
    await bus.close()
    store.close()


def test_help_is_quick(orderlog: Program) -> None:
    def seconds() -> float:
        begun = time.perf_counter()
        assert orderlog.run("--help").returncode == 0
        return time.perf_counter() - begun

    assert min(seconds() for _ in range(5)) < HELP_SECONDS_MAX


def test_every_command_has_help_and_json(typed: Typed) -> None:
    groups = {
        "": ["serve", "demo", "doctor"],
        "events": ["tail", "show"],
        "dead-letters": ["list", "show", "replay", "discard"],
        "projections": ["status", "rebuild", "compare", "switch", "back", "drop"],
        "orders": ["show"],
        "schema": ["export", "check"],
        "docs": ["events", "read-models"],
        "token": ["create", "inspect", "revoke"],
        "config": ["show"],
        "import": ["online-retail"],
        "export": ["orders"],
    }
    for group, commands in groups.items():
        for command in commands:
            answer = typed(*filter(None, [group]), command, "--help")
            assert answer.returncode == 0
            assert "--json" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "--prot", "1"], "No such option: --prot"),
        (["sevre"], "No such command 'sevre'"),
        (["events"], "Missing command; see `orderlog events --help`."),
        (["serve", "--port", "eighty"], "Invalid value for '--port'"),
        (["import", "online-retail"], "Missing argument 'FILE'"),
        (["serve", "--no-auth", "--host", "0.0.0.0"], "binds to loopback only"),  # noqa: S104 - refused
        (["serve", "--port", "99999"], "The setting port"),
        (["events", "tail", "--database-url", "mysql://x"], "neither sqlite:///FILE nor postgres"),
        (["events", "tail", "--type", "OrderEaten"], "No event is called 'OrderEaten'"),
        (["schema", "check", "--against", "v9"], "no file v9, and no commit of that name"),
        (["orders", "show", ORDER_ID, "--as-of", "noon"], "neither a position nor a time"),
        (["orders", "show", ORDER_ID, "--as-of", "2026-11-23T08:30:00"], "has no time zone"),
    ],
)
def test_wrong_usage_is_one_sentence(typed: Typed, arguments: list[str], said: str) -> None:
    answer = typed(*arguments)
    assert_sentence(answer.stderr, said)
    assert answer.returncode == 2
    assert answer.stdout == ""


def test_a_wrong_setting_is_one_sentence(typed: Typed) -> None:
    answer = typed("config", "show", ORDERLOG_LOG_FORMAT="xml")
    assert_sentence(answer.stderr, "ORDERLOG_LOG_FORMAT")
    assert answer.returncode == 2


def test_debug_shows_the_traceback(orderlog: Program) -> None:
    assert "Traceback" in orderlog.run("serve", "--port", "99999", "--debug").stderr


def test_a_schema_is_checked_against_an_earlier_one(typed: Typed, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.graphql"
    earlier.write_text("type Query { version: String! weather: String }")
    answer = typed("schema", "check", "--against", str(earlier))
    assert answer.stdout == "Field Query.weather was removed.\n"
    assert answer.returncode == 1
    earlier.write_text("type Query { version: String! }")
    answer = typed("schema", "check", "--against", str(earlier), "--json")
    assert json.loads(answer.stdout)["broken"] == []
    assert answer.returncode == 0


@pytest.mark.parametrize("command", [["events", "tail"], ["events", "show", "1"], ["doctor"]])
def test_reading_begins_no_log(typed: Typed, tmp_path: Path, command: list[str]) -> None:
    answer = typed(*command)
    assert "There is no log in orderlog.db yet" in answer.stdout + answer.stderr
    assert answer.returncode == (1 if command == ["doctor"] else 3)
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_cannot_be_written_is_one_sentence(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "a-folder.db").mkdir()
    answer = typed("events", "tail", "--database-url", "sqlite:///a-folder.db")
    assert_sentence(answer.stderr, "The database file a-folder.db cannot be opened for writing")
    assert answer.returncode == 3


def test_postgres_that_is_not_there_is_one_sentence(orderlog: Program) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"postgresql://me@127.0.0.1:{port}/shop"
    answer = orderlog.run("serve", "--port", "0", "--database-url", url)
    assert_sentence(
        answer.stderr, f"PostgreSQL at 127.0.0.1:{port}, database 'shop', cannot be used"
    )
    assert answer.returncode == 3


def test_a_taken_port_is_one_sentence(typed: Typed, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = typed("serve", "--port", str(port))
    assert_sentence(answer.stderr, f"Port {port} on 127.0.0.1 is taken by another program")
    assert answer.returncode == 4
    assert list(tmp_path.iterdir()) == [], "a database was begun for nothing"


def test_settings_are_shown_with_where_they_come_from(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "orderlog.toml").write_text('warehouse_id = "north"')
    answer = typed(
        "config",
        "show",
        "--json",
        ORDERLOG_DATABASE_URL="postgresql://ada:secret@localhost/shop",
    )
    shown = {row["name"]: (row["value"], row["source"]) for row in json.loads(answer.stdout)}
    assert shown["database_url"] == (
        "postgresql://ada:***@localhost/shop",
        "ORDERLOG_DATABASE_URL",
    )
    assert shown["warehouse_id"] == ("north", "orderlog.toml")
    assert shown["port"] == ("8000", "default")


def test_a_file_that_is_not_there_is_one_sentence(typed: Typed) -> None:
    answer = typed("import", "online-retail", "nothing.csv")
    assert_sentence(answer.stderr, "There is no file nothing.csv; check its name.")
    assert answer.returncode == 1


@pytest.mark.usefixtures("log")
def test_the_end_of_the_log(typed: Typed) -> None:
    lines = typed("events", "tail", "--last", "2").stdout.splitlines()
    assert [re.findall(r"\w+", line)[7] for line in lines] == ["StockReceived", "OrderDrafted"]
    rows = typed("events", "tail", "--json", "--type", "StockReceived").stdout.splitlines()
    (event,) = map(json.loads, rows)
    assert event["payload"] == {"quantity": 5, "reference": "delivery"}
    assert event["position"] == 2


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("what", [ORDER_ID, f"order-{ORDER_ID}", "3"])
def test_a_stream_or_an_event_whole(typed: Typed, what: str) -> None:
    (event,) = map(json.loads, typed("events", "show", what, "--json").stdout.splitlines())
    assert (event["type"], event["payload"]["currency"]) == ("OrderDrafted", "GBP")
    assert ORDER_ID in typed("events", "show", what).stdout


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("moment", [[], ["--as-of", "3"]])
def test_an_order_now_and_at_any_moment(typed: Typed, moment: list[str]) -> None:
    shown = typed("orders", "show", ORDER_ID, *moment).stdout.splitlines()
    assert shown[:2] == [f"order {ORDER_ID}, version 1", "  DRAFT, NONE, UNFULFILLED"]
    (page,) = map(
        json.loads, typed("orders", "show", ORDER_ID, *moment, "--json").stdout.splitlines()
    )
    assert (page["order_id"], page["position"]) == (ORDER_ID, 3)


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("moment", ["2", "2020-01-01T00:00:00Z"])
def test_an_order_before_its_beginning(typed: Typed, moment: str) -> None:
    answer = typed("orders", "show", ORDER_ID, "--as-of", moment)
    assert_sentence(answer.stderr, f"There is no order {ORDER_ID} as of {moment}")
    assert answer.returncode == 1


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("moment", ["4711", "9999-01-01T00:00:00Z"])
def test_an_order_of_the_future(typed: Typed, moment: str) -> None:
    answer = typed("orders", "show", ORDER_ID, "--as-of", moment)
    assert_sentence(answer.stderr, "The log has no position" if moment == "4711" else "not known")
    assert answer.returncode == 2


@pytest.mark.usefixtures("log")
def test_what_the_log_does_not_have(typed: Typed) -> None:
    answer = typed("events", "show", "4711")
    assert_sentence(answer.stderr, "The log has nothing under '4711'")
    assert answer.returncode == 1


@pytest.mark.usefixtures("log")
def test_orders_as_a_file(typed: Typed, tmp_path: Path) -> None:
    answer = typed("export", "orders")
    assert answer.stdout.splitlines()[0].startswith("orderId,number,")
    assert answer.stderr.startswith("All of it is as of position ")
    assert typed("export", "orders", "--json", "--output", "orders.ndjson").stdout == ""
    assert (tmp_path / "orders.ndjson").read_bytes() == b""


@pytest.mark.usefixtures("log")
def test_following_the_log_ends_with_how_to_go_on(orderlog: Program) -> None:
    tail = orderlog.start("events", "tail", "--follow", "--json")
    assert tail.stdout is not None
    for _ in range(3):
        tail.stdout.readline()
    os.kill(tail.pid, signal.SIGINT)
    _, said = tail.communicate(timeout=20)
    # Stopped between a line and its count, it shows the last line twice rather than never.
    assert re.search("go on with: orderlog events tail --follow --after [23]", said)
    assert tail.returncode == 130


def assert_sentence(text: str, said: str) -> None:
    """One line, no traceback, with what we want to read in it."""
    assert said in text
    assert text.startswith("orderlog: ")
    assert len(text.splitlines()) == 1
    assert text.rstrip().endswith(".")
