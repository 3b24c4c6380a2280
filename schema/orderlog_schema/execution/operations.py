"""Which subscription a client asks for, apart from where it goes on: that is what can be shared."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson
from graphql import (
    FieldNode,
    GraphQLError,
    OperationType,
    VariableNode,
    get_operation_ast,
)

from orderlog_schema.execution.checking import parsed

OPERATIONS_REMEMBERED: Final = 256
RESUMING_ARGUMENT: Final = "after"
ANY_POSITION: Final = "0"


class Asked(NamedTuple):
    """An operation as a client asks for it."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None

    @property
    def key(self) -> tuple[str, str, str | None]:
        """Equal for operations that say the same, in whatever order their variables come."""
        variables = orjson.dumps(self.variables, option=orjson.OPT_SORT_KEYS).decode()
        return self.query, variables, self.operation_name


@lru_cache(OPERATIONS_REMEMBERED)
def kind_of(query: str | None, operation_name: str | None) -> str:
    """`query`, `mutation` or `subscription`; `none` for what cannot be understood."""
    try:
        operation = get_operation_ast(parsed(query or ""), operation_name)
    except GraphQLError:
        return "none"
    return "none" if operation is None else operation.operation.value


def live(asked: Asked) -> Asked | None:
    """What of a subscription can be shared: all but the position after which a client goes on.

    None for what nobody can share: no subscription, or nothing that can be understood.
    """
    try:
        variable = _resuming_variable(asked.query, asked.operation_name)
    except GraphQLError:
        return None
    if variable is None:
        return None
    if asked.variables.get(variable) is None:
        return asked
    return asked._replace(variables={**asked.variables, variable: ANY_POSITION})


@lru_cache(OPERATIONS_REMEMBERED)
def _resuming_variable(query: str, operation_name: str | None) -> str | None:
    """The variable that holds the position, empty where none does; None if it cannot be shared."""
    operation = get_operation_ast(parsed(query), operation_name)
    if operation is None or operation.operation is not OperationType.SUBSCRIPTION:
        return None
    match list(operation.selection_set.selections):
        case [FieldNode(arguments=arguments)]:
            values = {one.name.value: one.value for one in arguments or ()}
            position = values.get(RESUMING_ARGUMENT)
            return position.name.value if isinstance(position, VariableNode) else ""
        case _:
            return None
