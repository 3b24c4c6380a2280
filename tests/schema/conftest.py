"""The API of a running platform, on a fresh database."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from tests.schema.api import Api, serving
from tests.schema.tenants import House, open_house


@pytest.fixture
async def api(sqlite_url: str) -> AsyncGenerator[Api]:
    """On SQLite."""
    async with serving(sqlite_url) as api:
        yield api


@pytest.fixture
async def any_api(database_url: str) -> AsyncGenerator[Api]:
    """On each database in turn."""
    async with serving(database_url) as api:
        yield api


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[House]:
    """Of two channels and three customers; for all stories of a module."""
    folder = tmp_path_factory.mktemp("house")
    async with open_house(f"sqlite:///{folder}/orderlog.db") as house:
        yield house
