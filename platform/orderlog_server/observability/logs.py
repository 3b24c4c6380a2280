"""Logs go to stderr, ours and the libraries' alike: for people, or one JSON object per line."""

import logging
import sys
from typing import TextIO

import structlog

from orderlog_server.settings import LogFormat, Settings


class StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to what is stderr now: a progress bar puts its own there, and takes it away again."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def configure_logs(settings: Settings) -> None:
    """Call once, before anything logs."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = StderrHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(settings.log_format),
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error", "websockets"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # each attempt; we say it once


def _renderers(log_format: LogFormat) -> list[structlog.typing.Processor]:
    match log_format:
        case LogFormat.CONSOLE:
            return [
                structlog.dev.ConsoleRenderer(
                    colors=sys.stderr.isatty(),
                    exception_formatter=structlog.dev.plain_traceback,  # shows no one's data
                )
            ]
        case LogFormat.JSON:
            return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
