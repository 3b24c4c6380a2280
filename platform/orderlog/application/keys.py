"""Idempotency keys at work: one command per key at a time, and the answers that were given."""

from collections import OrderedDict
from typing import Final, TypeAlias

from orderlog.application.units import Receipt, Unit
from orderlog.eventstore.recorder import CommandAnswer
from orderlog.eventstore.store import EventStore

ANSWERS_KEPT_MAX: Final = 2_000

KeyId: TypeAlias = tuple[str, str]


class Keys:
    """Owned by the deciding thread. Whoever comes second with a key waits for the first."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._holders: dict[KeyId, list[Unit]] = {}
        self._given: OrderedDict[KeyId, tuple[str, Receipt]] = OrderedDict()

    def claim(self, unit: Unit) -> bool:
        """Whether the unit may go on; else it is given back by `release`."""
        if unit.idempotency is None:
            return True
        holders = self._holders.setdefault(_id_of(unit), [])
        if unit not in holders:
            holders.append(unit)
        return holders[0] is unit

    def release(self, unit: Unit, outcome: object) -> list[Unit]:
        """The unit has its answer: remembers it, and returns those that waited for it."""
        if unit.idempotency is None:
            return []
        key_id = _id_of(unit)
        if isinstance(outcome, Receipt):
            self._given[key_id] = (unit.idempotency.fingerprint, outcome)
            while len(self._given) > ANSWERS_KEPT_MAX:
                self._given.popitem(last=False)
        return self._let_go(unit, key_id)

    def _let_go(self, unit: Unit, key_id: KeyId) -> list[Unit]:
        """A unit that failed before it could claim its key holds nothing."""
        holders = self._holders.get(key_id, [])
        if unit not in holders:
            return []
        del self._holders[key_id]
        return holders[1:]

    def replay(self, unit: Unit) -> Receipt | None:
        """The first answer; from the log only where the unit must look.

        Raises `IDEMPOTENCY_KEY_REUSED`.
        """
        key = unit.idempotency
        if key is None:
            return None
        given = self._given.get(_id_of(unit)) or (self._look_up(unit) if unit.must_look else None)
        if given is None:
            return None
        fingerprint, receipt = given
        key.require_same(fingerprint)
        return Receipt(receipt.position, receipt.events, replayed=True)

    def _look_up(self, unit: Unit) -> tuple[str, Receipt] | None:
        answer = self._store.find_answer(*_id_of(unit))
        return None if answer is None else (answer.fingerprint, self._receipt_of(answer))

    def _receipt_of(self, answer: CommandAnswer) -> Receipt:
        events = sorted(event for span in answer.spans for event in self._store.span(*span))
        position = events[-1].position if events else self._store.head()
        return Receipt(position, tuple(events))


def _id_of(unit: Unit) -> KeyId:
    key = unit.idempotency
    assert key is not None  # noqa: S101 - asked only of units that have one
    return key.scope, key.key
