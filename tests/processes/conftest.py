"""What breaks on purpose here shall not fill the screen."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    with capture_logs():
        yield
