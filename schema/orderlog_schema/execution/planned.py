"""The library's executor, with a plan: what the plan knows how to do is done by its functions.

Where a function is surprised (a null that must not be, a wrong type, an exception) the library does
that part anew, so that messages, paths and nulls are its own.
"""

# The library's types are generic over others that it does not name:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
# pyright: reportMissingTypeArgument=false, reportIncompatibleMethodOverride=false

from collections.abc import Awaitable
from typing import Any, cast

from graphql import ExecutionResult, GraphQLError, GraphQLObjectType, OperationType
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.pyutils import Path

from orderlog_schema.execution.plans import Plan
from orderlog_schema.execution.reference import Reference
from orderlog_schema.execution.resolving import Event, Resolving


class Planned(Reference):
    plan: Plan

    def follow(self, plan: Plan) -> "Planned":
        self.plan = plan
        vars(self)["_relevant_sub_fields"] = plan.sub_fields
        return self

    def build_per_event_executor(self, payload: Any) -> "Planned":  # noqa: ANN401 - any event
        executor = cast("Planned", super().build_per_event_executor(payload))
        return executor.follow(self.plan)

    def execute_operation(self, serially: bool | None = None) -> Any:  # noqa: ANN401, FBT001 - the library's signature
        plan = self.plan
        if serially is None:
            serially = self.operation.operation is OperationType.MUTATION
        try:
            result: Any = self.execute_root_grouped_field_set(
                plan.root_type, self.root_value, plan.root, serially, None
            )
        except GraphQLError as error:
            return self._failed(error)
        return self._later(result) if self.is_awaitable(result) else self.build_response(result)

    async def _later(self, result: Awaitable[dict[str, Any]]) -> ExecutionResult:
        try:
            return cast("ExecutionResult", self.build_response(await result))
        except GraphQLError as error:
            return self._failed(error)

    def _failed(self, error: GraphQLError) -> ExecutionResult:
        self.collected_errors.add(error, None)
        return cast("ExecutionResult", self.build_response(None))

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,  # noqa: ANN401 - whatever a resolver found
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: None,
    ) -> Any:  # noqa: ANN401 - the fields, or what is to be awaited for them
        selection = self.plan.selection(parent_type, grouped_field_set)
        try:
            shown = selection.show(source_value)
        except Exception:  # noqa: BLE001 - it comes again below, as the library says it
            self.plan.counts.abandoned += 1
            return super().execute_fields(
                parent_type, source_value, path, grouped_field_set, position_context
            )
        if not selection.resolved:
            return shown
        resolved = super().execute_fields(
            parent_type, source_value, path, selection.resolved, position_context
        )
        return self._joined(shown, resolved)

    def _joined(self, shown: dict[str, Any], resolved: Any) -> Any:  # noqa: ANN401 - as above
        if self.is_awaitable(resolved):
            return self._joined_later(shown, resolved)
        shown.update(resolved)
        return shown

    async def _joined_later(
        self, shown: dict[str, Any], resolved: Awaitable[dict[str, Any]]
    ) -> dict[str, Any]:
        shown.update(await resolved)
        return shown

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,  # noqa: ANN401 - as above
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: None,
    ) -> Any:  # noqa: ANN401 - a value, or what is to be awaited for it
        field = self.plan.resolving(parent_type, field_details_list)
        if field is None:
            return super().execute_field(
                parent_type, source, field_details_list, path, position_context
            )
        try:
            return self._resolved(field, parent_type, source, field_details_list, path)
        except Exception as error:  # noqa: BLE001 - whatever a resolver raises
            self.handle_field_error(error, field.kind, field_details_list, path)
            return None

    def _resolved(
        self,
        field: Resolving | Event,
        parent_type: GraphQLObjectType,
        source: Any,  # noqa: ANN401 - as above
        place: FieldDetailsList,
        path: Path,
    ) -> Any:  # noqa: ANN401 - as above
        info = self.build_resolve_info(field.definition, field.nodes, parent_type, path)
        result = field.resolve(source, info, self.variable_values)
        if self.is_awaitable(result):
            return self.complete_awaitable_value(field.kind, place, info, path, result, None)
        value = self.complete_value(field.kind, place, info, path, result, None)
        return self._awaited(value, field, place, path) if self.is_awaitable(value) else value

    async def _awaited(
        self,
        value: Awaitable[Any],
        field: Resolving | Event,
        place: FieldDetailsList,
        path: Path,
    ) -> Any:  # noqa: ANN401 - as above
        try:
            return await value
        except Exception as error:  # noqa: BLE001 - as above
            self.handle_field_error(error, field.kind, place, path)
            return None

    def complete_list_value(self, return_type: Any, *rest: Any) -> Any:  # noqa: ANN401 - the library's signature
        return self._shown(super().complete_list_value, return_type, *rest)

    def complete_abstract_value(self, return_type: Any, *rest: Any) -> Any:  # noqa: ANN401 - as above
        return self._shown(super().complete_abstract_value, return_type, *rest)

    def complete_object_value(self, return_type: Any, *rest: Any) -> Any:  # noqa: ANN401 - as above
        return self._shown(super().complete_object_value, return_type, *rest)

    def _shown(self, otherwise: Any, kind: Any, place: FieldDetailsList, *rest: Any) -> Any:  # noqa: ANN401 - as above
        """By a function of the plan, or by the library."""
        show = self.plan.value(kind, place)
        if show is not None:
            try:
                _, _, result, _ = rest  # info, path, the value, and where it stands
                return show(result)
            except Exception:  # noqa: BLE001 - it comes again below, as the library says it
                self.plan.counts.abandoned += 1
        return otherwise(kind, place, *rest)
