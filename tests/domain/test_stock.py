"""The stock of one SKU in one warehouse: nothing is promised twice, nothing is lost silently."""

from dataclasses import replace
from datetime import timedelta

import pytest

from orderlog.domain.rejections import ErrorCode
from orderlog.domain.stock.commands import (
    AdjustStock,
    CommitReservation,
    ExpireReservation,
    ExtendReservation,
    RegisterStockItem,
    ReleaseReason,
    ReleaseReservation,
    RestockReturn,
    ShipStock,
    StockCommand,
    WriteOffStock,
)
from orderlog.domain.stock.events import (
    StockAdjusted,
    StockItemRegistered,
    StockReceived,
    StockReservationCommitted,
    StockReservationExpired,
    StockReservationExtended,
    StockReservationRefused,
    StockReservationReleased,
    StockReserved,
    StockRestocked,
    StockShipped,
    StockShortfallDetected,
    StockWrittenOff,
)
from orderlog.domain.stock.stock_item import StockItem
from tests.domain.examples import DUE, MUGS, delivery, reserve
from tests.support.scenario import given, happened

LATER = DUE + timedelta(hours=1)
COMMIT = CommitReservation(sku="MUG", warehouse_id="main", reservation_id="r1")
EXTEND = ExtendReservation(sku="MUG", warehouse_id="main", reservation_id="r1", expires_at=LATER)
EXPIRE = ExpireReservation(sku="MUG", warehouse_id="main", reservation_id="r1", now=DUE)
RELEASE = ReleaseReservation(
    sku="MUG", warehouse_id="main", reservation_id="r1", reason=ReleaseReason.CANCELLED
)
SHIP = ShipStock(sku="MUG", warehouse_id="main", reservation_id="r1", quantity=2)
ADJUST = AdjustStock(sku="MUG", warehouse_id="main", reason_code="COUNT")
WRITE_OFF = WriteOffStock(sku="MUG", warehouse_id="main", quantity=1, reason_code="BROKEN")
RESTOCK = RestockReturn(sku="MUG", warehouse_id="main", return_id="rma-1", quantity=1)
TEN_MUGS = (MUGS, delivery(10))
FOUR_RESERVED = (*TEN_MUGS, reserve("r1", 4))
FOUR_COMMITTED = (*FOUR_RESERVED, COMMIT)


def test_stock_is_registered_once_and_then_received() -> None:
    stock = given().when(MUGS).then(happened(StockItemRegistered, sku="MUG", warehouse_id="main"))
    stock.when(MUGS).then_rejected(ErrorCode.ALREADY_EXISTS)
    stock.when(delivery(10)).then(happened(StockReceived, quantity=10))
    assert stock.state(StockItem).available == 10


def test_what_was_never_registered_is_not_found() -> None:
    given().when(delivery(1)).then_rejected(ErrorCode.SKU_NOT_FOUND)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (replace(MUGS, sku=" MUG"), ErrorCode.INVALID_VALUE),
        (replace(MUGS, warehouse_id="main-1"), ErrorCode.INVALID_VALUE),
        (replace(MUGS, safety_stock=-1), ErrorCode.INVALID_QUANTITY),
    ],
)
def test_a_bad_registration_is_refused(command: RegisterStockItem, code: ErrorCode) -> None:
    given().when(command).then_rejected(code)


def test_what_is_reserved_is_no_longer_available() -> None:
    stock = given(*TEN_MUGS).when(reserve("r1", 4)).then(happened(StockReserved, quantity=4))
    assert (stock.state(StockItem).on_hand, stock.state(StockItem).available) == (10, 6)


def test_a_reservation_is_all_or_nothing() -> None:
    given(*FOUR_RESERVED).when(reserve("r2", 7)).then(
        happened(StockReservationRefused, requested=7, available=6)
    )


def test_safety_stock_is_never_promised() -> None:
    stock = given(replace(MUGS, safety_stock=3), delivery(10))
    stock.when(reserve("r1", 8)).then(happened(StockReservationRefused, available=7))


def test_the_same_reservation_again_is_the_same_answer() -> None:
    given(*FOUR_RESERVED).when(reserve("r1", 4)).then_nothing()


def test_a_committed_reservation_does_not_expire() -> None:
    stock = given(*FOUR_RESERVED).when(COMMIT).then(StockReservationCommitted)
    stock.when(COMMIT).then_nothing()
    stock.when(replace(EXPIRE, now=LATER)).then_rejected(
        ErrorCode.INVALID_STATE, status="COMMITTED", allowed=["HELD"]
    )
    stock.when(EXTEND).then_rejected(ErrorCode.INVALID_STATE, status="COMMITTED")


def test_a_held_reservation_expires_when_it_is_due() -> None:
    stock = given(*FOUR_RESERVED)
    stock.when(replace(EXPIRE, now=DUE - timedelta(seconds=1)))
    stock.then_rejected(ErrorCode.INVALID_STATE, status="HELD")
    stock.when(EXPIRE).then(happened(StockReservationExpired, quantity=4))
    stock.when(EXPIRE).then_nothing()
    assert stock.state(StockItem).available == 10


def test_an_extended_reservation_expires_later() -> None:
    stock = given(*FOUR_RESERVED).when(EXTEND).then(StockReservationExtended)
    stock.when(EXTEND).then_nothing()
    stock.when(EXPIRE).then_rejected(ErrorCode.INVALID_STATE)
    stock.when(replace(EXPIRE, now=LATER)).then(StockReservationExpired)


