"""Who did what, when and why: the metadata that travels with every command and event."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import msgspec

DEFAULT_CHANNEL = "default"


class ActorKind(StrEnum):
    CUSTOMER = "CUSTOMER"
    STAFF = "STAFF"
    APP = "APP"
    SYSTEM = "SYSTEM"


class Actor(msgspec.Struct, frozen=True, array_like=True):
    """Who asked: a customer, a member of staff, another application or `orderlog` itself."""

    kind: ActorKind
    id: str


class Envelope(msgspec.Struct, frozen=True, array_like=True):
    """What every event carries beside its data. Stored as an array: there are millions of them.

    `occurred_at` is the business time (an import keeps the historic time); the event's own
    `timestamp` is when it was recorded.
    """

    command_id: str
    index: int
    correlation_id: str
    causation_id: str | None
    actor: Actor
    channel_id: str
    occurred_at: datetime

    @property
    def event_id(self) -> str:
        """The command's UUID with `index + 1` added to its last 16 bits: the same at each retry."""
        head, tail = self.command_id[:-4], self.command_id[-4:]
        return f"{head}{(int(tail, 16) + self.index + 1) & 0xFFFF:04x}"


class CommandMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """What a command is sent with. Ids are UUIDs in text form, times are UTC.

    All commands that commit together share one metadata, and so one `command_id`.
    """

    command_id: str
    correlation_id: str
    actor: Actor
    occurred_at: datetime
    recorded_at: datetime
    causation_id: str | None = None
    channel_id: str = DEFAULT_CHANNEL


@dataclass(slots=True)
class EnvelopeSequence:
    """Numbers the events of one command, over all the aggregates that it touches."""

    metadata: CommandMetadata
    count: int = field(default=0)

    def next(self) -> Envelope:
        metadata, index = self.metadata, self.count
        self.count = index + 1
        return Envelope(
            metadata.command_id,
            index,
            metadata.correlation_id,
            metadata.causation_id,
            metadata.actor,
            metadata.channel_id,
            metadata.occurred_at,
        )
