"""A plan: everything about an operation that can be found out before anybody asks for it.

Made for an operation and the values of its `@skip` and `@include`, when it is asked for a second
time: a client that writes its values into the text makes a new document each time.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from graphql import GraphQLObjectType, GraphQLSchema, OperationType
from graphql.execution.collect_fields import (
    CollectedFields,
    FieldDetailsList,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues
from strawberry.schema.config import StrawberryConfig

from orderlog_schema.execution.operations import Operation
from orderlog_schema.execution.resolving import Event, Resolving, resolving
from orderlog_schema.execution.selections import Compiler, Resolved, Show
from orderlog_schema.limits import PLANNED_TOKENS_MAX

Conditions: TypeAlias = tuple[Any, ...]
"""The values of the variables that say what is skipped or included."""


@dataclass(slots=True)
class PlanCounts:
    """`compiled` functions; executions that `used` a plan; values that were `abandoned` by one."""

    compiled: int = 0
    used: int = 0
    abandoned: int = 0


class Selection(NamedTuple):
    """How an object is shown: at once, and then by resolvers."""

    show: Show
    resolved: GroupedFieldSet


class Plan:
    """Grows as places of the operation are reached; the lists of fields in it stay the same."""

    def __init__(
        self,
        schema: GraphQLSchema,
        config: StrawberryConfig,
        operation: Operation,
        conditions: VariableValues,
        counts: PlanCounts,
    ) -> None:
        self.counts = counts
        self.sub_fields: dict[
            tuple[GraphQLObjectType, int], tuple[FieldDetailsList, CollectedFields]
        ] = {}
        self._schema = schema
        self._config = config
        self._operation = operation
        self._conditions = conditions
        self._compiler = Compiler(schema, self._collect)
        self._selections: dict[tuple[str, int], Selection] = {}
        self._values: dict[tuple[int, int], Show | None] = {}
        self._resolving: dict[int, Resolving | Event | None] = {}
        self.root_type = root_type_of(schema, operation.kind)
        self.root = collect_fields(
            schema, operation.fragment_details, conditions, self.root_type, operation.node
        ).grouped_field_set

    def selection(self, kind: GraphQLObjectType, fields: GroupedFieldSet) -> Selection:
        """Of the fields of an object."""
        key = kind.name, id(fields)
        selection = self._selections.get(key)
        if selection is None:
            show, resolved = self._compiler.plain(kind, fields)
            self.counts.compiled += 1
            selection = Selection(show, {name: fields[name] for name in resolved})
            self._selections[key] = selection
        return selection

    def value(self, kind: Any, place: FieldDetailsList) -> Show | None:  # noqa: ANN401 - an output type
        """For whole values; None where resolvers must be asked for something in them."""
        key = id(kind), id(place)
        if key not in self._values:
            self._values[key] = self._compiled(kind, place)
        return self._values[key]

    def resolving(
        self, kind: GraphQLObjectType, place: FieldDetailsList
    ) -> Resolving | Event | None:
        """None for what the library must do itself."""
        key = id(place)
        if key not in self._resolving:
            self._resolving[key] = resolving(self._schema, self._config, kind, place)
        return self._resolving[key]

    def _compiled(self, kind: Any, place: FieldDetailsList) -> Show | None:  # noqa: ANN401 - as above
        try:
            show = self._compiler.value(kind, place)
        except Resolved:
            return None
        self.counts.compiled += 1
        return show

    def _collect(self, kind: GraphQLObjectType, place: FieldDetailsList) -> GroupedFieldSet:
        """As the library does, and where it looks itself."""
        key = kind, id(place)
        if key not in self.sub_fields:
            collected = collect_subfields(
                self._schema,
                self._operation.fragment_details,
                self._conditions,
                self._operation.node,
                kind,
                place,
            )
            self.sub_fields[key] = place, collected
        return self.sub_fields[key][1].grouped_field_set


class Plans:
    """The plans of one schema, the most recently followed last."""

    def __init__(self, schema: GraphQLSchema, config: StrawberryConfig) -> None:
        self.counts = PlanCounts()
        self._schema = schema
        self._config = config
        self._known: OrderedDict[tuple[Operation, Conditions], Plan] = OrderedDict()
        self._size = 0

    def find(self, operation: Operation, variables: VariableValues) -> Plan | None:
        """None where a condition says neither yes nor no: the library says what is wrong."""
        conditions = tuple([variables.coerced.get(name) for name in operation.conditions])
        if None in conditions:
            return None
        self.counts.used += 1
        key = operation, conditions
        plan = self._known.get(key)
        if plan is not None:
            self._known.move_to_end(key)
            return plan
        plan = self._known[key] = self._made(operation, variables)
        self._size += operation.size
        while self._size > PLANNED_TOKENS_MAX:
            (forgotten, _), _ = self._known.popitem(last=False)
            self._size -= forgotten.size
        return plan

    def _made(self, operation: Operation, variables: VariableValues) -> Plan:
        """Keeps nothing of what was asked but the conditions."""
        names = operation.conditions
        conditions = VariableValues(
            {name: one for name, one in variables.sources.items() if name in names},
            {name: one for name, one in variables.coerced.items() if name in names},
        )
        return Plan(self._schema, self._config, operation, conditions, self.counts)


def root_type_of(schema: GraphQLSchema, kind: OperationType) -> GraphQLObjectType:
    root = schema.get_root_type(kind)
    if root is None:
        message = f"There is no {kind.value} here."
        raise LookupError(message)
    return root
