"""The library's executor, made for one operation at a time: what a plan cannot do, it does."""

# The library's types are generic over others that it does not name:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
# pyright: reportArgumentType=false, reportPrivateUsage=false

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any, Self, TypeGuard, cast

import strawberry
from graphql import (
    ExecutionResult,
    Executor,
    GraphQLError,
    GraphQLSchema,
    create_source_event_stream,
    map_source_to_response_event,
)
from graphql.execution import VariableValues
from graphql.execution.executor import default_field_resolver, default_type_resolver
from graphql.pyutils import RefMap
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from orderlog_schema.context import Context
from orderlog_schema.execution.operations import Operation


class Reference(Executor[None]):
    """Executes by the specification, with the errors and paths that clients know."""

    operation_extensions = None
    build_resolve_info: Any = StrawberryGraphQLCoreExecutionContext.build_resolve_info

    @classmethod
    def of(
        cls,
        schema: GraphQLSchema,
        operation: Operation,
        variables: VariableValues,
        context: Context,
    ) -> Self:
        return cls(
            schema,
            operation.fragments,
            operation.fragment_details,
            None,
            context,
            operation.node,
            variables,
            default_field_resolver,
            default_type_resolver,
            default_field_resolver,
            is_awaitable=cast("Callable[[Any], TypeGuard[Awaitable[Any]]]", optimized_is_awaitable),
        )

    async def run(self) -> ExecutionResult:
        """Runs to the end; what even the library does not expect is an error of the whole."""
        try:
            result = self.execute_operation()
            if self.is_awaitable(result):
                result = await result
            return cast("ExecutionResult", result)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
            return failed(error)

    async def results(self) -> AsyncGenerator[ExecutionResult] | ExecutionResult:
        """Those of a subscription, one for every event; or why there are none."""
        try:
            source = create_source_event_stream(self)
        except StopIteration:
            return failed(GraphQLError("A subscription selects a field.", self.operation))
        if self.is_awaitable(source):
            source = await source
        if isinstance(source, ExecutionResult):
            return source
        return map_source_to_response_event(self, cast("AsyncIterator[Any]", source))

    def build_per_event_executor(self, payload: Any) -> "Reference":  # noqa: ANN401 - any event
        """Gives every event memos of its own.

        The library lets all events of a subscription share them, keyed by lists that are new each
        time: a kilobyte and a half per event, for as long as the subscription lives.
        """
        executor = cast("Reference", super().build_per_event_executor(payload))
        vars(executor).update(_relevant_sub_fields={}, _stream_usages=RefMap())
        return executor


def failed(error: Exception) -> ExecutionResult:
    if not isinstance(error, GraphQLError):
        error = GraphQLError(str(error), original_error=error)
    return ExecutionResult(None, [error])


def graphql_of(schema: strawberry.Schema) -> GraphQLSchema:
    """What Strawberry makes of its types, for the library below."""
    return schema._schema  # noqa: SLF001 - it has no other door
