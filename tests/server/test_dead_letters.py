"""`orderlog dead-letters`: what an operator sees and does without the server."""

import json
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

import pytest

from orderlog.domain.orders.events import OrderLineAdded
from orderlog.eventstore.store import open_store
from orderlog_projections.order_list.projector import REACTIONS
from orderlog_projections.registry import PROJECTIONS, open_read_models
from orderlog_projections.runner import ProjectionRunner
from tests.projections.shop import Log, OrderStory
from tests.support.program import Typed


@contextmanager
def fault() -> Generator[None]:
    """No order list can cope with lines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(cast("dict[object, object]", REACTIONS), OrderLineAdded, stumble)
        yield


def stumble(*_: object) -> None:
    raise ValueError("Ada's line")


@pytest.fixture
def order_ids(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Two orders, of which the list has stumbled over the lines."""
    log = Log()
    stories = [OrderStory(log), OrderStory(log)]
    for story in stories:
        story.line("MUG")
        story.line("TEA")
    with (
        closing(open_store(f"sqlite:///{tmp_path}/orderlog.db")) as store,
        closing(open_read_models(store.location)) as database,
        fault(),
    ):
        store.append(log.events)
        ProjectionRunner(store, database, PROJECTIONS).catch_up()
    capsys.readouterr()  # what was logged so far is not the commands' word
    return [story.order_id for story in stories]


def parked(typed: Typed) -> list[dict[str, object]]:
    keys: list[dict[str, object]] = json.loads(typed("dead-letters", "list", "--json").stdout)[
        "keys"
    ]
    return keys


def test_they_are_listed_and_shown(typed: Typed, order_ids: list[str]) -> None:
    (first, second), (key, _) = parked(typed), order_ids
    assert (first["key"], first["position"], first["event_count"]) == (key, 3, 2)
    assert (second["key"], second["position"]) == (order_ids[1], 5)
    assert "Ada" not in str(first)
    page = json.loads(typed("dead-letters", "list", "order_list", "--first", "1", "--json").stdout)
    answer = typed("dead-letters", "list", "--after", page["next"])
    assert answer.stdout.startswith(f"order_list {order_ids[1]}\n  2 waiting since position 5 in")
    shown = typed("dead-letters", "show", "order_list", key, "--json").stdout.splitlines()
    assert [json.loads(line)["position"] for line in shown] == [3, 4]
    assert "waits" in typed("dead-letters", "show", "order_list", key).stdout
    status = json.loads(typed("projections", "status", "--json").stdout)
    assert {one["name"]: one["parked_keys"] for one in status}["order_list"] == 2
    assert {(one["lag"], one["lag_seconds"]) for one in status} == {(0, 0.0)}


def test_a_mended_fault_is_replayed(typed: Typed, order_ids: list[str]) -> None:
    with fault():
        answer = typed("dead-letters", "replay", "order_list")
    assert answer.returncode == 1
    assert f"2 of 2 fail again; {order_ids[0]}: ValueError in " in answer.stderr
    answer = typed("dead-letters", "replay", "order_list", order_ids[0], "--json")
    assert json.loads(answer.stdout) == {"applied": 2, "failed": []}
    answer = typed("dead-letters", "replay", "order_list")
    assert (answer.stdout, answer.returncode) == ("Applied 2 events.\n", 0)
    assert "Nothing is parked." in typed("dead-letters", "list").stdout


def test_to_discard_takes_a_reason(typed: Typed, order_ids: list[str]) -> None:
    command = ["dead-letters", "discard", "order_list", order_ids[0]]
    assert typed(*command).returncode == 2
    answer = typed(*command, "--reason", "")
    assert answer.returncode == 1
    assert answer.stderr.startswith("orderlog: Say why")
    answer = typed(*command, "--reason", "it never was", "--json")
    assert [one["position"] for one in json.loads(answer.stdout)["discarded"]] == [3, 4]
    assert "reason='it never was'" in answer.stderr
    assert [one["key"] for one in parked(typed)] == [order_ids[1]]


@pytest.mark.parametrize("action", ["show", "replay"])
def test_what_is_not_parked_is_one_sentence(
    typed: Typed, order_ids: list[str], action: str
) -> None:
    answer = typed("dead-letters", action, "order_page", order_ids[0])
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"orderlog: No event of '{order_ids[0]}' is parked in")
