"""`given(…).when(command).then(…)`: one aggregate, told as a story.

Each step is decided by the domain's own routing. After every `when`, the aggregate must equal the
one that its events rebuild, so that no story passes with a state that a replay would not find.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self, TypeVar, cast
from uuid import UUID

from orderlog.domain.aggregate import Aggregate, Event
from orderlog.domain.commands import Command
from orderlog.domain.envelope import Actor, ActorKind, CommandMetadata, EnvelopeSequence
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.routing import decide, rebuild

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
_AggregateT = TypeVar("_AggregateT", bound=Aggregate)
_EventT = TypeVar("_EventT", bound=Event)


@dataclass(frozen=True, eq=False)
class Happened:
    """An event as a story expects it: its class, and those fields that the story is about."""

    event_class: type[Event]
    fields: Mapping[str, object]

    def __eq__(self, other: object) -> bool:
        return type(other) is self.event_class and all(
            getattr(other, name) == value for name, value in self.fields.items()
        )

    def __hash__(self) -> int:
        return hash(self.event_class)

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.fields.items())
        return f"{self.event_class.__name__}({fields})"


def happened(event_class: type[Event], **fields: object) -> Happened:
    """Envelope, ids and times are never compared, nor any field that is not named here."""
    unknown = fields.keys() - set(event_class.__struct_fields__)
    assert not unknown, f"{event_class.__name__} has no {sorted(unknown)}"
    return Happened(event_class, fields)


def envelopes_of(number: int) -> EnvelopeSequence:
    """Those of the command with this number; each is a minute later than the one before."""
    at = NOW + timedelta(minutes=number)
    command_id = str(UUID(int=number << 16))
    actor = Actor(ActorKind.STAFF, "ada")
    return EnvelopeSequence(
        CommandMetadata(
            command_id=command_id,
            correlation_id=command_id,
            actor=actor,
            occurred_at=at,
            recorded_at=at,
        )
    )


@dataclass
class Scenario:
    """What has happened to one aggregate so far, and what the last command led to."""

    aggregate: Aggregate | None = None
    events: list[Event] = field(default_factory=list[Event])
    new: list[Event] = field(default_factory=list[Event])
    rejection: Rejected | None = None
    commands_sent: int = 0

    def when(self, command: Command) -> Self:
        """Sends a command; what it led to waits for a `then`."""
        self.rejection, self.new = None, []
        self.commands_sent += 1
        try:
            self.aggregate = decide(self.aggregate, command, envelopes_of(self.commands_sent))
        except Rejected as rejection:
            self.rejection = rejection
        if self.aggregate is not None:
            self.new = cast("list[Event]", list(self.aggregate.collect_events()))
        self.events += self.new
        assert not (self.rejection and self.new), "a rejection leaves no event behind"
        assert self.aggregate == rebuild(self.events), "the replay differs from the aggregate"
        return self

    def then(self, *expected: type[Event] | Happened) -> Self:
        """Exactly these events, in this order."""
        if self.rejection:
            raise self.rejection
        wanted = [one if isinstance(one, Happened) else happened(one) for one in expected]
        assert wanted == self.new
        return self

    def then_nothing(self) -> Self:
        return self.then()

    def then_rejected(self, code: ErrorCode, /, **details: object) -> Self:
        """With this code, and with all the details that are named here."""
        assert self.rejection is not None, f"not rejected: {self.new}"
        assert self.rejection.code is code, f"{self.rejection.code}: {self.rejection}"
        actual = {name: self.rejection.details.get(name) for name in details}
        assert actual == details
        return self

    def state(self, kind: type[_AggregateT]) -> _AggregateT:
        assert isinstance(self.aggregate, kind)
        return self.aggregate

    def last(self, event_class: type[_EventT]) -> _EventT:
        """The latest event of this class."""
        return next(one for one in reversed(self.events) if isinstance(one, event_class))


def given(*steps: Command | Event) -> Scenario:
    """A past made of commands that must succeed, or of events as they were recorded."""
    scenario = Scenario()
    for step in steps:
        if isinstance(step, Event):
            scenario.events.append(step)
            scenario.aggregate = step.mutate(scenario.aggregate)
        elif scenario.when(step).rejection:
            raise scenario.rejection or AssertionError
    return scenario
