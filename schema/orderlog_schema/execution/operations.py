"""What a client asks for: an operation of a document, with values for its variables."""

from collections.abc import Hashable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

import msgspec
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)
from graphql.execution.collect_fields import FragmentDetails

from orderlog_schema.execution.coercion import Variable
from orderlog_schema.execution.permits import Permit
from orderlog_schema.execution.pricing import Price

RESUMING_ARGUMENT: Final = "after"
ANY_POSITION: Final = "0"
CONDITIONS: Final = frozenset({"skip", "include"})


class Asked(NamedTuple):
    """An operation as a client asks for it."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None

    def key(self, scope: Hashable) -> Hashable:
        """Equal for those who say the same and are shown the same, in whatever order they say it.

        Of all that JSON can say: integers may be longer than machines reckon with.
        """
        variables = msgspec.json.encode(self.variables, order="deterministic")
        return self.query, variables, self.operation_name, scope


class Operation:
    """One operation of a valid document. What was found out about it is kept with it."""

    def __init__(
        self,
        node: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        size: int = 1,
    ) -> None:
        self.size = size
        """The tokens of its document."""
        self.node = node
        self.fragments = dict(fragments)
        self.uses = 0
        self.permit: Permit | None = None
        self.price: Price | None = None
        self.variables: tuple[Variable, ...] | None = None

    @property
    def kind(self) -> OperationType:
        return self.node.operation

    @cached_property
    def fragment_details(self) -> dict[str, FragmentDetails]:
        """The fragments as the library's executor wants them."""
        return {name: FragmentDetails(node) for name, node in self.fragments.items()}

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        """The variables that say what is skipped or included."""
        return tuple(sorted(set(self._conditions())))

    @cached_property
    def resuming_variable(self) -> str | None:
        """The variable that holds the position after which a subscription goes on.

        Empty where none does; None for what nobody can share, being no subscription.
        """
        if self.kind is not OperationType.SUBSCRIPTION:
            return None
        match list(self.node.selection_set.selections):
            case [FieldNode(arguments=arguments)]:
                values = {one.name.value: one.value for one in arguments or ()}
                position = values.get(RESUMING_ARGUMENT)
                return position.name.value if isinstance(position, VariableNode) else ""
            case _:
                return None

    def live(self, asked: Asked) -> Asked | None:
        """What of a subscription can be shared: all but the position after which one goes on.

        None for what nobody can share.
        """
        variable = self.resuming_variable
        if variable is None:
            return None
        if asked.variables.get(variable) is None:
            return asked
        return asked._replace(variables={**asked.variables, variable: ANY_POSITION})

    def _conditions(self) -> Iterator[str]:
        sets = [self.node.selection_set, *(one.selection_set for one in self.fragments.values())]
        while sets:
            for node in sets.pop().selections:
                yield from condition_variables(node)
                if (inner := selections_in(node)) is not None:
                    sets.append(inner)


def selections_in(node: SelectionNode) -> SelectionSetNode | None:
    return node.selection_set if isinstance(node, FieldNode | InlineFragmentNode) else None


def condition_variables(node: SelectionNode) -> Iterator[str]:
    if not isinstance(node, FieldNode | InlineFragmentNode | FragmentSpreadNode):
        return
    for directive in node.directives or ():
        if directive.name.value in CONDITIONS:
            values = (argument.value for argument in directive.arguments or ())
            yield from (value.name.value for value in values if isinstance(value, VariableNode))
