"""Follows the log and keeps the read models: a page of events per transaction, checkpoint inside.

Projections at the same position share the page and the transaction. An event that one of them
cannot apply becomes a dead letter, and its key waits; a projection stops where the database fails.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final

import structlog
from sqlalchemy import Connection

from orderlog.eventstore.claims import Claims, NotOwner
from orderlog.eventstore.errors import StoreError
from orderlog.eventstore.outage import Outage
from orderlog.eventstore.store import EventStore, Unreadable
from orderlog_projections import checkpoints, dead_letters
from orderlog_projections.checkpoints import BEGINNING, CheckpointMoved, Standing
from orderlog_projections.claims import require_held
from orderlog_projections.columns import INTEGER_MAX
from orderlog_projections.consistency import Consistency
from orderlog_projections.database import ReadDatabase
from orderlog_projections.dead_letters import DeadLetter
from orderlog_projections.faults import described, is_of_values
from orderlog_projections.progress import Progress, mark
from orderlog_projections.projection import Page, Projection, Written
from orderlog_projections.recent_rows import WrittenRows
from orderlog_projections.remote import bring
from orderlog_projections.replay import Replayed, Where, discard, replay
from orderlog_projections.rows import RowT, RowTable
from orderlog_projections.status import ProjectionStatus, ages

PAGE_EVENTS_MAX: Final = 1_000
SAFETY_READ_SECONDS: Final = 0.2
FAULT_PAUSE_SECONDS: Final = 0.5

OnProgress = Callable[[int, int], object]
"""`(position, head)` after each page."""

_log = structlog.get_logger(__name__)


class ProjectionStopped(Exception):
    """The database cannot keep a projection; no event is to blame."""


_Work = Callable[[Connection, Progress, WrittenRows, bool], Written]
"""What one projection does with what comes next in the log; carefully, if need be."""


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
        self._projections = tuple(projections)
        self._progress = [Progress(one) for one in self._projections]
        self._recent = {one.name: one.rows for one in self._progress}
        self._learn()
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
        with self._lock:
            self._claims = claims
            self._learn()
        self.wake()

    def keeps(self, name: str) -> bool:
        """Whether it is this runner that brings a projection forward."""
        return any(self._keeps(one) for one in self._progress if one.name == name)

    def recent(self, name: str, table: RowTable[RowT], key: str) -> RowT | None:
        """A row as it is now, if this runner wrote it not long ago."""
        position = self.consistency.position_of(name)
        return self._recent[name].at(position, table, key)

    def wake(self) -> None:
        """The log may have grown."""
        self._grown.set()

    def catch_up(self, on_progress: OnProgress | None = None, until: int = INTEGER_MAX) -> None:
        """Goes on to the end of the log, or up to a position.

        Raises `ProjectionStopped`, `StoreError`.
        """
        head = min(self._store.head(), until)
        while self.step(until):
            if on_progress is not None:
                position = min(one.position for one in self._progress)
                on_progress(position, max(head, position))
        if errors := [str(one.error) for one in self._progress if one.is_stopped]:
            raise ProjectionStopped("; ".join(errors))

    def positions(self) -> dict[str, ProjectionStatus]:
        """The state of each projection, by name. Raises `StoreUnavailable`."""
        head, parked = self._store.head(), self._database.read(dead_letters.counts)
        if self._claims is not None:
            self._look_at_others()
        positions = [one.position for one in self._progress]  # they move on meanwhile
        age = ages(self._store, positions, head)
        return {
            one.name: one.status(
                head=head, lag_seconds=age[position], parked_keys=parked.get(one.key, 0)
            )
            for one, position in zip(self._progress, positions, strict=True)
        }

    def replay(self, where: Where) -> Replayed:
        """Brings dead letters back in order. Raises `DEAD_LETTER_NOT_FOUND`, `StoreError`."""
        outcome = replay(self._store, self._database, self._projections, where)
        self.refresh()
        return outcome

    def discard(self, where: Where, reason: str) -> list[DeadLetter]:
        """Gives dead letters up. Raises `DEAD_LETTER_NOT_FOUND`, `REASON_REQUIRED`."""
        letters = discard(self._database, self._projections, where, reason)
        self.refresh()
        return letters

    def refresh(self) -> None:
        """Takes what another has changed: a rebuild, another runner, dead letters replayed."""
        with self._lock:
            self._refresh()

    def step(self, until: int = INTEGER_MAX) -> bool:
        """Applies the next page wherever there is one; False if there was none at all."""
        with self._lock:
            kept = [one for one in self._progress if self._keeps(one) and not one.is_stopped]
            going = sorted(kept, key=attrgetter("position"))
            groups = [list(group) for _, group in groupby(going, key=attrgetter("position"))]
            has_moved = [self._advance(group, until) for group in groups]
            return any(has_moved)

    def _advance(self, group: Sequence[Progress], until: int) -> bool:
        """One page, up to a position, for projections that stand at the same position."""
        try:
            page, unreadable = self._store.readable(group[0].position, PAGE_EVENTS_MAX)
            page = [recorded for recorded in page if recorded.position <= until]
            if unreadable is not None and unreadable.position > until:
                unreadable = None
            if page:
                self._apply(group, page[-1].position, _writing(page))
            elif unreadable is not None:
                siblings = self._store.readable_of(unreadable.stream_id)
                self._apply(group, unreadable.position, _setting_aside(unreadable, siblings))
            else:
                mark(group, None)
        except StoreError as error:
            mark(group, error)
            raise
        return bool(page) or unreadable is not None

    def _apply(
        self, group: Sequence[Progress], position: int, work: _Work, *, carefully: bool = False
    ) -> None:
        try:
            self._write(group, position, work, carefully=carefully)
        except CheckpointMoved as moved:
            _log.info("what is known is outdated", cause=str(moved))
            self._refresh()
        except NotOwner as lost:
            _log.warning("read models are kept by another process", cause=str(lost))
            self._claims = {}
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            if len(group) > 1:
                for one in group:
                    self._apply([one], position, work)
            elif is_of_values(error) and not carefully:
                self._apply(group, position, work, carefully=True)
            else:
                self._fail(group[0], error)

    def _write(
        self, group: Sequence[Progress], position: int, work: _Work, *, carefully: bool
    ) -> None:
        written: dict[str, Written] = {}
        rows = {one.name: WrittenRows(one.rows) for one in group}
        with self._database.write() as connection:
            if self._claims is not None:
                require_held(connection, [self._claims[one.key] for one in group])
            checkpoints.move(connection, {one.key: one.standing for one in group}, position)
            for one in group:
                written[one.name] = work(connection, one, rows[one.name], carefully)
                if parked := written[one.name].parked:
                    dead_letters.add(connection, one.key, parked)
        for one in group:
            one.moved(position, written[one.name].parked)
            one.rows.keep(rows[one.name], position)
        self.consistency.reached(position, {name: one.keys for name, one in written.items()})

    def _fail(self, one: Progress, error: Exception) -> None:
        one.failures += 1
        one.error = described(error)
        if one.is_stopped:
            _log.error("projection stopped", projection=one.name, exc_info=error)

    def _refresh(self) -> None:
        """Readers hear of rows that others have changed, or that are no longer parked."""
        held = {one.name: one.parked for one in self._progress}
        self._learn()
        self.consistency.rewound({one.name: one.position for one in self._progress})
        for one in self._progress:
            bring(self.consistency, self._database, one.projection, one.position)
            if freed := _keys_of(held[one.name]) - _keys_of(one.parked):
                self.consistency.changed(one.name, freed)

    def _learn(self) -> None:
        standings, parking = self._database.read(_known)
        for one in self._progress:
            one.standing = standings.get(one.key, BEGINNING)
            one.parked = parking.get(one.key, {})
            one.rows.forget()

    def _keeps(self, one: Progress) -> bool:
        return self._claims is None or one.key in self._claims

    def _look_at_others(self) -> None:
        """Where those stand that another process keeps."""
        standings = self._database.read(checkpoints.standings)
        with self._lock:
            for one in self._progress:
                if not self._keeps(one):
                    one.standing = standings.get(one.key, BEGINNING)

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


def _known(connection: Connection) -> tuple[dict[str, Standing], dead_letters.Parking]:
    return checkpoints.standings(connection), dead_letters.parking(connection)


def _keys_of(parked: Mapping[str, set[str]]) -> frozenset[str]:
    return frozenset[str]().union(*parked.values())


def _writing(page: Page) -> _Work:
    return lambda connection, one, rows, carefully: one.projection.write_page(
        connection, page, one.parked, rows, carefully=carefully
    )


def _setting_aside(unreadable: Unreadable, siblings: Page) -> _Work:
    return lambda _, one, __, ___: one.projection.set_aside(unreadable, siblings, one.parked)
