"""What a payment gateway is asked, and what it answers. Amounts are minor units.

A gateway key names one operation for ever. The same key asked again gives the same answer and
moves no money twice; that is what makes asking again after a silence harmless.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TypeAlias

from orderlog.domain.payments.events import PaymentOperation


class GatewayKey(NamedTuple):
    """`payment ∥ operation ∥ n`, where `n` numbers or names the operation within the payment."""

    payment_id: str
    operation: PaymentOperation
    n: str = "1"

    def __str__(self) -> str:
        return "/".join(self)

    @classmethod
    def parse(cls, text: str) -> "GatewayKey":
        payment_id, operation, n = text.split("/", 2)
        return cls(payment_id, PaymentOperation(operation), n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What an operation is about. `psp_reference` is the authorization's, once there is one."""

    order_id: str
    method: str
    amount_minor: int
    currency: str
    psp_reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """Every answer has the gateway's own id, by which it is applied once."""

    psp_event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorized(_Answer):
    amount_minor: int
    psp_reference: str
    authorized_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined(_Answer):
    code: str
    retryable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(_Answer):
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured(_Answer):
    amount_minor: int
    psp_reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Voided(_Answer):
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded(_Answer):
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(_Answer):
    """Not settled yet, or never heard of: ask again with the same key."""


Answer: TypeAlias = Authorized | Declined | Failed | Captured | Voided | Refunded | Unknown

Notified: TypeAlias = Callable[[GatewayKey, Answer], Awaitable[None]]
"""Where a gateway brings what it says unasked: late, twice, in any order."""


class PaymentGateway(Protocol):
    """Any method may be slow, raise, or never return: each of these means an unknown outcome."""

    def listen(self, notified: Notified) -> None: ...

    async def authorize(self, key: GatewayKey, charge: Charge) -> Answer: ...

    async def capture(self, key: GatewayKey, charge: Charge) -> Answer: ...

    async def void(self, key: GatewayKey, charge: Charge) -> Answer: ...

    async def refund(self, key: GatewayKey, charge: Charge) -> Answer: ...

    async def query(self, key: GatewayKey) -> Answer:
        """What became of an operation; moves no money."""
        ...
