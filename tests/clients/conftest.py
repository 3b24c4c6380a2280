"""The server that clients are tried against."""

from collections.abc import AsyncGenerator

import pytest

from orderlog_server.auth.issuing import Wanted, ensure_key, issue
from orderlog_server.settings import load_settings
from tests.schema.api import Api, serving


@pytest.fixture
async def api(sqlite_url: str) -> AsyncGenerator[Api]:
    async with serving(sqlite_url) as api:
        yield api


@pytest.fixture
def token(sqlite_url: str) -> str:
    """Of somebody who may do everything."""
    settings = load_settings(database_url=sqlite_url, auth="token")
    ensure_key(settings)
    return issue(Wanted(kind="staff", subject="ada", roles=["admin"], seconds=600), settings).text


@pytest.fixture
async def guarded(sqlite_url: str, token: str) -> AsyncGenerator[Api]:
    """As `api`, but everyone is asked for a token."""
    async with serving(sqlite_url, auth="token") as api:
        api.http.headers["authorization"] = f"Bearer {token}"
        yield api
