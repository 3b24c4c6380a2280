"""Whose rows somebody is shown: those of one customer only, of some channels only, or all."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import sqlalchemy as sa

from orderlog_projections.columns import storable
from orderlog_projections.paging import Condition


class Owned(Protocol):
    """A row, or an aggregate, that belongs to a channel and maybe to a customer."""

    @property
    def channel_id(self) -> str: ...

    @property
    def customer_id(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Reach:
    """None sets no limit. What is beyond it must look as if it did not exist."""

    customer_id: str | None = None
    channel_ids: frozenset[str] | None = None

    @property
    def is_unlimited(self) -> bool:
        return self.customer_id is None and self.channel_ids is None

    def covers(self, one: Owned) -> bool:
        return self.covers_channel(one.channel_id) and (
            self.customer_id is None or self.customer_id == one.customer_id
        )

    def covers_channel(self, channel_id: str | None) -> bool:
        """What came through no known channel is for those who are shown all of them."""
        return self.channel_ids is None or channel_id in self.channel_ids

    def conditions(
        self, columns: "sa.ColumnCollection[str, sa.Column[Any]]"
    ) -> Iterator[Condition]:
        """For a table with a column `channel_id`, and `customer_id` where customers may ask."""
        if self.channel_ids is not None:
            yield columns.channel_id.in_(sorted(map(storable, self.channel_ids)))
        if self.customer_id is not None:
            yield columns.customer_id == storable(self.customer_id)


EVERYTHING: Final = Reach()
