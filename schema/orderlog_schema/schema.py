"""The schema: what the features add up to."""

from functools import cached_property

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from orderlog_schema.customers.types import Customer
from orderlog_schema.errors import (
    CommandRejectedError,
    InsufficientStockError,
    InvalidQuantityError,
    InvalidStateError,
    VersionConflictError,
)
from orderlog_schema.execution.executor import Executor
from orderlog_schema.execution.permits import Permits
from orderlog_schema.execution.pricing import Prices
from orderlog_schema.payments.types import Payment
from orderlog_schema.processes.types import Process
from orderlog_schema.root import Mutation, Query, Subscription
from orderlog_schema.scalars import SCALARS


class Schema(strawberry.Schema):
    is_revealing = True

    @cached_property
    def permits(self) -> Permits:
        """Who may ask for what."""
        return Permits(self.graphql)

    @property
    def graphql(self) -> GraphQLSchema:
        """As the library beneath has it."""
        return self._schema

    @cached_property
    def executor(self) -> Executor:
        """Executes its operations."""
        prices = Prices(self.graphql)
        return Executor(self, self.permits, prices, is_revealing=self.is_revealing)


def build_schema(*, is_revealing: bool = True) -> Schema:
    """Unless it `is_revealing`, nobody introspects it or is told what names there are."""
    schema = Schema(
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
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    schema.is_revealing = is_revealing
    return schema


def print_schema() -> str:
    """The SDL, as `schema/schema.graphql` keeps it."""
    return build_schema().as_str() + "\n"
