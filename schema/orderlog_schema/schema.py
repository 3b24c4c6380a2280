"""The schema: what the features add up to."""

from functools import cached_property, partial

import strawberry
from graphql import GraphQLError, GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from orderlog_schema.customers.types import Customer
from orderlog_schema.errors import (
    CommandRejectedError,
    InsufficientStockError,
    InvalidQuantityError,
    InvalidStateError,
    VersionConflictError,
)
from orderlog_schema.execution.documents import DocumentCache, Documents, SingleOperation
from orderlog_schema.execution.permits import Permission, Permits
from orderlog_schema.execution.streams import StreamExecutor
from orderlog_schema.faults import give_codes
from orderlog_schema.payments.types import Payment
from orderlog_schema.processes.types import Process
from orderlog_schema.root import Mutation, Query, Subscription
from orderlog_schema.scalars import SCALARS


class Schema(strawberry.Schema):
    @cached_property
    def permits(self) -> Permits:
        """Who may ask for what."""
        return Permits(self.graphql)

    @property
    def graphql(self) -> GraphQLSchema:
        """As the library beneath has it."""
        return self._schema

    def process_errors(
        self,
        errors: list[GraphQLError],
        execution_context: ExecutionContext | None = None,  # noqa: ARG002 - the library's signature
    ) -> None:
        give_codes(errors)


def build_schema() -> Schema:
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[
            Customer,
            Payment,
            Process,
            CommandRejectedError,
            InsufficientStockError,
            InvalidQuantityError,
            InvalidStateError,
            VersionConflictError,
        ],
        extensions=[partial(DocumentCache, Documents()), SingleOperation, Permission],
        execution_context_class=StreamExecutor,
        config=StrawberryConfig(scalar_map=SCALARS),
    )


def print_schema() -> str:
    """The SDL, as `schema/schema.graphql` keeps it."""
    return build_schema().as_str() + "\n"
