"""A gateway that moves no real money and does what the payment method tells it to do.

Everything is derived from the key: no randomness, the same answer at every run.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

import structlog

from orderlog.domain.payments.events import PaymentOperation
from orderlog.gateways.port import (
    Answer,
    Authorized,
    Captured,
    Charge,
    Declined,
    Failed,
    GatewayKey,
    Notified,
    Refunded,
    Unknown,
    Voided,
)

SANDBOX: Final = "sandbox"
OPERATIONS_KEPT_MAX: Final = 20_000
LATE_SECONDS: Final = 5.0
_IDS: Final = UUID("a3a0cf4e-1f0b-5c53-8a53-4d1b1a6f7c02")

_log = structlog.get_logger(__name__)


class Behaviour(StrEnum):
    """What follows `sandbox:` in a payment method. An unknown word means APPROVE."""

    APPROVE = "approve"
    DECLINE = "decline"
    DECLINE_ONCE = "decline-once"
    FAIL = "fail"
    TIMEOUT = "timeout"
    LOST = "lost"
    LATE = "late"
    TWICE = "twice"
    DECLINE_CAPTURE = "decline-capture"
    FAIL_REFUND = "fail-refund"


@dataclass(slots=True)
class Operation:
    """One line of the sandbox's ledger: what a key asked for, how often, and what it got."""

    charge: Charge
    answer: Answer
    first_asked: float
    asked: int = 1
    queried: int = 0


@dataclass(slots=True)
class SandboxGateway:
    """`late_seconds` is how long `sandbox:late` is silent; `clock` counts seconds.

    What it did is in memory only, and only the newest of it.
    """

    late_seconds: float = LATE_SECONDS
    clock: Callable[[], float] = time.monotonic
    operations_kept_max: int = OPERATIONS_KEPT_MAX
    ledger: dict[GatewayKey, Operation] = field(default_factory=dict[GatewayKey, Operation])
    _declined: dict[str, None] = field(default_factory=dict[str, None])
    _listeners: list[Notified] = field(default_factory=list[Notified])
    _notifying: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def listen(self, notified: Notified) -> None:
        self._listeners.append(notified)

    async def authorize(self, key: GatewayKey, charge: Charge) -> Answer:
        return self._do(key, charge)

    async def capture(self, key: GatewayKey, charge: Charge) -> Answer:
        return self._do(key, charge)

    async def void(self, key: GatewayKey, charge: Charge) -> Answer:
        return self._do(key, charge)

    async def refund(self, key: GatewayKey, charge: Charge) -> Answer:
        return self._do(key, charge)

    async def query(self, key: GatewayKey) -> Answer:
        operation = self.ledger.get(key)
        if operation is None:
            return unknown(key)
        operation.queried += 1
        return self._heard(key, operation)

    def moved(self, operation: PaymentOperation) -> int:
        """The minor units that all operations of a kind have moved, each key counted once."""
        return sum(
            done.charge.amount_minor
            for key, done in self.ledger.items()
            if key.operation is operation and not isinstance(done.answer, Declined | Failed)
        )

    async def notified(self) -> None:
        """Returns when all that was to be said unasked has been said."""
        await asyncio.gather(*self._notifying)

    def _do(self, key: GatewayKey, charge: Charge) -> Answer:
        operation = self.ledger.get(key)
        if operation is None:
            answer = self._decide(key, charge)
            operation = self.ledger[key] = Operation(charge, answer, self.clock())
            self._forget()
        else:
            operation.asked += 1
        heard = self._heard(key, operation)
        if _behaviour(charge) is Behaviour.TWICE:
            self._notify(key, heard)
        return heard

    def _decide(  # noqa: PLR0911 - one per answer
        self, key: GatewayKey, charge: Charge
    ) -> Answer:
        """What happens to the money, whether or not it will be told."""
        psp_event_id, amount = _derived(key, "event"), charge.amount_minor
        match key.operation, _behaviour(charge):
            case PaymentOperation.AUTHORIZE, Behaviour.DECLINE:
                code = "CARD_DECLINED"
                return Declined(psp_event_id=psp_event_id, code=code, retryable=False)
            case PaymentOperation.AUTHORIZE, Behaviour.DECLINE_ONCE if self._is_first(charge):
                code = "TRY_AGAIN"
                return Declined(psp_event_id=psp_event_id, code=code, retryable=True)
            case PaymentOperation.AUTHORIZE, Behaviour.FAIL:
                return Failed(psp_event_id=psp_event_id, code="GATEWAY_ERROR")
            case PaymentOperation.CAPTURE, Behaviour.DECLINE_CAPTURE:
                return Failed(psp_event_id=psp_event_id, code="CAPTURE_DECLINED")
            case PaymentOperation.REFUND, Behaviour.FAIL_REFUND:
                return Failed(psp_event_id=psp_event_id, code="REFUND_DECLINED")
            case PaymentOperation.AUTHORIZE, _:
                reference = _derived(key, "reference")
                return Authorized(
                    psp_event_id=psp_event_id, amount_minor=amount, psp_reference=reference
                )
            case PaymentOperation.CAPTURE, _:
                reference = _derived(key, "reference")
                return Captured(
                    psp_event_id=psp_event_id, amount_minor=amount, psp_reference=reference
                )
            case PaymentOperation.VOID, _:
                return Voided(psp_event_id=psp_event_id, amount_minor=amount)
            case PaymentOperation.REFUND, _:
                return Refunded(psp_event_id=psp_event_id, amount_minor=amount)

    def _is_first(self, charge: Charge) -> bool:
        """Whether this is the first attempt to pay the order."""
        is_first = charge.order_id not in self._declined
        self._declined[charge.order_id] = None
        return is_first

    def _forget(self) -> None:
        """The oldest go: nobody asks for them any more."""
        if len(self.ledger) > self.operations_kept_max:
            del self.ledger[next(iter(self.ledger))]
        if len(self._declined) > self.operations_kept_max:
            del self._declined[next(iter(self._declined))]

    def _heard(self, key: GatewayKey, operation: Operation) -> Answer:
        """What the caller gets to hear of it now. Only authorizations are ever kept silent."""
        if key.operation is not PaymentOperation.AUTHORIZE:
            return operation.answer
        match _behaviour(operation.charge):
            case Behaviour.LOST:
                is_silent = True
            case Behaviour.TIMEOUT:
                is_silent = not operation.queried
            case Behaviour.LATE:
                is_silent = self.clock() - operation.first_asked < self.late_seconds
            case _:
                is_silent = False
        return unknown(key) if is_silent else operation.answer

    def _notify(self, key: GatewayKey, answer: Answer) -> None:
        for notified in self._listeners:
            task = asyncio.create_task(_tell(notified, key, answer))
            self._notifying.add(task)
            task.add_done_callback(self._notifying.discard)


async def _tell(notified: Notified, key: GatewayKey, answer: Answer) -> None:
    """Told once: whoever could not listen asks for it."""
    try:
        await notified(key, answer)
    except Exception as error:  # noqa: BLE001 - the listener's own trouble
        _log.warning("what the sandbox said was not heard", key=str(key), error=repr(error))


def unknown(key: GatewayKey) -> Unknown:
    return Unknown(psp_event_id=_derived(key, "unknown"))


def _derived(key: GatewayKey, what: str) -> str:
    return str(uuid5(_IDS, f"{key}/{what}"))


def _behaviour(charge: Charge) -> Behaviour:
    word = charge.method.partition(":")[2]
    return Behaviour(word) if word in _WORDS else Behaviour.APPROVE


_WORDS: Final = frozenset(Behaviour)
