"""The API of a running platform, on a fresh database."""

from collections.abc import AsyncGenerator

import pytest

from tests.schema.api import Api, serving


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
