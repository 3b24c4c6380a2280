"""Where operations are executed, whatever they came by: HTTP, a WebSocket or a shared stream.

A transport asks the executor of its schema:

    executor = build_schema().executor
    answered = await executor.execute(Asked(query, variables, operation_name), context)
    answered.body            # the whole GraphQL response in JSON, as bytes
    answered.is_refused      # nothing was executed: the response has no `data`, only `errors`
    executor.kind_of(asked)  # query, mutation, subscription; none where it cannot be understood

A subscription is answered by `stream`, which yields such an answer for every event, or a single
refusal. What many watch is shared by `sharing.Streams(executor)`.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, NamedTuple

import orjson
import strawberry
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLFormattedError,
    GraphQLSchema,
    OperationType,
)
from graphql.execution.values import VariableValues, get_variable_values

from orderlog.consumers.following import Part
from orderlog_schema.context import Context
from orderlog_schema.execution.answers import Answers, is_of_read_models
from orderlog_schema.execution.charging import charged
from orderlog_schema.execution.coercion import Coercion, coerced
from orderlog_schema.execution.documents import DocumentCache, refusal
from orderlog_schema.execution.operations import Asked, Operation
from orderlog_schema.execution.permits import Permits
from orderlog_schema.execution.planned import Planned
from orderlog_schema.execution.plans import PlanCounts, Plans
from orderlog_schema.execution.pricing import Prices
from orderlog_schema.execution.reference import Reference, failed, graphql_of
from orderlog_schema.faults import give_codes
from orderlog_schema.limits import ERRORS_MAX
from orderlog_schema.principals import Principal

UNKNOWN: Final = "none"
"""The kind of what cannot be understood."""
NONE: Final[Mapping[str, object]] = {}


class Answered(NamedTuple):
    """What came of an operation. Every error has its code.

    `encoded` is the data in JSON, where that is at hand; what is given again has nothing else.
    """

    data: dict[str, Any] | None
    errors: Sequence[GraphQLError] = ()
    extensions: Mapping[str, object] = NONE
    is_refused: bool = False
    encoded: bytes | None = None

    @property
    def formatted_errors(self) -> list[GraphQLFormattedError]:
        return [error.formatted for error in self.errors]

    @property
    def body(self) -> bytes:
        """The response in JSON, without `data` where nothing was executed."""
        data = self.data if self.encoded is None else orjson.Fragment(self.encoded)
        response: dict[str, Any] = {} if self.is_refused else {"data": data}
        if self.errors:
            response["errors"] = self.formatted_errors
        if self.extensions:
            response["extensions"] = self.extensions
        return orjson.dumps(response)


class Prepared(NamedTuple):
    """An operation that may be executed, and what the answer says besides."""

    reference: Reference
    extensions: Mapping[str, object]


class Executor:
    """Executes the operations of one schema: neither `execute` nor `stream` raises.

    Without permits everybody may ask for everything, without prices nothing costs anything.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        permits: Permits | None = None,
        prices: Prices | None = None,
        planned_from_use: int = 2,
        *,
        is_revealing: bool = True,
    ) -> None:
        self._schema = graphql_of(schema)
        self._is_revealing = is_revealing
        self.answers = Answers()
        self.documents = DocumentCache(self._schema, is_revealing=is_revealing)
        self._plans = Plans(self._schema, schema.config)
        self._permits = permits
        self._prices = prices
        self._coercion = Coercion(self._schema)
        self._planned_from_use = planned_from_use

    @property
    def counts(self) -> PlanCounts:
        return self._plans.counts

    def operation_of(self, asked: Asked) -> Operation | list[GraphQLError]:
        """The operation that is meant, or what is wrong with the document."""
        document = self.documents.find(asked.query)
        if document.errors:
            return document.errors
        operation = document.operation(asked.operation_name)
        return operation if isinstance(operation, Operation) else [operation]

    def kind_of(self, asked: Asked) -> str:
        """`query`, `mutation` or `subscription`, of an invalid document too; or `none`."""
        operation = self.documents.find(asked.query).operation(asked.operation_name)
        return operation.kind.value if isinstance(operation, Operation) else UNKNOWN

    def live(self, asked: Asked) -> Asked | None:
        """What of a subscription can be shared: all but where one goes on. None for the rest."""
        operation = self.operation_of(asked)
        return operation.live(asked) if isinstance(operation, Operation) else None

    async def execute(self, asked: Asked, context: Context) -> Answered:
        """Runs a query or a mutation."""
        operation = self.operation_of(asked)
        if isinstance(operation, list):
            return refused(*operation)
        if operation.kind is OperationType.SUBSCRIPTION:
            refusals = self._refusals(operation, context.principal)
            return refused(*refusals or [refusal("A subscription is not answered once.")])
        if is_of_read_models(operation):
            return await self._answered_once(operation, asked, context)
        return await self._answered_anew(operation, asked, context)

    async def _answered_once(
        self, operation: Operation, asked: Asked, context: Context
    ) -> Answered:
        """Said again where it was said already, to whom it may be said, and would be the same."""
        question = asked.key(context.principal.scope)
        moves = context.read_models.moves
        data = self.answers.find(question, moves)
        if data is not None:
            return self._paid(operation, asked, context, data)
        fresh = await self._answered_anew(operation, asked, context)
        if fresh.errors:
            return fresh
        data = orjson.dumps(fresh.data)
        self.answers.keep(question, data, moves)
        return fresh._replace(encoded=data)

    def _paid(self, operation: Operation, asked: Asked, context: Context, data: bytes) -> Answered:
        try:
            extensions = self._charged(operation, asked.variables, context)
        except GraphQLError as error:
            return refused(error)
        return Answered(None, extensions=extensions, encoded=data)

    async def _answered_anew(
        self, operation: Operation, asked: Asked, context: Context
    ) -> Answered:
        prepared = self._prepared(operation, asked, context)
        if isinstance(prepared, Answered):
            return prepared
        return answered(await prepared.reference.run(), prepared.extensions)

    async def stream(self, asked: Asked, context: Context) -> AsyncGenerator[Answered]:
        """Runs a subscription: an answer for every event."""
        operation = self.operation_of(asked)
        if isinstance(operation, list):
            yield refused(*operation)
            return
        prepared = self._prepared(operation, asked, context)
        if isinstance(prepared, Answered):
            yield prepared
            return
        results = await prepared.reference.results()
        if isinstance(results, ExecutionResult):
            yield refused(*results.errors or ())
            return
        try:
            async with aclosing(results):
                async for result in results:
                    yield answered(result)
        except Exception as error:  # noqa: BLE001 - the source's own: it ends the stream
            yield answered(failed(error))

    def _prepared(
        self, operation: Operation, asked: Asked, context: Context
    ) -> Prepared | Answered:
        if refusals := self._refusals(operation, context.principal):
            return refused(*refusals)
        variables = self._variables(operation, asked.variables)
        if isinstance(variables, list):
            return refused(*variables)
        try:
            extensions = self._charged(operation, asked.variables, context)
        except GraphQLError as error:
            return refused(error)
        return Prepared(self._reference(operation, variables, context), extensions)

    def _variables(
        self, operation: Operation, given: Mapping[str, Any]
    ) -> VariableValues | list[GraphQLError]:
        try:
            if operation.variables is None:
                operation.variables = self._coercion.variables(operation.node)
            return coerced(operation.variables, given)
        except Exception:  # noqa: BLE001 - the library says what is wrong
            return variables_anew(self._schema, operation, given, is_revealing=self._is_revealing)

    def _reference(
        self, operation: Operation, variables: VariableValues, context: Context
    ) -> Reference:
        """With a plan from the second use on; a subscription, with its many events, at once."""
        operation.uses += 1
        is_stream = operation.kind is OperationType.SUBSCRIPTION
        is_planned = is_stream or operation.uses >= self._planned_from_use
        plan = self._plans.find(operation, variables) if is_planned else None
        if plan is None:
            return Reference.of(self._schema, operation, variables, context)
        return Planned.of(self._schema, operation, variables, context).follow(plan)

    def _refusals(self, operation: Operation, principal: Principal) -> Sequence[GraphQLError]:
        if self._permits is None:
            return ()
        if operation.permit is None:
            operation.permit = self._permits.permit(operation.node, operation.fragments)
        return operation.permit.refusals(principal.audiences)

    def _charged(
        self, operation: Operation, variables: Mapping[str, Any], context: Context
    ) -> Mapping[str, object]:
        """Raises `GraphQLError`. The live part of a subscription was paid for with its past."""
        if self._prices is None or context.reading.part is Part.LIVE:
            return {}
        if operation.price is None:
            operation.price = self._prices.of(operation.node, operation.fragments)
        return charged(operation.price, variables, context)


def variables_anew(
    schema: GraphQLSchema, operation: Operation, given: Mapping[str, Any], *, is_revealing: bool
) -> VariableValues | list[GraphQLError]:
    definitions = operation.node.variable_definitions or ()
    try:
        return get_variable_values(
            schema, definitions, dict(given), ERRORS_MAX, hide_suggestions=not is_revealing
        )
    except Exception as error:  # noqa: BLE001 - raised by a scalar or an input of Strawberry's
        return failed(error).errors or []


def answered(result: ExecutionResult, extensions: Mapping[str, object] = NONE) -> Answered:
    errors = result.errors or ()
    give_codes(errors)
    return Answered(result.data, errors, extensions)


def refused(*errors: GraphQLError) -> Answered:
    give_codes(errors)
    return Answered(None, errors, is_refused=True)
