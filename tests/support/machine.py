"""What a machine may lack: tests that need it are skipped there, but never in CI."""

import os
from typing import NoReturn

import pytest


def lacking(what: str) -> NoReturn:
    """Ends the test: this machine lacks `what`. In CI that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}; in CI it must be there", pytrace=False)
    pytest.skip(what)
