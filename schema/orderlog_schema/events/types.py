"""An event of the log, as it is shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import strawberry
from strawberry import ID

from orderlog.consumers.event_log import LoggedEvent, RecordedEvent, logged
from orderlog.domain.envelope import ActorKind
from orderlog_schema.permissions import OWNERS_AND_STAFF, STAFF
from orderlog_schema.relay import PageInfo, page_info
from orderlog_schema.scalars import JSON, Position, describe_enum

describe_enum(
    ActorKind,
    "What kind of actor asked for something.",
    {
        "CUSTOMER": "A customer of the shop.",
        "STAFF": "Somebody who works there.",
        "APP": "Another application.",
        "SYSTEM": "The platform itself: a process or a timer.",
    },
)


@strawberry.type(description="Who asked.", directives=[STAFF])
class Actor:
    kind: ActorKind = strawberry.field(description="What kind of actor.")
    id: str = strawberry.field(description="Who of them.")


@strawberry.type(
    description="Something that happened, as the log keeps it: it never changes.",
    directives=[OWNERS_AND_STAFF],
)
class DomainEvent:
    position: Position = strawberry.field(description="Its place in the whole log.")
    event_id: ID = strawberry.field(description="Its UUID.")
    type: str = strawberry.field(description="What happened: `OrderPlaced`.")
    schema_version: int = strawberry.field(description="The version of the shape of `data`.")
    stream_id: str = strawberry.field(description="To whom: `order-0198…`.")
    version: int = strawberry.field(description="Its place in that stream, from 1.")
    occurred_at: datetime = strawberry.field(
        description="When it happened; an import keeps the historic time."
    )
    recorded_at: datetime = strawberry.field(description="When it was written to the log.")
    actor: Actor = strawberry.field(description="Who asked for it.", directives=[STAFF])
    channel_id: str = strawberry.field(description="The channel that it came through.")
    command_id: ID = strawberry.field(
        description="The command that it came of.", directives=[STAFF]
    )
    correlation_id: ID = strawberry.field(
        description="The conversation that it belongs to.", directives=[STAFF]
    )
    causation_id: ID | None = strawberry.field(
        description="The event that caused it; null where a person or another program did.",
        directives=[STAFF],
    )
    data: JSON = strawberry.field(
        description="What is particular to this type of event; personal data in it is sealed.",
        directives=[STAFF],
    )

    @classmethod
    def of(cls, recorded: RecordedEvent) -> Self:
        event: LoggedEvent = logged(recorded)
        return cls(
            position=Position(event.position),
            event_id=ID(event.event_id),
            type=event.type,
            schema_version=event.schema_version,
            stream_id=event.stream_id,
            version=event.stream_version,
            occurred_at=event.occurred_at,
            recorded_at=event.recorded_at,
            actor=Actor(kind=event.actor.kind, id=event.actor.id),
            channel_id=event.channel_id,
            command_id=ID(event.command_id),
            correlation_id=ID(event.correlation_id),
            causation_id=None if event.causation_id is None else ID(event.causation_id),
            data=JSON(event.payload),
        )


@strawberry.type(description="An event and its place in a list.", directives=[OWNERS_AND_STAFF])
class DomainEventEdge:
    cursor: str = strawberry.field(description="The place: the event's position.")
    node: DomainEvent = strawberry.field(description="The event.")


@strawberry.type(
    description="A page of events in the order in which they happened.",
    directives=[OWNERS_AND_STAFF],
)
class DomainEventConnection:
    edges: list[DomainEventEdge] = strawberry.field(description="Events with their cursors.")
    nodes: list[DomainEvent] = strawberry.field(description="Events without.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")
    position: Position = strawberry.field(
        description="Read on `after` it: the last event here; on the last page, all that was read."
    )

    @classmethod
    def of(
        cls,
        events: Sequence[RecordedEvent],
        after: int,
        head: int,
        *,
        has_next: bool,
        cut_at: int | None = None,
    ) -> Self:
        """`head`: up to where nothing is missing here if no page follows.

        `cut_at`: up to there, where the search was broken off.
        """
        read_up_to = head if cut_at is None else cut_at
        last = events[-1].position if events else after
        nodes = [DomainEvent.of(event) for event in events]
        edges = [DomainEventEdge(cursor=str(node.position), node=node) for node in nodes]
        return cls(
            edges=edges,
            nodes=nodes,
            page_info=page_info(
                [edge.cursor for edge in edges],
                has_next=has_next or cut_at is not None,
                has_previous=after > 0,
            ),
            position=Position(last if has_next else max(last, read_up_to)),
        )
