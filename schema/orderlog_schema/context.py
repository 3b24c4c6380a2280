"""What resolvers need: made by the server, one for each request or connection."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias, TypeVar

import strawberry

from orderlog.application.channels import Channels
from orderlog.application.command_bus import CommandBus
from orderlog.application.order_numbers import OrderNumbers
from orderlog.application.personal_data import PersonalData
from orderlog.consumers.event_log import EventLog
from orderlog.consumers.live import Hub
from orderlog.domain.envelope import DEFAULT_CHANNEL, Actor, ActorKind

T = TypeVar("T")

MIN_POSITION_SECONDS_MAX: Final = 2.0
ANONYMOUS: Final = Actor(ActorKind.APP, "anonymous")
"""Who asks until authentication exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectionStatus:
    """How far a projection has read the log; `error` is what it has stumbled over."""

    name: str
    position: int
    head: int
    error: str | None = None


class ReadModels(Protocol):
    """The door to the read models."""

    async def read(self, query: Callable[[Any], T]) -> T:
        """Runs a query, given a connection, in a thread of its own."""
        ...

    async def wait(self, position: int, timeout_seconds: float) -> bool:
        """Whether every projection has read up to a position, at the latest after the timeout."""
        ...

    async def statuses(self) -> Sequence[ProjectionStatus]:
        """How far each projection is."""
        ...

    def changes(self, projection: str) -> AsyncGenerator[tuple[int, frozenset[str]]]:
        """From now on: a position that a projection has reached, and the keys that changed."""
        ...


@dataclass(frozen=True, kw_only=True)
class Context:
    """Shared parts of the process, and who is asking."""

    bus: CommandBus
    channels: Channels
    order_numbers: OrderNumbers
    personal_data: PersonalData
    log: EventLog
    hub: Hub
    read_models: ReadModels
    actor: Actor = ANONYMOUS
    channel_id: str = DEFAULT_CHANNEL


Info: TypeAlias = strawberry.Info[Context, None]
