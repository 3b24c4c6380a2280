"""What goes to stderr: readable, and nobody's data in it."""

import logging

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


def a_fault(telephone: str) -> Exception:
    try:
        telephone.index("no such digit")
    except ValueError as error:
        return error
    raise AssertionError
