"""The thread that decides: one unit after the other, on the newest state, committed or not."""

import queue
import random
from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum, auto
from heapq import heappop, heappush
from itertools import count
from time import monotonic
from typing import Final

import structlog

from orderlog.application.aggregates import Aggregates
from orderlog.application.committer import Committer, outcome_of
from orderlog.application.deciding import decide_unit, is_creating
from orderlog.application.keys import Keys
from orderlog.application.units import Asked, Decision, Question, Settled, Unit
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.store import EventStore

BATCH_MAX: Final = 500
ATTEMPTS_MAX: Final = 8
PAUSE_SECONDS: Final = 0.01

_log = structlog.get_logger(__name__)


class _Signal(Enum):
    SETTLED = auto()
    CLOSE = auto()


class Decider:
    """Owns the aggregates and the keys. `put`, `heed` and `close` may be called by any thread."""

    def __init__(self, store: EventStore, committer: Committer, aggregates: Aggregates) -> None:
        self._store = store
        self._committer = committer
        self._aggregates = aggregates
        self._keys = Keys(store)
        self._inbox: queue.SimpleQueue[Asked | _Signal] = queue.SimpleQueue()
        self._settled: deque[Settled] = deque()
        self._later: list[tuple[float, int, Asked]] = []
        self._turns = count()
        self._with_committer = 0
        self._answered = 0
        self._is_closing = False

    def put(self, asked: Asked) -> None:
        self._inbox.put(asked)

    def heed(self, settled: Settled) -> None:
        """What became of a group; it is looked at before the next decision."""
        self._settled.append(settled)
        self._inbox.put(_Signal.SETTLED)

    def close(self) -> None:
        self._inbox.put(_Signal.CLOSE)

    def run(self, answered: Callable[[int], None]) -> None:
        """Returns when it was told to close and everything has its answer.

        `answered` is called after each batch with the number of answers that were given here.
        """
        while not self._is_done():
            self._work_on(self._take())
            answered(self._answered)
            self._answered = 0

    def _is_done(self) -> bool:
        is_idle = not (self._with_committer or self._later or self._settled)
        return self._is_closing and is_idle and self._inbox.empty()

    # --- what is next ---

    def _take(self) -> list[Asked]:
        """What is due again, and what was put meanwhile; waits where there is nothing."""
        batch = self._due()
        pause = self._later[0][0] - monotonic() if self._later else None
        try:
            item = self._inbox.get(not batch, pause if pause is None else max(pause, 0))
            while True:
                if not isinstance(item, _Signal):
                    batch.append(item)
                elif item is _Signal.CLOSE:
                    self._is_closing = True
                if len(batch) >= BATCH_MAX:
                    break
                item = self._inbox.get_nowait()
        except queue.Empty:
            pass
        return batch

    def _due(self) -> list[Asked]:
        batch: list[Asked] = []
        while self._later and self._later[0][0] <= monotonic():
            batch.append(heappop(self._later)[2])
        return batch

    def _put_off(self, asked: Asked, seconds: float = 0) -> None:
        heappush(self._later, (monotonic() + seconds, next(self._turns), asked))

    # --- deciding ---

    def _work_on(self, batch: Sequence[Asked]) -> None:
        self._look_at_settled()
        try:
            self._bring_in(batch)
        except Exception as error:  # noqa: BLE001 - handed to all who need what cannot be read
            for asked in batch:
                self._answer(asked, error)
            return
        for asked in batch:
            if self._settled:
                self._look_at_settled()
            self._handle(asked)

    def _bring_in(self, batch: Sequence[Asked]) -> None:
        """One query for what the batch needs and memory lacks, or has from before others wrote."""
        known, wanted = self._aggregates.knows, set[str]()
        for asked in batch:
            if isinstance(asked, Question):
                if self._store.is_shared or not known(asked.stream_id):
                    wanted.add(asked.stream_id)
                continue
            for command, stream_id in zip(asked.commands, asked.streams, strict=True):
                if asked.must_look:
                    is_needed = self._store.is_shared or not known(stream_id)
                else:
                    is_needed = not (known(stream_id) or is_creating(command))
                if is_needed:
                    wanted.add(stream_id)
        if wanted:
            self._aggregates.catch_up(wanted)

    def _handle(self, asked: Asked) -> None:
        """Whatever goes wrong is the answer: this thread outlives every fault."""
        try:
            decision = self._read(asked) if isinstance(asked, Question) else self._decide(asked)
            if decision is not None:
                self._pass_on(decision)
        except Exception as error:  # noqa: BLE001 - handed to whoever asked
            if not isinstance(error, (Rejected, StoreUnavailable)):
                _log.exception("command failed", asked=_name_of(asked))
            self._answer(asked, error)

    def _read(self, question: Question) -> Decision:
        outcome = question.read(self._aggregates.get(question.stream_id))
        return Decision(question, (question.stream_id,), outcome)

    def _decide(self, unit: Unit) -> Decision | None:
        """Looks before it refuses: what rests on good hope is no ground for that."""
        if unit.idempotency is not None and not self._keys.claim(unit):
            return None
        decision = self._attempt(unit)
        if not decision.events and not unit.must_look and self._is_doubtful(unit):
            unit.must_look = True
            self._bring_in([unit])
            decision = self._attempt(unit)
        return decision

    def _attempt(self, unit: Unit) -> Decision:
        replayed = self._keys.replay(unit) if unit.idempotency is not None else None
        if replayed is not None:
            return Decision(unit, (), replayed)
        return decide_unit(unit, self._aggregates, self._store)

    def _is_doubtful(self, unit: Unit) -> bool:
        has_trusted = unit.idempotency is not None or any(map(is_creating, unit.commands))
        return has_trusted or self._store.is_shared

    def _pass_on(self, decision: Decision) -> None:
        """What needs nothing of the committer is answered at once."""
        if decision.append is None and self._aggregates.are_durable(decision.streams):
            self._answer(decision.asked, outcome_of(decision, self._store))
            return
        self._with_committer += 1
        self._aggregates.decided(decision.events)
        self._committer.put(decision)

    def _answer(self, asked: Asked, outcome: object) -> None:
        asked.answer(outcome)
        self._answered += 1
        self._let_go(asked, outcome)

    def _let_go(self, asked: Asked, outcome: object) -> None:
        if isinstance(asked, Unit) and asked.idempotency is not None:
            for waiting in self._keys.release(asked, outcome):
                self._put_off(waiting)

    # --- what became of it ---

    def _look_at_settled(self) -> None:
        while self._settled:
            settled = self._settled.popleft()
            self._with_committer -= len(settled.told) + len(settled.returned)
            for decision in settled.told:
                self._aggregates.committed(decision.events)
                self._let_go(decision.asked, decision.outcome)
            if settled.loss:
                self._aggregates.lost(settled.lost)
                self._committer.forgotten(settled.loss)
            for decision in settled.returned:
                self._again(decision.asked)

    def _again(self, asked: Asked) -> None:
        if isinstance(asked, Question):
            self._put_off(asked)
            return
        asked.attempts += 1
        asked.must_look = True
        if asked.attempts < ATTEMPTS_MAX:
            self._put_off(asked, PAUSE_SECONDS * (asked.attempts - 1) * random.random())  # noqa: S311 - jitter
            return
        message = "Others kept changing the same thing; try again."
        self._answer(asked, Rejected(ErrorCode.CONTENTION, message))


def _name_of(asked: Asked) -> str:
    if isinstance(asked, Question):
        return asked.stream_id
    return ", ".join(type(command).__name__ for command in asked.commands)
