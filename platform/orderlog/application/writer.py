"""The writer of a process: one thread decides, one commits what was decided meanwhile.

There is no timer: while one group is being committed the next one is decided, each command on the
state that the commands before it left, committed or not, so that a hot stock item is as fast as
many cold ones. Nobody is told anything that rests on what is not durable.

On SQLite one thread does both in turn: a commit there works in this very process, and a second
thread would take the interpreter away from it at every row.
"""

import threading
from collections.abc import Callable
from typing import Final

from orderlog.application.aggregates import Aggregates
from orderlog.application.committer import Committer, OnCommit, unheard
from orderlog.application.decider import Decider
from orderlog.application.snapshots import Snapshots
from orderlog.application.units import Asked, Question, Receipt, Settled, Sight, Unit
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.store import EventStore

__all__ = ["Question", "Receipt", "Sight", "Unit", "Writer"]

QUEUED_UNITS_MAX: Final = 5_000
AGGREGATES_KEPT_MAX: Final = 10_000


class Writer:
    """Has threads of its own. `put` never blocks; `close` drains what was put before.

    `after_group` is called in one of them when all of a group have been answered.
    """

    def __init__(
        self,
        store: EventStore,
        after_group: Callable[[], None],
        on_commit: OnCommit = unheard,
        aggregates_kept_max: int = AGGREGATES_KEPT_MAX,
    ) -> None:
        self._after_group = after_group
        self._unanswered = 0
        self._is_closed = False
        self._counting = threading.Lock()
        self._snapshots = Snapshots(store)
        self._committer = Committer(store, on_commit)
        aggregates = Aggregates(store, self._snapshots, aggregates_kept_max)
        self._decider = Decider(store, self._committer, aggregates)
        duties = (self._decide, self._commit) if store.is_shared else (self._decide_and_commit,)
        self._threads = [
            threading.Thread(
                target=duty, name=f"orderlog{duty.__name__.replace('_', '-')}", daemon=True
            )
            for duty in duties
        ]
        for thread in self._threads:
            thread.start()

    def put(self, asked: Asked) -> None:
        """Raises `OVERLOADED` where too much is waiting already, and `StoreUnavailable`."""
        with self._counting:
            if self._is_closed:
                raise StoreUnavailable("This process is stopping; send the command again soon.")
            if self._unanswered >= QUEUED_UNITS_MAX:
                raise Rejected(
                    ErrorCode.OVERLOADED, "Too many commands are waiting; try again soon."
                )
            self._unanswered += 1
        self._decider.put(asked)

    def close(self) -> None:
        with self._counting:
            self._is_closed = True
        self._decider.close()
        for thread in self._threads:
            thread.join()
        self._snapshots.close()

    def _decide(self) -> None:
        self._decider.run(self._answered)
        self._committer.close()

    def _commit(self) -> None:
        self._committer.run(self._settled)

    def _decide_and_commit(self) -> None:
        def answered(count: int) -> None:
            self._committer.flush(self._settled)
            self._answered(count)

        self._decider.run(answered)

    def _settled(self, settled: Settled) -> None:
        """The decider hears of it first: who has an answer and asks again finds what is durable."""
        self._decider.heed(settled)
        for decision in settled.told:
            decision.asked.answer(decision.outcome)
        self._answered(len(settled.told))
        self._snapshots.committed(event for one in settled.told for event in one.events)

    def _answered(self, count: int) -> None:
        if count:
            with self._counting:
                self._unanswered -= count
            self._after_group()
