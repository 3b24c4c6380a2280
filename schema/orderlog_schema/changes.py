"""Rows of a read model as they change: those of the past first, then live, each state once."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from operator import attrgetter
from typing import Final, TypeVar

from orderlog_projections.order_list.tables import OrderListRow
from orderlog_projections.paging import Changed
from orderlog_projections.stock_levels.tables import StockLevel
from orderlog_schema.context import ReadModels

PAST_ROWS: Final = 100


RowT = TypeVar("RowT", OrderListRow, StockLevel)
Past = Callable[[int, int], Awaitable[Changed[RowT]]]
"""`(after, limit)` → rows whose last event came after a position, by position."""
Present = Callable[[Sequence[str]], Awaitable[Sequence[RowT]]]
"""Keys → their rows."""


async def changes(
    read_models: ReadModels,
    name: str,
    after: int | None,
    past: Past[RowT],
    present: Present[RowT],
) -> AsyncGenerator[RowT]:
    """Positions only ever grow, so that the last one received is where to go on.

    Listens before it reads the past. A row that has moved on beyond what was announced is left
    out: it will be announced again.
    """
    async with aclosing(read_models.changes(name)) as live:
        sent, _ = await anext(live)
        if after is not None:
            changed = await past(after, PAST_ROWS)
            while changed.rows:
                for row in changed.rows:
                    yield row
                changed = await past(changed.rows[-1].position, PAST_ROWS)
            sent = changed.position
        async for reached, keys in live:
            rows = [row for row in await present(sorted(keys)) if sent < row.position <= reached]
            for row in sorted(rows, key=attrgetter("position")):
                yield row
            sent = max(sent, reached)
