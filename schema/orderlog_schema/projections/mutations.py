"""Told: what an operator does about dead letters. Read models change by it, the log does not."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from orderlog.domain.rejections import Rejected
from orderlog_projections.reach import Reach
from orderlog_projections.replay import Where
from orderlog_schema.context import Info
from orderlog_schema.cost import TELLING, listed
from orderlog_schema.errors import UserError, user_error
from orderlog_schema.fields import told
from orderlog_schema.given import given
from orderlog_schema.permissions import ADMIN


@strawberry.input(description="Which dead letters are meant.")
class ReplayDeadLettersInput:
    projection: str = strawberry.field(description="The read model.")
    key: str = strawberry.field(description="The key, as `deadLetters` shows it.")
    table: str | None = strawberry.field(
        default=UNSET, description="Only this table; all of the read model where not given."
    )

    def where(self, reach: Reach) -> Where:
        return Where(self.projection, self.key, given(self.table), reach)


@strawberry.input(description="Which dead letters are given up, and why.")
class DiscardDeadLettersInput(ReplayDeadLettersInput):
    reason: str = strawberry.field(description="Why they may be missing; the server logs it.")


@strawberry.type(description="What came of `replayDeadLetters`.", directives=[ADMIN])
class ReplayDeadLettersPayload:
    applied: int = strawberry.field(description="How many events are in their rows now.")
    waiting: int = strawberry.field(description="How many wait on, for one of them failed again.")
    cause: str | None = strawberry.field(description="Why it failed again.")
    errors: list[UserError] = strawberry.field(
        description="Why nothing was done; empty when it was tried.", directives=[listed(1)]
    )


@strawberry.type(description="What came of `discardDeadLetters`.", directives=[ADMIN])
class DiscardDeadLettersPayload:
    discarded: int = strawberry.field(
        description="How many events their rows will lack, until the read model is rebuilt."
    )
    errors: list[UserError] = strawberry.field(
        description="Why nothing was done; empty when it was done.", directives=[listed(1)]
    )


Replay = Annotated[ReplayDeadLettersInput, strawberry.argument(description="Which are meant.")]
Discard = Annotated[DiscardDeadLettersInput, strawberry.argument(description="Which, and why.")]


@strawberry.type
class ProjectionMutations:
    @told(
        "Applies the events of a parked key in order, as far as they apply by now.",
        TELLING,
        to=ADMIN,
    )
    async def replay_dead_letters(self, info: Info, input: Replay) -> ReplayDeadLettersPayload:
        try:
            done = await info.context.read_models.replay(input.where(info.context.reach))
        except Rejected as rejection:
            errors = [user_error(rejection)]
            return ReplayDeadLettersPayload(applied=0, waiting=0, cause=None, errors=errors)
        return ReplayDeadLettersPayload(
            applied=done.applied, waiting=done.waiting, cause=done.error, errors=[]
        )

    @told(
        "Gives the events of a parked key up: it goes on with its next event, without these.",
        TELLING,
        to=ADMIN,
    )
    async def discard_dead_letters(self, info: Info, input: Discard) -> DiscardDeadLettersPayload:
        try:
            letters = await info.context.read_models.discard(
                input.where(info.context.reach), input.reason
            )
        except Rejected as rejection:
            return DiscardDeadLettersPayload(discarded=0, errors=[user_error(rejection)])
        return DiscardDeadLettersPayload(discarded=len(letters), errors=[])
