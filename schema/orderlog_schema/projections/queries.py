"""Asked: how far the read models are."""

import strawberry

from orderlog_schema.context import Info
from orderlog_schema.fields import asked
from orderlog_schema.projections.types import Projection
from orderlog_schema.scalars import BigInt, Position


@strawberry.type
class ProjectionQueries:
    @asked("Every read model, and how far it has read the log. 1 query.")
    async def projections(self, info: Info) -> list[Projection]:
        return [
            Projection(
                name=status.name,
                position=Position(status.position),
                head=Position(status.head),
                lag=BigInt(status.lag),
                error=status.error,
            )
            for status in await info.context.read_models.statuses()
        ]
