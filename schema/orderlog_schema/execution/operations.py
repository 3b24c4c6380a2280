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
    parse,
)

from orderlog_schema.limits import TOKENS_MAX

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


class Watching(NamedTuple):
    """A subscription without the position after which a client goes on."""

    asked: Asked
    is_resumable: bool
    """Whether it may name a position at all."""


@lru_cache(OPERATIONS_REMEMBERED)
def kind_of(query: str | None, operation_name: str | None) -> str:
    """`query`, `mutation` or `subscription`; `none` for what cannot be understood."""
    try:
        operation = get_operation_ast(parse(query or "", max_tokens=TOKENS_MAX), operation_name)
    except GraphQLError:
        return "none"
    return "none" if operation is None else operation.operation.value


def watching(asked: Asked) -> Watching | None:
    """None for what nobody can share: no subscription, or nothing that can be understood."""
    try:
        resuming = _resuming(asked.query, asked.operation_name)
    except GraphQLError:
        return None
    if resuming is None:
        return None
    is_resumable, variable = resuming
    if variable is None or asked.variables.get(variable) is None:
        return Watching(asked, is_resumable)
    others = {**asked.variables, variable: ANY_POSITION}
    return Watching(asked._replace(variables=others), is_resumable)


@lru_cache(OPERATIONS_REMEMBERED)
def _resuming(query: str, operation_name: str | None) -> tuple[bool, str | None] | None:
    """Whether a subscription names a position, and the variable that holds it, if one does."""
    operation = get_operation_ast(parse(query, max_tokens=TOKENS_MAX), operation_name)
    if operation is None or operation.operation is not OperationType.SUBSCRIPTION:
        return None
    match list(operation.selection_set.selections):
        case [FieldNode(arguments=arguments)]:
            values = {one.name.value: one.value for one in arguments or ()}
            position = values.get(RESUMING_ARGUMENT)
            variable = position.name.value if isinstance(position, VariableNode) else None
            return position is not None, variable
        case _:
            return None
