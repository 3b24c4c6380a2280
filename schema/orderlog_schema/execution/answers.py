"""Answers that are given again: to the same question, for as long as no read model has moved.

What pages and shops ask is mostly what was asked a moment ago. An answer counts for a second at
most, in case that what it shows was changed by somebody who tells nobody.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

from graphql import FieldNode, OperationType

from orderlog_schema.execution.operations import Operation
from orderlog_schema.limits import ANSWER_BYTES_MAX, ANSWER_SECONDS_MAX, ANSWERS_BYTES_MAX

OF_READ_MODELS: Final = frozenset({"customer", "order", "orders", "salesByPeriod", "stockItems"})
"""Root fields that say the same until a read model moves. Others tell of the log, or of now."""


@dataclass(frozen=True, slots=True)
class Kept:
    data: bytes
    moves: int
    """How often read models had moved before it was made."""
    until: float


class Answers:
    """The `data` of answers without errors, in JSON; the most recently used last."""

    def __init__(
        self,
        seconds_max: float = ANSWER_SECONDS_MAX,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.given_again = 0
        self._seconds_max = seconds_max
        self._now = now
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._size = 0

    def find(self, key: Hashable, moves: int) -> bytes | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.moves != moves or kept.until < self._now():
            self._forget(key)
            return None
        self._kept.move_to_end(key)
        self.given_again += 1
        return kept.data

    def keep(self, key: Hashable, data: bytes, moves: int) -> None:
        self._forget(key)
        if len(data) > ANSWER_BYTES_MAX or not self._seconds_max:
            return
        self._kept[key] = Kept(data, moves, self._now() + self._seconds_max)
        self._size += len(data)
        while self._size > ANSWERS_BYTES_MAX:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._size -= len(kept.data)


def is_of_read_models(operation: Operation) -> bool:
    """Whether all that it asks is answered by read models alone."""
    roots = operation.node.selection_set.selections
    return operation.kind is OperationType.QUERY and all(
        isinstance(one, FieldNode) and one.name.value in OF_READ_MODELS for one in roots
    )
