"""A small shop of our own in the format of the file: each rule of the import occurs in it."""

from pathlib import Path

import pytest


@pytest.fixture
def small_shop() -> Path:
    return Path(__file__).parent / "small-shop.csv"
