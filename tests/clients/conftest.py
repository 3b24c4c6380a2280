"""The server that clients are tried against."""

from collections.abc import AsyncGenerator

import pytest

from tests.schema.api import Api, serving


@pytest.fixture
async def api(sqlite_url: str) -> AsyncGenerator[Api]:
    async with serving(sqlite_url) as api:
        yield api
