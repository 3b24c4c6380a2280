"""What every story is made of: what it reacts to, what it waits for, how it tries again."""

import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from orderlog.application.metadata import SYSTEM, caused_by
from orderlog.domain.aggregate import Event
from orderlog.domain.envelope import CommandMetadata
from orderlog.domain.rejections import Rejected


@dataclass(slots=True)
class Deadlines:
    """What a reaction wants to be woken for. They survive a restart, and may fire twice."""

    wanted: dict[str, datetime | None] = field(default_factory=dict[str, datetime | None])

    def set(self, key: str, due_at: datetime) -> None:
        self.wanted[key] = due_at

    def clear(self, key: str) -> None:
        self.wanted[key] = None


class Story(Protocol):
    """Reactions of one order come one after the other, and each may come again."""

    name: ClassVar[str]
    reacts_to: ClassVar[tuple[type[Event], ...]]

    async def react(self, event: Event, deadlines: Deadlines) -> None: ...

    async def due(self, order_id: str, deadline: str, deadlines: Deadlines) -> None:
        """A deadline that this story set has come."""
        ...

    async def give_up(self, order_id: str, event: Event | None, code: str) -> None:
        """A reaction has used up its retries: leave a stuck process for an operator."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How long to wait before another attempt: doubling, with a jitter that is always the same."""

    first_seconds: float
    longest_seconds: float
    attempts_max: int

    def pause_seconds(self, attempt: int, seed: str) -> float:
        """The pause after the attempt (1…): between half of its length and the whole."""
        whole = min(self.first_seconds * 2.0 ** (attempt - 1), self.longest_seconds)
        jitter = random.Random(f"{seed}/{attempt}").random()  # noqa: S311 - guards nothing
        return whole * (0.5 + jitter / 2)


def metadata_of(cause: Event, command_id: str) -> CommandMetadata:
    """Metadata of a command that reacts to an event.

    An event with a business time of its own, as an import gives it, hands that time on.
    """
    occurred_at = cause.envelope.occurred_at
    is_historic = occurred_at != cause.timestamp
    return caused_by(
        cause.envelope, SYSTEM, command_id, occurred_at=occurred_at if is_historic else None
    )


def code_of(error: BaseException) -> str:
    """What a stuck process says about its cause."""
    return str(error.code) if isinstance(error, Rejected) else type(error).__name__


def is_retryable(error: BaseException) -> bool:
    """A rejection says so itself; whatever else went wrong may not go wrong again."""
    return error.retryable if isinstance(error, Rejected) else True
