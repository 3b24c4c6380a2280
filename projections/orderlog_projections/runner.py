"""Follows the log and keeps the read models: a page of events per transaction, checkpoint inside.

Projections at the same position share the page and the transaction. One that cannot apply an event
is left behind with its error to be seen; the others go on.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from typing import Final

import structlog

from orderlog.eventstore.claims import Claims, NotOwner
from orderlog.eventstore.errors import StoreError, StoreUnavailable
from orderlog.eventstore.outage import Outage
from orderlog.eventstore.store import EventStore
from orderlog_projections import checkpoints
from orderlog_projections.checkpoints import CheckpointMoved
from orderlog_projections.claims import require_held
from orderlog_projections.consistency import Consistency
from orderlog_projections.database import ReadDatabase
from orderlog_projections.projection import Page, Projection

PAGE_EVENTS_MAX: Final = 1_000
ATTEMPTS_MAX: Final = 3
SAFETY_READ_SECONDS: Final = 0.2
FAULT_PAUSE_SECONDS: Final = 0.5

OnProgress = Callable[[int, int], object]
"""`(position, head)` after each page."""

_log = structlog.get_logger(__name__)


class ProjectionStopped(Exception):
    """A projection came upon an event that it cannot apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectionStatus:
    """How far a projection is. `lag` counts positions; `error` is what it stumbles over."""

    name: str
    position: int
    head: int
    error: str | None
    is_stopped: bool
    updated_at: datetime | None

    @property
    def lag(self) -> int:
        return max(0, self.head - self.position)


@dataclass(slots=True)
class _Progress:
    """Where a projection stands in this process."""

    projection: Projection
    position: int
    failures: int = 0
    error: str | None = None
    updated_at: datetime | None = None

    @property
    def name(self) -> str:
        return self.projection.name

    @property
    def is_stopped(self) -> bool:
        return self.failures >= ATTEMPTS_MAX


