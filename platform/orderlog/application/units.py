"""What is put to the writer, what it decided, and what the sender is told."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from orderlog.application.idempotency import IdempotencyKey
from orderlog.domain.aggregate import Aggregate, Event
from orderlog.domain.commands import Command
from orderlog.domain.envelope import CommandMetadata
from orderlog.eventstore.claims import Claim
from orderlog.eventstore.recorder import AppendUnit
from orderlog.eventstore.store import RecordedEvent


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a command did. Without an event, `position` is where the log stood."""

    position: int
    events: tuple[RecordedEvent, ...]
    replayed: bool = False


Sight: TypeAlias = Callable[[Aggregate], bool]
"""Whether somebody sees an aggregate; what they do not see does not exist for them."""


@dataclass(slots=True, eq=False)
class Unit:
    """Commands that commit together, or not at all. `answer` is told a `Receipt` or an exception.

    A unit is decided in good hope first: what a command creates is taken to be absent, and a key
    to be new, until the log says otherwise. From then on it `must_look` before it is decided.
    What its sender does not see is decided on as if it were absent.
    With a `claim` it is the work of a duty, which another process may have taken over.
    """

    commands: Sequence[Command]
    metadata: CommandMetadata
    answer: Callable[[Any], None]
    expected_version: int | None = None
    idempotency: IdempotencyKey | None = None
    claim: Claim | None = None
    sees: Sight | None = None
    attempts: int = 0
    must_look: bool = False
    streams: tuple[str, ...] = field(init=False)
    """The stream of each command."""

    def __post_init__(self) -> None:
        self.streams = tuple([command.stream_id for command in self.commands])


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Something to read off an aggregate's newest state, told when that state is durable."""

    stream_id: str
    read: Callable[[Aggregate | None], Any]
    answer: Callable[[Any], None]


Asked: TypeAlias = Unit | Question


@dataclass(slots=True, eq=False)
class Decision:
    """What became of a unit or a question, on the state in memory that `streams` had.

    With an `append` it is told when that is committed; else `outcome` is told as soon as all that
    was decided before it is durable.
    """

    asked: Asked
    streams: Collection[str]
    outcome: Any = None
    events: Sequence[Event] = ()
    append: AppendUnit | None = None
    size: int = 0


class Settled(NamedTuple):
    """What became of a group: to be told for good, or to be decided again without `lost` state.

    `lost` are streams whose newest state in memory never happened; whoever hears of it forgets
    them, and says so by the number of this `loss`.
    """

    told: Sequence[Decision]
    returned: Sequence[Decision] = ()
    lost: frozenset[str] = frozenset()
    loss: int = 0
