"""Rows as they change, at the one moment where a gap could open: while the read model moves on."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from orderlog.application.command_bus import CommandBus
from orderlog.application.metadata import SYSTEM, new_id, new_metadata
from orderlog.consumers.following import Reading, follow
from orderlog.domain.orders.commands import AddOrderNote, CreateDraftOrder
from orderlog.eventstore.store import open_store
from orderlog_projections.order_list.queries import EVERY_ORDER, changed_orders, matching_orders
from orderlog_projections.order_list.tables import OrderListRow
from orderlog_projections.registry import PROJECTIONS, open_read_models
from orderlog_projections.runner import ProjectionRunner
from orderlog_schema.changes import RowSource
from orderlog_schema.context import ReadModels


@dataclass
class Desk:
    """A log and its read models, which move on only when told to."""

    bus: CommandBus
    runner: ProjectionRunner
    read_models: ReadModels

    async def draft(self) -> str:
        order_id = new_id()
        create = CreateDraftOrder(order_id=order_id, currency="GBP")
        await self.bus.execute(create, metadata=new_metadata(SYSTEM))
        return order_id

    async def note(self, *order_ids: str) -> None:
        for order_id in order_ids:
            note = AddOrderNote(order_id=order_id, note_id=new_id(), text="x")
            await self.bus.execute(note, metadata=new_metadata(SYSTEM))

    async def past(self, after: int, limit: int) -> Sequence[OrderListRow]:
        return await self.read_models.read(lambda c: changed_orders(c, EVERY_ORDER, after, limit))

    async def present(self, keys: Sequence[str]) -> Sequence[OrderListRow]:
        return await self.read_models.read(lambda c: matching_orders(c, keys, EVERY_ORDER))


@asynccontextmanager
async def opened(database_url: str) -> AsyncGenerator[Desk]:
    store = open_store(database_url)
    database = open_read_models(store.location)
    bus, runner = CommandBus(store), ProjectionRunner(store, database, PROJECTIONS)
    try:
        yield Desk(bus, runner, ReadModels(database, runner))
    finally:
        await bus.close()
        database.close()
        store.close()


async def test_a_row_that_moves_on_while_it_is_read_is_told_in_its_turn(database_url: str) -> None:
    async with opened(database_url) as desk:
        first, second = await desk.draft(), await desk.draft()
        desk.runner.step()
        is_late = True

        async def present(keys: Sequence[str]) -> Sequence[OrderListRow]:
            nonlocal is_late
            if is_late:
                is_late = False
                await desk.note(second, first)
                desk.runner.step()
            return await desk.present(keys)

        source = RowSource(desk.read_models, "order_list", desk.past, present)
        rows = follow(source, 0, Reading())
        told = [await anext(rows), await anext(rows)]
        waiting = asyncio.ensure_future(anext(rows))
        await asyncio.sleep(0.05)
        await desk.note(first)
        desk.runner.step()
        told += [await waiting, await anext(rows)]
        await rows.aclose()
    assert [row.order_id for row in told] == [first, second, second, first]
    assert [row.position for row in told] == [1, 2, 4, 5]


async def test_nobody_listens_any_more_once_a_reader_has_gone(sqlite_url: str) -> None:
    async with opened(sqlite_url) as desk:
        await desk.draft()
        desk.runner.step()
        source = RowSource(desk.read_models, "order_list", desk.past, desk.present)
        rows = follow(source, 0, Reading())
        await anext(rows)
        await rows.aclose()
        assert not desk.runner.consistency._listeners["order_list"]  # pyright: ignore[reportPrivateUsage] - to look inside
