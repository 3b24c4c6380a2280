"""Projections with a fault that can be mended: they stumble over certain events."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import msgspec

from orderlog.domain.aggregate import Event
from orderlog_projections.order_list.projector import ORDERS, SKUS
from orderlog_projections.projection import Entries, Fold, Projection
from orderlog_projections.registry import PROJECTIONS

PartT = TypeVar("PartT", Fold[Any], Entries[Any])


@dataclass
class Faulty:
    """`poison` holds events by `event_id`; clear it, and the fault is mended."""

    poison: set[str] = field(default_factory=set[str])

    def projections(self, names: Collection[str] = ()) -> list[Projection]:
        """All projections; those with these names stumble, or all where there is none."""
        return [self.faulty(one) if not names or one.name in names else one for one in PROJECTIONS]

    def faulty(self, projection: Projection) -> Projection:
        parts = tuple(
            self._fold(part) if isinstance(part, Fold) else self._entries(part)
            for part in projection.parts
        )
        return replace(projection, parts=parts)

    def _fold(self, part: Fold[Any]) -> Fold[Any]:
        return replace(part, reactions=self._stumbling(part.reactions))

    def _entries(self, part: Entries[Any]) -> Entries[Any]:
        def react(reaction: Callable[[Any, int], Any]) -> Callable[[Any, int], Any]:
            return lambda event, position: list(self._checked(event, reaction(event, position)))

        return replace(part, reactions={k: react(r) for k, r in part.reactions.items()})

    def _stumbling(self, reactions: Any) -> dict[type[Event], Callable[[Any, Any], Any]]:  # noqa: ANN401
        def react(reaction: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
            return lambda row, event: self._checked(event, reaction(row, event))

        return {kind: react(reaction) for kind, reaction in reactions.items()}

    def _checked(self, event: Event, outcome: Any) -> Any:  # noqa: ANN401
        if event.envelope.event_id in self.poison:
            raise ValueError("Ada Lovelace's order")
        return outcome


@dataclass
class Overflowing:
    """An order list that writes a number which no column can hold, where an event is poison."""

    poison: set[str] = field(default_factory=set[str])

    def projections(self) -> Sequence[Projection]:
        order_list, *others = PROJECTIONS
        orders = replace(ORDERS, reactions={k: self._react(r) for k, r in ORDERS.reactions.items()})
        return [replace(order_list, parts=(orders, SKUS)), *others]

    def _react(self, reaction: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        def react(row: Any, event: Event) -> Any:  # noqa: ANN401
            row = reaction(row, event)
            is_poison = event.envelope.event_id in self.poison
            return msgspec.structs.replace(row, exponent=2**70) if is_poison else row

        return react
