"""What is made from the code and committed is what the code says now."""

from pathlib import Path

import pytest
from typer.main import get_command

from orderlog.application.command_bus import CommandBus
from orderlog.eventstore.store import open_store
from orderlog.gateways.registry import Gateways
from orderlog.processes.stories import ProcessTerms, all_stories
from orderlog_server.catalogue import STORIES, events_page, read_models_page
from orderlog_server.cli.manual import refreshed
from orderlog_server.cli.program import program
from orderlog_server.permission_table import permissions_page

ROOT = Path(__file__).parents[2]
OUTDATED = "it is outdated: python3 dev.py docs"


def test_the_catalogue_of_events() -> None:
    assert (ROOT / "platform/EVENTS.md").read_text("utf-8") == events_page(), OUTDATED


def test_the_catalogue_of_read_models() -> None:
    assert (ROOT / "projections/READ_MODELS.md").read_text("utf-8") == read_models_page(), OUTDATED


def test_the_table_of_permissions() -> None:
    assert (ROOT / "schema/PERMISSIONS.md").read_text("utf-8") == permissions_page(), OUTDATED


def test_the_commands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "orderlog projections rebuild [NAME]" in readme
    assert readme == refreshed(readme, get_command(program)), OUTDATED


def test_tests_named_in_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    named = {
        word.strip("`|,") for word in readme.split() if word.startswith(("`tests/", "`frontend/"))
    }
    assert len(named) > 10
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


async def test_every_process_is_in_the_catalogue(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    bus = CommandBus(store)
    stories = all_stories(store, bus, Gateways({}), ProcessTerms())
    assert tuple(map(type, stories)) == STORIES
    await bus.close()
    store.close()


@pytest.mark.parametrize(
    "name", ["OrderPlaced", "StockReserved", "PaymentCaptured", "ProcessStuck"]
)
def test_an_event_is_told_with_its_fields_and_who_reacts(name: str) -> None:
    entry = events_page().partition(f"### {name}\n")[2].partition("\n### ")[0]
    assert "Version 1." in entry
    assert "Read models: " in entry
    assert "| field | type |" in entry
    assert "originator" not in entry