def test_a_reservation_is_released_in_parts_or_whole() -> None:
    stock = given(*FOUR_COMMITTED)
    stock.when(replace(RELEASE, quantity=1)).then(happened(StockReservationReleased, quantity=1))
    stock.when(replace(RELEASE, quantity=4)).then_rejected(ErrorCode.INVALID_QUANTITY, max=3)
    stock.when(RELEASE).then(happened(StockReservationReleased, quantity=3))
    stock.when(RELEASE).then_nothing()
    assert stock.state(StockItem).reservations == {}


def test_shipping_takes_from_the_shelf_and_from_the_promise() -> None:
    stock = given(*FOUR_COMMITTED).when(SHIP).then(happened(StockShipped, quantity=2))
    item = stock.state(StockItem)
    assert (item.on_hand, item.reserved, item.available) == (8, 2, 6)
    stock.when(replace(SHIP, quantity=3)).then_rejected(ErrorCode.SHIP_EXCEEDS_OPEN, max=2)
    stock.when(SHIP).then(StockShipped)
    stock.when(SHIP).then_rejected(ErrorCode.RESERVATION_NOT_FOUND)


def test_what_is_only_held_is_not_shipped() -> None:
    given(*FOUR_RESERVED).when(SHIP).then_rejected(
        ErrorCode.INVALID_STATE, status="HELD", allowed=["COMMITTED"]
    )


@pytest.mark.parametrize("command", [COMMIT, EXTEND, SHIP])
def test_a_reservation_that_is_not_there_is_not_found(command: StockCommand) -> None:
    given(*TEN_MUGS).when(command).then_rejected(ErrorCode.RESERVATION_NOT_FOUND)


def test_an_adjustment_has_a_reason_and_never_goes_below_nothing() -> None:
    stock = given(*TEN_MUGS)
    stock.when(replace(ADJUST, delta=-3)).then(happened(StockAdjusted, delta=-3))
    stock.when(replace(ADJUST, delta=1, reason_code="")).then_rejected(ErrorCode.REASON_REQUIRED)
    stock.when(replace(ADJUST, delta=-8)).then_rejected(
        ErrorCode.INSUFFICIENT_STOCK, items=[{"sku": "MUG", "requested": 8, "available": 7}]
    )


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (ADJUST, ErrorCode.INVALID_VALUE),
        (replace(ADJUST, delta=0), ErrorCode.INVALID_QUANTITY),
        (replace(ADJUST, delta=1_000_001), ErrorCode.INVALID_QUANTITY),
        (replace(ADJUST, delta=1, counted=11, counted_from=10), ErrorCode.INVALID_VALUE),
        (replace(ADJUST, counted=11), ErrorCode.INVALID_VALUE),
        (replace(ADJUST, counted=-1, counted_from=10), ErrorCode.INVALID_QUANTITY),
    ],
)
def test_a_bad_adjustment_is_refused(command: AdjustStock, code: ErrorCode) -> None:
    given(*TEN_MUGS).when(command).then_rejected(code)


def test_a_count_corrects_the_figure_that_it_was_counted_against() -> None:
    stock = given(*TEN_MUGS).when(replace(ADJUST, counted=12, counted_from=10))
    stock.then(happened(StockAdjusted, delta=2, counted=12))
    stock.when(replace(ADJUST, counted=12, counted_from=10)).then_rejected(
        ErrorCode.VERSION_CONFLICT, expected=10, current=12
    )


def test_a_correction_that_breaks_promises_says_which() -> None:
    stock = given(*FOUR_RESERVED, reserve("r2", 3), reserve("r3", 2))
    stock.when(replace(ADJUST, delta=-5)).then(
        StockAdjusted,
        happened(StockShortfallDetected, short=4, reservation_ids=["r3", "r2"]),
    )
    assert stock.state(StockItem).available == -4
    stock.when(reserve("r4", 1)).then(happened(StockReservationRefused, available=0))


def test_a_write_off_may_break_promises_too() -> None:
    stock = given(MUGS, delivery(4), reserve("r1", 4))
    stock.when(WRITE_OFF).then(StockWrittenOff, happened(StockShortfallDetected, short=1))
    stock.when(replace(WRITE_OFF, quantity=4)).then_rejected(ErrorCode.INSUFFICIENT_STOCK)
    stock.when(replace(WRITE_OFF, reason_code="")).then_rejected(ErrorCode.REASON_REQUIRED)


def test_what_is_promised_and_gone_cannot_be_shipped() -> None:
    stock = given(*FOUR_COMMITTED, replace(ADJUST, delta=-9))
    stock.when(SHIP).then_rejected(ErrorCode.INSUFFICIENT_STOCK)


def test_a_return_is_put_back_on_the_shelf() -> None:
    stock = given(*TEN_MUGS).when(RESTOCK).then(happened(StockRestocked, quantity=1))
    assert stock.state(StockItem).available == 11


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001])
def test_a_bad_quantity_is_refused_everywhere(quantity: int) -> None:
    stock = given(*FOUR_COMMITTED)
    for command in (delivery(1), reserve("r2", 1), SHIP, RESTOCK, WRITE_OFF):
        stock.when(replace(command, quantity=quantity))
        stock.then_rejected(ErrorCode.INVALID_QUANTITY, min=1, max=1_000_000)


def test_a_shelf_holds_a_billion_at_most() -> None:
    stock = given(*TEN_MUGS, replace(ADJUST, counted=1_000_000_000, counted_from=10))
    stock.when(delivery(1)).then_rejected(ErrorCode.INVALID_QUANTITY)
