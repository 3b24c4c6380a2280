"""What a person does in a real browser, against a real server: the stories of the frontend."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.support.browser import ROOT
from tests.support.program import Program

STORIES = [
    path
    for path in sorted(ROOT.glob("frontend/stories/*.mjs"))
    if "await story(" in path.read_text()
]
WITH_TOKENS = {"session", "playground_access"}
"""Stories of servers that want to know who asks; the others are told to one that does not."""
STORY_SECONDS_MAX = 110
CONSOLE_BYTES_MAX = 250_000
"""Compressed, all that the console loads before it shows its first page."""
SHELF = """mutation Shelf($item: RegisterStockItemInput!, $delivery: ReceiveStockInput!) {
  registerStockItem(input: $item) { errors { code message } }
  receiveStock(input: $delivery) { errors { code message } }
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of its own with something on the shelves."""
    program = Program(tmp_path_factory.mktemp("server"))
    with program.start("serve", "--port", "0", "--json") as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        for sku in ("MUG-BLUE", "NOTEBOOK-A5", "TEA-EARL"):
            fill_shelf(url, sku)
        yield url
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def fill_shelf(url: str, sku: str) -> None:
    item = {"sku": sku, "warehouseId": "main"}
    delivery = item | {"quantity": 10_000, "reference": "opening delivery"}
    body = json.dumps({"query": SHELF, "variables": {"item": item, "delivery": delivery}})
    request = Request(f"{url}/graphql", body.encode(), {"content-type": "application/json"})  # noqa: S310 - our own server
    with urlopen(request) as response:  # noqa: S310 - as above
        answer = json.load(response)
    assert answer["data"] == {
        "registerStockItem": {"errors": []},
        "receiveStock": {"errors": []},
    }


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A demo: its `url`, and the `token` that its link has."""
    program = Program(tmp_path_factory.mktemp("demo"))
    with program.start("demo", "--port", "0", "--json") as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


@pytest.fixture
def told_to(story: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    """Where a story happens, as it reads it."""
    if story.stem not in WITH_TOKENS:
        return {"ORDERLOG_URL": request.getfixturevalue("server")}
    demo: dict[str, str] = request.getfixturevalue("demo")
    return {"ORDERLOG_URL": demo["url"], "ORDERLOG_TOKEN": demo["token"], "PYTHON": sys.executable}


@pytest.mark.browser
@pytest.mark.usefixtures("web_ui")
@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.stem)
def test_a_person_in_a_browser(
    told_to: dict[str, str], chromium: Path, node: Path, story: Path
) -> None:
    told = subprocess.run(
        [node, story],
        cwd=ROOT / "frontend",
        env=os.environ | told_to | {"CHROMIUM": str(chromium)},
        text=True,
        capture_output=True,
        timeout=STORY_SECONDS_MAX,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


def test_the_console_is_small(web_ui: Path) -> None:
    page = (web_ui / "index.html").read_text()
    parts = [web_ui / name for name in re.findall(r'"/(assets/[^"]+)"', page)]
    assert len(parts) >= 2  # a script and a style sheet
    assert sum(len(gzip.compress(part.read_bytes())) for part in parts) <= CONSOLE_BYTES_MAX


def test_there_are_stories() -> None:
    assert {path.stem for path in STORIES} >= {"live_list", "playground", *WITH_TOKENS}
