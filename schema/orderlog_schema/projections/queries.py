"""Asked: how far the read models are, and what they have set aside."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from orderlog_projections.dead_letters import page_of_keys
from orderlog_projections.registry import serving_keys
from orderlog_schema.arguments import After, Before, First, Last, window_of
from orderlog_schema.context import Info
from orderlog_schema.cost import ASKING, listed, paged
from orderlog_schema.fields import asked
from orderlog_schema.given import given
from orderlog_schema.permissions import ADMIN
from orderlog_schema.projections.types import DeadLetterConnection, Projection


@strawberry.type
class ProjectionQueries:
    @asked(
        "Every read model, and how far it has read the log. 1 query and 2 for the lags.",
        ASKING,
        listed(10),
        to=ADMIN,
    )
    async def projections(self, info: Info) -> list[Projection]:
        return [Projection.of(one) for one in await info.context.read_models.statuses()]

    @asked(
        "What read models could not apply: the first event of each key. 2 queries.",
        ASKING,
        paged(),
        to=ADMIN,
    )
    async def dead_letters(
        self,
        info: Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        projection: Annotated[
            str | None, strawberry.argument(description="Only those of this read model.")
        ] = UNSET,
    ) -> DeadLetterConnection:
        window = window_of(first, after, last, before)
        page, keys = await info.context.read_models.read(
            lambda connection: page_of_keys(
                connection, window, serving_keys(given(projection)), info.context.reach
            )
        )
        return DeadLetterConnection.of(page, keys)
