"""A log and its read models, on each database in turn."""

from collections.abc import Iterator

import pytest

from tests.projections.kept import Kept, keep


@pytest.fixture
def kept(database_url: str) -> Iterator[Kept]:
    with keep(database_url) as kept:
        yield kept


@pytest.fixture
def kept_on_sqlite(sqlite_url: str) -> Iterator[Kept]:
    """For what does not depend on the database."""
    with keep(sqlite_url) as kept:
        yield kept
