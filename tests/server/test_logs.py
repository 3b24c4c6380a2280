"""What goes to stderr: readable, and nobody's data in it."""

import io
import logging
import sys

import pytest
import structlog

from orderlog_server.observability.logs import configure_logs
from orderlog_server.settings import LogFormat, load_settings


@pytest.mark.parametrize("log_format", list(LogFormat))
def test_a_fault_is_told_without_the_values_around_it(
    log_format: LogFormat, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    configure_logs(load_settings().model_copy(update={"log_format": log_format}))
    structlog.get_logger("orderlog").error("a resolver failed", exc_info=a_fault("07700 900123"))
    said = capsys.readouterr().err
    assert "ValueError" in said
    assert "a_fault" in said, "where it happened"
    assert "900123" not in said, "whose telephone it was about"


def test_logs_follow_stderr_wherever_it_goes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    with monkeypatch.context() as for_a_while:
        lent = io.StringIO()
        for_a_while.setattr(sys, "stderr", lent)
        configure_logs(load_settings())
        structlog.get_logger("orderlog").warning("said while it was lent")
        assert "said while it was lent" in lent.getvalue()
    lent.close()
    structlog.get_logger("orderlog").warning("said afterwards")
    said = capsys.readouterr().err
    assert "said afterwards" in said
    assert "Logging error" not in said


def a_fault(telephone: str) -> Exception:
    try:
        telephone.index("no such digit")
    except ValueError as error:
        return error
    raise AssertionError
