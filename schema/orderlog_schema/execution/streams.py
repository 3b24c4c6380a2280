"""Subscriptions, without what every event would leave behind."""

from typing import Any

from graphql.pyutils import RefMap
from strawberry.schema._graphql_core import GraphQLExecutionContext
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext


class StreamExecutor(StrawberryGraphQLCoreExecutionContext):
    """Gives every event memos of its own.

    The library lets all events of a subscription share them, keyed by lists that are new each
    time: a kilobyte and a half per event, for as long as the subscription lives.
    """

    def build_per_event_executor(self, payload: Any) -> GraphQLExecutionContext[Any]:  # noqa: ANN401 - any event
        executor: GraphQLExecutionContext[Any]
        executor = super().build_per_event_executor(payload)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] - untyped there
        vars(executor).update(
            _relevant_sub_fields={},
            _stream_usages=RefMap(),
            _initial_execution_plans=RefMap(),
            _deferred_execution_plans=RefMap(),
        )
        return executor
