"""How far a read model is, and what it could not apply, as it is shown."""

from datetime import datetime
from typing import Self

import strawberry

from orderlog_projections.dead_letters import DeadLetter as Letter
from orderlog_projections.dead_letters import ParkedKey
from orderlog_projections.paging import Page
from orderlog_projections.registry import name_of
from orderlog_projections.status import ProjectionStatus
from orderlog_schema.permissions import ADMIN
from orderlog_schema.relay import PageInfo, page_info_of
from orderlog_schema.scalars import BigInt, Decimal, Position


@strawberry.type(description="A read model, and how far it has read the log.", directives=[ADMIN])
class Projection:
    name: str = strawberry.field(description="Its name.")
    position: Position = strawberry.field(description="How far it has read.")
    head: Position = strawberry.field(description="Where the log ends.")
    lag: BigInt = strawberry.field(description="How many positions lie between.")
    lag_seconds: Decimal = strawberry.field(
        description="How old the first event is that it has not read; 0 at the end of the log."
    )
    parked_keys: int = strawberry.field(
        description="How many of its keys stand still: see `deadLetters`."
    )
    error: str | None = strawberry.field(description="Why the database does not let it go on.")

    @classmethod
    def of(cls, status: ProjectionStatus) -> Self:
        return cls(
            name=status.name,
            position=Position(status.position),
            head=Position(status.head),
            lag=BigInt(status.lag),
            lag_seconds=Decimal(f"{status.lag_seconds:.3f}"),
            parked_keys=status.parked_keys,
            error=status.error,
        )


@strawberry.type(
    description=(
        "An event that a read model could not apply. Later events of its key wait behind it; the "
        "row stays as it was before."
    ),
    directives=[ADMIN],
)
class DeadLetter:
    projection: str = strawberry.field(description="The read model.")
    table: str = strawberry.field(description="Its table.")
    key: str = strawberry.field(
        description="The key of the row that stands still, or a stream where that is not known."
    )
    position: Position = strawberry.field(description="The event at fault.")
    type: str = strawberry.field(description="Its type, as it is stored.")
    stream_id: str = strawberry.field(description="Its stream.")
    stream_version: int = strawberry.field(description="Its place in the stream.")
    error: str = strawberry.field(description="The fault, and the place in the code.")
    parked_at: datetime = strawberry.field(description="When it was set aside.")
    event_count: int = strawberry.field(description="How many events wait, this one included.")
    last_position: Position = strawberry.field(description="The last event that waits.")

    @classmethod
    def of(cls, parked: ParkedKey) -> Self:
        letter = parked.first
        return cls(
            projection=name_of(letter.projection),
            table=letter.table_name,
            key=letter.key,
            position=Position(letter.position),
            type=letter.topic,
            stream_id=letter.stream_id,
            stream_version=letter.version,
            error=letter.error or "",
            parked_at=letter.parked_at,
            event_count=parked.event_count,
            last_position=Position(parked.last_position),
        )


@strawberry.type(description="A dead letter and its place in the list.", directives=[ADMIN])
class DeadLetterEdge:
    cursor: str = strawberry.field(description="The place.")
    node: DeadLetter = strawberry.field(description="The dead letter.")


@strawberry.type(
    description="A page of dead letters, one for each key, in the order of the log.",
    directives=[ADMIN],
)
class DeadLetterConnection:
    edges: list[DeadLetterEdge] = strawberry.field(description="Dead letters with their cursors.")
    nodes: list[DeadLetter] = strawberry.field(description="Dead letters without.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")

    @classmethod
    def of(cls, page: Page[Letter], keys: list[ParkedKey]) -> Self:
        nodes = [DeadLetter.of(one) for one in keys]
        pairs = zip(page.cursors, nodes, strict=True)
        return cls(
            edges=[DeadLetterEdge(cursor=cursor, node=node) for cursor, node in pairs],
            nodes=nodes,
            page_info=page_info_of(page),
        )
