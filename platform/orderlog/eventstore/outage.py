"""A database that goes away and comes back: told once each, not at every attempt."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

import structlog
from eventsourcing.persistence import InterfaceError, OperationalError

from orderlog.eventstore.errors import StoreError, StoreUnavailable

_log = structlog.get_logger(__name__)


class Outage:
    """What one reader of the log says while it has to wait. It tries again by itself."""

    def __init__(self, who: str) -> None:
        self._who = who
        self._is_known = False

    def met(self, error: StoreError) -> None:
        if not self._is_known:
            _log.warning("the log cannot be read for now", waiting=self._who, cause=str(error))
        self._is_known = True

    def over(self) -> None:
        if self._is_known:
            _log.warning("the log can be read again", going_on=self._who)
        self._is_known = False


@contextmanager
def said_clearly(sentence: Callable[[BaseException], str]) -> Generator[None]:
    """Faults of the connection, as the library tells them, become `StoreUnavailable`."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise StoreUnavailable(sentence(error)) from error
