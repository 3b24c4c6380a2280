"""How far a read model is, as it is shown."""

import strawberry

from orderlog_schema.scalars import BigInt, Position


@strawberry.type(description="A read model, and how far it has read the log.")
class Projection:
    name: str = strawberry.field(description="Its name.")
    position: Position = strawberry.field(description="How far it has read.")
    head: Position = strawberry.field(description="Where the log ends.")
    lag: BigInt = strawberry.field(description="How many positions lie between.")
    error: str | None = strawberry.field(description="What it has stumbled over.")