class ProjectionRunner:
    """Keeps its projections: all, or those that it was told to `own`. `step` is its whole work.

    Its owner sees to it that no other runner keeps them at the same time; where processes share
    them by claims, each page checks that they still hold.
    """

    def __init__(
        self, store: EventStore, database: ReadDatabase, projections: Iterable[Projection]
    ) -> None:
        self._store = store
        self._database = database
        known = database.read(checkpoints.positions)
        self._progress = [_Progress(one, known.get(one.key, 0)) for one in projections]
        self.consistency = Consistency({one.name: one.position for one in self._progress})
        self._claims: Claims | None = None
        self._lock = threading.Lock()
        self._grown = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._forget: Callable[[], None] | None = None

    def start(self) -> None:
        """Follows the log in a thread of its own until `stop`."""
        self._stopped.clear()
        self._forget = self._store.on_append(self.wake)
        self._thread = threading.Thread(target=self._follow, name="projections", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Returns when the page in hand is done."""
        if self._forget is not None:
            self._forget()
        self._stopped.set()
        self.wake()
        if self._thread is not None:
            self._thread.join()

    def own(self, claims: Claims) -> None:
        """From now on keeps what there are claims on, by key; others keep the rest."""
        known = self._database.read(checkpoints.positions)
        with self._lock:
            self._claims = claims
            for one in self._progress:
                one.position = known.get(one.projection.key, 0)
        self.wake()

    def keeps(self, name: str) -> bool:
        """Whether it is this runner that brings a projection forward."""
        return any(self._keeps(one) for one in self._progress if one.name == name)

    def wake(self) -> None:
        """The log may have grown."""
        self._grown.set()

    def catch_up(self, on_progress: OnProgress | None = None) -> None:
        """Goes on to the end of the log. Raises `ProjectionStopped`, `StoreError`."""
        head = self._store.head()
        while self.step():
            if on_progress is not None:
                position = min(one.position for one in self._progress)
                on_progress(position, max(head, position))
        if errors := [str(one.error) for one in self._progress if one.is_stopped]:
            raise ProjectionStopped("; ".join(errors))

    def positions(self) -> dict[str, ProjectionStatus]:
        """The state of each projection, by name."""
        head = self._store.head()
        if self._claims is not None:
            self._look_at_others()
        return {
            one.name: ProjectionStatus(
                name=one.name,
                position=one.position,
                head=max(head, one.position),
                error=one.error,
                is_stopped=one.is_stopped,
                updated_at=one.updated_at,
            )
            for one in self._progress
        }

    def step(self) -> bool:
        """Applies the next page wherever there is one; False if there was none at all."""
        with self._lock:
            kept = [one for one in self._progress if self._keeps(one) and not one.is_stopped]
            going = sorted(kept, key=attrgetter("position"))
            groups = [list(group) for _, group in groupby(going, key=attrgetter("position"))]
            has_moved = [self._advance(group) for group in groups]
            return any(has_moved)

    def _advance(self, group: Sequence[_Progress]) -> bool:
        """One page for projections that stand at the same position."""
        try:
            page = self._store.page(group[0].position, PAGE_EVENTS_MAX)
        except StoreError as error:
            _mark(group, error)
            raise
        if page:
            self._apply(group, page)
        else:
            _mark(group, None)
        return bool(page)

    def _apply(self, group: Sequence[_Progress], page: Page) -> None:
        try:
            self._write(group, page)
        except CheckpointMoved as moved:
            _log.warning("checkpoint moved by another process", cause=str(moved))
            self._reload()
        except NotOwner as lost:
            _log.warning("read models are kept by another process", cause=str(lost))
            self._claims = {}
        except StoreUnavailable as error:
            _mark(group, error)
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            if len(group) > 1:
                for one in group:
                    self._apply([one], page)
            else:
                self._fail(group[0], error)

    def _write(self, group: Sequence[_Progress], page: Page) -> None:
        position, keys = page[-1].position, [one.projection.key for one in group]
        with self._database.write() as connection:
            if self._claims is not None:
                require_held(connection, [self._claims[key] for key in keys])
            checkpoints.move(connection, keys, group[0].position, position)
            changed = {one.name: one.projection.write_page(connection, page) for one in group}
        for one in group:
            one.position, one.updated_at = position, datetime.now(UTC)
            one.failures, one.error = 0, None
        self.consistency.reached(position, changed)

    def _fail(self, one: _Progress, error: Exception) -> None:
        one.failures += 1
        one.error = str(error)
        if one.is_stopped:
            _log.error("projection stopped", projection=one.name, exc_info=error)

    def _reload(self) -> None:
        """Takes the positions from the database: a rebuild or another runner has moved them."""
        known = self._database.read(checkpoints.positions)
        for one in self._progress:
            one.position = known.get(one.projection.key, 0)
        self.consistency.rewound({one.name: one.position for one in self._progress})

    def _keeps(self, one: _Progress) -> bool:
        return self._claims is None or one.projection.key in self._claims

    def _look_at_others(self) -> None:
        """Where those stand that another process keeps."""
        known = self._database.read(checkpoints.positions)
        with self._lock:
            for one in self._progress:
                if not self._keeps(one):
                    one.position = known.get(one.projection.key, 0)

    def _follow(self) -> None:
        outage = Outage("read models")
        while not self._stopped.is_set():
            try:
                if self.step():
                    continue
            except StoreError as error:
                outage.met(error)
                self._stopped.wait(FAULT_PAUSE_SECONDS)
            except Exception:  # noqa: BLE001 - the thread outlives every fault
                _log.exception("read models cannot go on")
                self._stopped.wait(FAULT_PAUSE_SECONDS)
            else:
                outage.over()
            self._grown.wait(SAFETY_READ_SECONDS)
            self._grown.clear()


def _mark(group: Iterable[_Progress], error: Exception | None) -> None:
    """The database is away, or there again (None)."""
    for one in group:
        one.error = None if error is None else str(error)
