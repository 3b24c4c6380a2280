"""Owning duties: taking them where they are free, standing by where they are not."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import structlog

from orderlog.eventstore.claims import Claims
from orderlog.eventstore.errors import StoreError
from orderlog.eventstore.outage import Outage
from orderlog.eventstore.seats import Seat

ATTEMPT_SECONDS: Final = 0.5
"""So long after a duty has become free somebody takes it, and says so often that he lives."""

Listener = Callable[[Claims], None]

_log = structlog.get_logger(__name__)


class Ownership:
    """Tells `heard` what this process owns, each time when that has changed.

    `heard` is called in a thread of our own, and in `start` before that. Where it raises
    `StoreError` everything is let go, and taken again a little later.
    """

    def __init__(self, seat: Seat, duties: Sequence[str], heard: Listener) -> None:
        self._seat = seat
        self._duties = tuple(duties)
        self._heard = heard
        self._claims: Claims = {}
        self._outage = Outage("ownership")
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._attend, name="orderlog-owner", daemon=True)

    def start(self) -> None:
        """Blocking: takes what is free now."""
        self._attempt()
        if self._seat.is_contested:
            self._thread.start()

    def stop(self) -> None:
        """Blocking. What was owned must have been stopped before: others go on with it now."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        self._seat.release()

    def _attend(self) -> None:
        while not self._stopped.wait(ATTEMPT_SECONDS):
            self._attempt()

    def _attempt(self) -> None:
        try:
            self._tell(self._seat.hold(self._duties))
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing may be done twice
            self._lose(error)
        else:
            self._outage.over()

    def _lose(self, error: Exception) -> None:
        if isinstance(error, StoreError):
            self._outage.met(error)
        else:
            _log.exception("duties are let go")
        self._seat.release()
        with suppress(StoreError):
            self._tell({})

    def _tell(self, claims: Claims) -> None:
        if claims == self._claims:
            return
        before, self._claims = self._claims, claims
        self._heard(claims)
        if self._seat.is_contested:
            _log.info("duties", taken=_new(claims, before), lost=_new(before, claims))


def _new(claims: Claims, others: Claims) -> list[str]:
    return sorted(claims.keys() - others.keys())
