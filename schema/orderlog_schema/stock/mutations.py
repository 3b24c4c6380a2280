"""Told: every command that stock takes."""

import strawberry

from orderlog_projections.stock_levels.queries import NAME
from orderlog_schema.commands import Answer, mutation
from orderlog_schema.context import Info
from orderlog_schema.cost import ASKING
from orderlog_schema.fields import asked
from orderlog_schema.permissions import FULFILMENT
from orderlog_schema.stock import inputs
from orderlog_schema.stock.queries import stock_item_of
from orderlog_schema.stock.types import StockItem


@strawberry.type
class StockAnswer(Answer):
    @asked("The stock item as it is now; null if nothing was done.", ASKING)
    async def stock_item(self, info: Info) -> StockItem | None:
        stream_id = await self.changed(info, "", NAME)
        return None if stream_id is None else await stock_item_of(info.context, stream_id)


@strawberry.type
class StockMutations:
    register_stock_item = mutation(
        inputs.RegisterStockItemInput,
        StockAnswer,
        "Begins to keep stock of a SKU in a warehouse.",
        to=FULFILMENT,
    )
    receive_stock = mutation(
        inputs.ReceiveStockInput, StockAnswer, "Records that units came in.", to=FULFILMENT
    )
    adjust_stock = mutation(
        inputs.AdjustStockInput, StockAnswer, "Corrects the units on hand.", to=FULFILMENT
    )
    reserve_stock = mutation(
        inputs.ReserveStockInput,
        StockAnswer,
        "Promises units to a line of an order; the same id again changes nothing.",
        to=FULFILMENT,
    )
    commit_reservation = mutation(
        inputs.CommitReservationInput, StockAnswer, "Makes a reservation final.", to=FULFILMENT
    )
    extend_reservation = mutation(
        inputs.ExtendReservationInput, StockAnswer, "Holds a reservation for longer.", to=FULFILMENT
    )
    release_reservation = mutation(
        inputs.ReleaseReservationInput,
        StockAnswer,
        "Lets a reservation go; twice is no error.",
        to=FULFILMENT,
    )
    ship_stock = mutation(
        inputs.ShipStockInput,
        StockAnswer,
        "Records that reserved units left the warehouse.",
        to=FULFILMENT,
    )
    restock_return = mutation(
        inputs.RestockReturnInput,
        StockAnswer,
        "Puts returned units back on the shelf.",
        to=FULFILMENT,
    )
    write_off_stock = mutation(
        inputs.WriteOffStockInput,
        StockAnswer,
        "Takes lost or damaged units off the books.",
        to=FULFILMENT,
    )
