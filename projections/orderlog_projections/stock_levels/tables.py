"""One row for each SKU in each warehouse."""

from datetime import datetime

import msgspec

from orderlog_projections.rows import row_table


class StockLevel(msgspec.Struct, frozen=True):
    """Whole units. `available = on_hand − safety_stock − reserved`, below 0 as `shortfall`.

    `reserved` counts live reservations, held and committed alike. `stream_id` is the key.
    """

    stream_id: str
    sku: str
    warehouse_id: str
    on_hand: int
    safety_stock: int
    reserved: int
    available: int
    shortfall: int
    received: int
    shipped: int
    updated_at: datetime
    version: int
    position: int


STOCK_LEVELS = row_table(
    "stock_levels", StockLevel, key=["stream_id"], indexes=[["sku", "warehouse_id"], ["position"]]
)
