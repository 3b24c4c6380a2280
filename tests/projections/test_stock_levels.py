"""How much of a product there is, and how much is promised."""

from functools import partial

from orderlog.domain.stock.commands import stock_stream
from orderlog.domain.stock.events import (
    StockAdjusted,
    StockReservationCommitted,
    StockReservationReleased,
    StockReserved,
    StockRestocked,
    StockShipped,
    StockShortfallDetected,
    StockWrittenOff,
)
from orderlog_projections.paging import Window
from orderlog_projections.stock_levels.projector import LEVELS
from orderlog_projections.stock_levels.queries import get_stock, list_stock
from tests.projections.kept import Kept, row_of
from tests.projections.shop import WAREHOUSE, Log, stock_products

MUG = stock_stream(WAREHOUSE, "MUG")


def reserve(log: Log, reservation_id: str, quantity: int) -> None:
    log.add(
        MUG,
        StockReserved,
        reservation_id=reservation_id,
        order_id="o",
        line_id="l",
        quantity=quantity,
    )


def test_units_are_promised_shipped_and_let_go() -> None:
    log = Log()
    stock_products(log, ["MUG"], units=100)
    reserve(log, "a", 30)
    reserve(log, "b", 10)
    log.add(MUG, StockReservationCommitted, reservation_id="a")
    log.add(MUG, StockShipped, reservation_id="a", quantity=20)
    log.add(MUG, StockReservationReleased, reservation_id="b", quantity=10, reason="CANCELLED")
    log.add(MUG, StockRestocked, return_id="r", quantity=3)
    log.add(MUG, StockWrittenOff, quantity=1, reason_code="BROKEN")
    level = row_of(LEVELS, log)
    assert (level.on_hand, level.reserved, level.safety_stock) == (82, 10, 5)
    assert (level.available, level.shortfall) == (67, 0)
    assert (level.received, level.shipped) == (100, 20)
    assert level.version == len(log.events)


def test_a_correction_can_leave_too_little() -> None:
    log = Log()
    stock_products(log, ["MUG"], units=20)
    reserve(log, "a", 15)
    log.add(MUG, StockAdjusted, delta=-8, reason_code="COUNT")
    log.add(MUG, StockShortfallDetected, short=8, reservation_ids=["a"])
    level = row_of(LEVELS, log)
    assert (level.on_hand, level.available, level.shortfall) == (12, -8, 8)


def test_items_are_found_and_listed(kept: Kept) -> None:
    log = Log()
    stock_products(log, ["B%2", "A", "B1", "b1"])
    kept.tell(log)
    page = kept.ask(partial(list_stock, window=Window(first=2)))
    assert [level.sku for level in page.rows] == ["A", "B%2"]
    page = kept.ask(partial(list_stock, window=Window(first=2, after=page.cursors[-1])))
    assert [level.sku for level in page.rows] == ["B1", "b1"]
    assert (page.has_next, page.total_count) == (False, 4)
    assert [one.sku for one in kept.ask(partial(list_stock, sku_prefix="B%")).rows] == ["B%2"]
    assert kept.ask(partial(list_stock, warehouse_id="NORTH")).rows == []
    found = kept.ask(partial(get_stock, warehouse_id=WAREHOUSE, sku="B1"))
    assert found is not None
    assert found.on_hand == 1_000_000
    assert kept.ask(partial(get_stock, warehouse_id="NORTH", sku="B1")) is None
