"""What a machine lacks is said plainly; in CI it is a failure."""

import pytest

from tests.support.machine import lacking


def test_a_test_is_skipped_where_something_is_lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no browser here"):
        lacking("no browser here")


def test_in_ci_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no browser here; in CI it must be there"):
        lacking("no browser here")
