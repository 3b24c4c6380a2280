"""What tests in a real browser need: Chromium, Node to drive it, and the built web UI."""

import shutil
from pathlib import Path

import pytest

from tests.support.machine import lacking

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's browser."""
    found = filter(None, map(shutil.which, BROWSERS))
    return Path(next(found, None) or lacking("no Chromium is installed here"))


@pytest.fixture(scope="session")
def node() -> Path:
    """The Node that drives the browser, with the packages of `frontend/` in place."""
    if not (ROOT / "frontend/node_modules/playwright-core").exists():
        lacking("the packages of frontend/ are not installed (python3 dev.py setup)")
    return Path(shutil.which("node") or lacking("no Node is installed here"))


@pytest.fixture(scope="session")
def web_ui() -> Path:
    """The folder of the built web UI."""
    folder = ROOT / "platform/orderlog_server/web"
    if not (folder / "index.html").exists():
        lacking("the web UI is not built (python3 dev.py setup)")
    return folder
