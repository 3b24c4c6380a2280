"""Aggregates and events: the `eventsourcing` library's, on msgspec structs, with our envelope.

An aggregate keeps one order of things: `begin` or `handle` decide, `record` appends an event,
`evolve` changes state and decides nothing.
"""

from datetime import datetime
from typing import Any, ClassVar, Self

import msgspec
from eventsourcing.domain import BaseAggregate, CanInitAggregate, CanMutateAggregate
from eventsourcing.utils import register_topic

from orderlog.domain.envelope import Envelope, EnvelopeSequence

EVENT_TYPES: dict[str, type["Event"]] = {}
"""Every event class by its topic: the only names that a stored event may resolve to."""

AGGREGATE_TYPES: dict[str, type["Aggregate"]] = {}
"""Every aggregate class by its topic."""


class Event(
    msgspec.Struct,
    CanMutateAggregate[str],
    frozen=True,
    kw_only=True,
    omit_defaults=True,
):
    """Something that happened to one aggregate. Subclasses add data, a `TOPIC` and nothing else.

    `originator_id` is the stream, `originator_version` the place in it, `timestamp` the time of
    recording. The first two have defaults so that the codec can leave out what columns hold.
    """

    TOPIC: ClassVar[str]

    originator_id: str = ""
    originator_version: int = 0
    timestamp: datetime
    envelope: Envelope

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "TOPIC" in cls.__dict__:
            EVENT_TYPES[cls.TOPIC] = cls
            register_topic(cls.TOPIC, cls)

    def apply(self, aggregate: Any) -> None:  # noqa: ANN401 - the library's own signature
        aggregate.evolve(self)

    def _as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__struct_fields__}


class Created(Event, CanInitAggregate[str], frozen=True, kw_only=True):
    """The first event of a stream."""

    originator_topic: str

    def mutate(self, aggregate: Any) -> Any:  # noqa: ANN401 - the library's own signature
        """Evolves an empty aggregate: what an event's fields mean is said in `evolve` alone."""
        assert aggregate is None  # noqa: S101 - as the library does
        begun = AGGREGATE_TYPES[self.originator_topic].empty(self.originator_id, self.timestamp)
        self.apply(begun)
        return begun


class Aggregate(BaseAggregate[str]):
    """What orders, stock items, payments and processes share: how an event is recorded.

    Each is a dataclass whose fields are its state, typed, with the values that no event has set
    yet: that is what a snapshot keeps.
    """

    TOPIC: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "TOPIC" in cls.__dict__:
            AGGREGATE_TYPES[cls.TOPIC] = cls

    @classmethod
    def begin(cls, command: Any, envelopes: EnvelopeSequence) -> Self:  # noqa: ANN401 - each narrows it
        """Decides on a command that creates a stream."""
        raise NotImplementedError

    def handle(self, command: Any, envelopes: EnvelopeSequence) -> None:  # noqa: ANN401 - each narrows it
        """Decides on a command: records events, nothing, or raises `Rejected`.

        Each aggregate narrows the command to its own union; `routing` picks the aggregate.
        """
        raise NotImplementedError

    def evolve(self, event: Any) -> None:  # noqa: ANN401 - each narrows it
        """Changes the state by what happened, and decides nothing."""
        raise NotImplementedError

    @classmethod
    def empty(cls, stream_id: str, created_on: datetime) -> Self:
        """The state before any event. To call the class itself would trigger one."""
        aggregate = cls.__new__(cls)
        aggregate.__base_init__(stream_id, cls.INITIAL_VERSION, created_on)
        cls.__init__(aggregate)
        return aggregate

    @classmethod
    def start(
        cls, stream_id: str, envelopes: EnvelopeSequence, event_class: type[Created], **data: object
    ) -> Self:
        """Creates the aggregate with its first event."""
        return cls._create(
            event_class,
            id=stream_id,
            timestamp=envelopes.metadata.recorded_at,
            envelope=envelopes.next(),
            **data,
        )

    def record(self, envelopes: EnvelopeSequence, event_class: type[Event], **data: object) -> None:
        """Appends an event and evolves by it."""
        self.trigger_event(
            event_class,
            timestamp=envelopes.metadata.recorded_at,
            envelope=envelopes.next(),
            **data,
        )
