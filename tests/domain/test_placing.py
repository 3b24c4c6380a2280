"""Placing an order freezes what the customer agreed to; importing one does the same at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from orderlog.domain.commands import Command
from orderlog.domain.money import AMOUNT_MINOR_MAX, PriceMode, Rounding, UnitPrice
from orderlog.domain.orders.commands import ApplyDiscount, ImportedLine, ImportOrder, PlaceOrder
from orderlog.domain.orders.events import (
    DiscountKind,
    DiscountScope,
    OrderImported,
    OrderPlaced,
    OrderStatus,
    TaxAmount,
)
from orderlog.domain.orders.order import Order
from orderlog.domain.rejections import ErrorCode
from orderlog.domain.values import Sealed
from tests.domain.examples import (
    DRAFT,
    EBOOK,
    MUG,
    ORDER,
    PEN,
    PLACE,
    TERMS,
    TO_BRISTOL,
    line,
    parcel,
    placed,
)
from tests.support.scenario import NOW, given, happened

NET = replace(PLACE, terms=replace(TERMS, price_mode=PriceMode.NET))
HALF_EVEN = replace(PLACE, terms=replace(TERMS, rounding=Rounding.HALF_EVEN))


def discount(value: int, kind: DiscountKind, scope: DiscountScope) -> ApplyDiscount:
    line_id = PEN if scope is DiscountScope.LINE else None
    name = f"{kind}-{scope}-{value}"
    return ApplyDiscount(
        order_id=ORDER, discount_id=name, kind=kind, value=value, scope=scope, line_id=line_id
    )


def placing(*commands: Command, place: PlaceOrder = PLACE) -> OrderPlaced:
    """The event of an order with 3.00 of shipping and these lines and discounts."""
    return given(DRAFT, TO_BRISTOL, parcel(300), *commands).when(place).last(OrderPlaced)


def test_the_totals_are_frozen() -> None:
    order = given(DRAFT, line(PEN, 3, "1.50"), line(MUG, 1, "8.00"), TO_BRISTOL, parcel(300))
    order.when(PLACE).then(
        happened(
            OrderPlaced,
            order_number="1001",
            subtotal=1_250,
            discount_total=0,
            shipping_total=300,
            tax_total=0,
            grand_total=1_550,
            currency="GBP",
            exponent=2,
        )
    )
    assert order.state(Order).status is OrderStatus.PENDING


def test_a_line_is_rounded_once_after_its_quantity() -> None:
    assert placing(line(PEN, 3, "0.335")).subtotal == 101


def test_a_half_penny_is_rounded_as_the_channel_says() -> None:
    assert placing(line(PEN, 1, "0.125")).subtotal == 13
    assert placing(line(PEN, 1, "0.125"), place=HALF_EVEN).subtotal == 12


def test_gross_prices_contain_the_tax_of_lines_and_shipping() -> None:
    event = placing(line(PEN, 1, "12.00", tax_rate_ppm=200_000), parcel(600, 200_000))
    assert (event.tax_total, event.grand_total) == (300, 1_800)
    assert event.tax_breakdown == [TaxAmount(200_000, 1_500, 300)]


def test_net_prices_get_their_tax_added_rate_by_rate() -> None:
    lines = line(PEN, 1, "10.00", tax_rate_ppm=200_000), line(EBOOK, 1, "5.00", tax_rate_ppm=50_000)
    event = placing(*lines, place=NET)
    assert event.tax_breakdown == [
        TaxAmount(0, 300, 0),
        TaxAmount(50_000, 500, 25),
        TaxAmount(200_000, 1_000, 200),
    ]
    assert event.grand_total == 1_000 + 500 + 300 + 225


def test_an_order_discount_is_spread_by_largest_remainder() -> None:
    lines = line(PEN, 1, "1.00"), line(MUG, 1, "1.00"), line(EBOOK, 1, "1.00")
    event = placing(*lines, discount(100, DiscountKind.FIXED, DiscountScope.ORDER))
    assert [one.discount for one in event.lines] == [34, 33, 33]
    assert event.grand_total == 500


def test_discounts_work_one_after_the_other_each_on_what_is_left() -> None:
    on_pen = discount(500_000, DiscountKind.PERCENT, DiscountScope.LINE)
    on_all = discount(100_000, DiscountKind.PERCENT, DiscountScope.ORDER)
    event = placing(line(PEN, 1, "2.00"), line(MUG, 1, "1.00"), on_pen, on_all)
    assert [one.discount for one in event.lines] == [110, 10]


def test_a_fixed_discount_stops_at_what_is_left() -> None:
    event = placing(
        line(PEN, 1, "2.00"), discount(5_000, DiscountKind.VOUCHER, DiscountScope.ORDER)
    )
    assert (event.discount_total, event.grand_total) == (200, 300)


def test_a_shipping_discount_lowers_the_shipping() -> None:
    free = discount(1_000_000, DiscountKind.PERCENT, DiscountScope.SHIPPING)
    event = placing(line(PEN, 1, "2.00"), free)
    assert (event.shipping_total, event.discount_total, event.grand_total) == (0, 0, 200)


def test_tax_is_on_what_is_paid_after_the_discount() -> None:
    half = discount(500_000, DiscountKind.PERCENT, DiscountScope.ORDER)
    event = placing(line(PEN, 1, "24.00", tax_rate_ppm=200_000), half)
    assert event.lines[0].tax == 200


@pytest.mark.parametrize(
    ("past", "code", "details"),
    [
        ([], ErrorCode.ORDER_EMPTY, {}),
        ([line(PEN, 1, "1")], ErrorCode.ADDRESS_REQUIRED, {"kind": "SHIPPING"}),
        ([line(PEN, 1, "1"), TO_BRISTOL], ErrorCode.SHIPPING_METHOD_REQUIRED, {}),
    ],
)
def test_an_unfinished_draft_is_not_placed(
    past: list[Command], code: ErrorCode, details: dict[str, object]
) -> None:
    given(DRAFT, *past).when(PLACE).then_rejected(code, **details)


def test_an_order_is_of_a_customer_or_of_a_guest() -> None:
    nobody = replace(DRAFT, customer_id=None)
    guest = replace(nobody, guest_email=Sealed("guest", "unreadable"))
    ebook = line(EBOOK, 1, "1", requires_shipping=False)
    given(nobody, ebook).when(PLACE).then_rejected(ErrorCode.CUSTOMER_REQUIRED)
    given(guest, ebook).when(PLACE).then(OrderPlaced)


def test_what_is_not_shipped_needs_neither_address_nor_method() -> None:
    ebook = line(EBOOK, 1, "1.00", requires_shipping=False)
    given(DRAFT, ebook).when(PLACE).then(happened(OrderPlaced, grand_total=100))


def test_a_price_that_moved_is_not_agreed_to() -> None:
    ebook = line(EBOOK, 1, "1.00", requires_shipping=False)
    order = given(DRAFT, ebook)
    order.when(replace(PLACE, expected_total_minor=99))
    order.then_rejected(ErrorCode.PRICE_CHANGED, was=99, now=100)
    order.when(replace(PLACE, expected_total_minor=100)).then(OrderPlaced)


def test_a_total_beyond_64_bits_is_refused() -> None:
    dear = replace(
        line(EBOOK, 1, "1", requires_shipping=False, tax_rate_ppm=200_000),
        unit_price=UnitPrice(AMOUNT_MINOR_MAX, 2),
    )
    given(DRAFT, dear).when(PLACE).then(OrderPlaced)
    given(DRAFT, dear).when(NET).then_rejected(ErrorCode.MONEY_OVERFLOW)


def test_an_order_is_placed_once_and_never_changed_after_that() -> None:
    order = given(*placed(line(PEN, 1, "1")))
    changes = [
        PLACE,
        line(MUG, 1, "1"),
        parcel(1),
        discount(1, DiscountKind.FIXED, DiscountScope.ORDER),
        TO_BRISTOL,
    ]
    for command in changes:
        order.when(command).then_rejected(ErrorCode.INVALID_STATE, status="PENDING")


IMPORTED = ImportOrder(
    order_id=ORDER,
    source="online-retail",
    external_id="536365",
    placed_at=NOW - timedelta(days=5_000),
    currency="GBP",
    lines=(
        ImportedLine(
            line_id=PEN, sku="85123A", title="LANTERN", quantity=6, unit_price=UnitPrice(255, 2)
        ),
        ImportedLine(
            line_id=MUG, sku="71053", title="LANTERN", quantity=6, unit_price=UnitPrice(339, 2)
        ),
    ),
    terms=TERMS,
    country="GB",
    shipping_minor=500,
    discount_minor=64,
)


def test_an_imported_order_is_placed_with_its_historic_time() -> None:
    order = given().when(IMPORTED)
    order.then(
        happened(
            OrderImported,
            external_id="536365",
            placed_at=IMPORTED.placed_at,
            subtotal=3_564,
            discount_total=64,
            shipping_total=500,
            grand_total=4_000,
        )
    )
    assert order.state(Order).status is OrderStatus.PENDING
    order.when(IMPORTED).then_rejected(ErrorCode.ALREADY_EXISTS)


LANTERN, BOX = IMPORTED.lines


@pytest.mark.parametrize(
    ("command", "code", "path"),
    [
        (replace(IMPORTED, lines=()), ErrorCode.ORDER_EMPTY, ("lines",)),
        (replace(IMPORTED, order_id="536365"), ErrorCode.INVALID_ID, ("orderId",)),
        (replace(IMPORTED, country="EIRE"), ErrorCode.INVALID_ADDRESS, ("country",)),
        (replace(IMPORTED, currency="XYZ"), ErrorCode.UNKNOWN_CURRENCY, ()),
        (replace(IMPORTED, discount_minor=3_565), ErrorCode.INVALID_DISCOUNT, ("discount",)),
        (replace(IMPORTED, shipping_minor=-1), ErrorCode.INVALID_AMOUNT, ("shipping",)),
        (
            replace(IMPORTED, lines=(LANTERN, replace(BOX, quantity=0))),
            ErrorCode.INVALID_QUANTITY,
            ("lines", "1", "quantity"),
        ),
        (
            replace(IMPORTED, lines=(LANTERN, replace(BOX, line_id=PEN))),
            ErrorCode.ALREADY_EXISTS,
            ("lines", "1", "lineId"),
        ),
        (
            replace(IMPORTED, lines=IMPORTED.lines * 1_001),
            ErrorCode.TOO_MANY_LINES,
            ("lines",),
        ),
    ],
)
def test_a_bad_import_names_what_is_wrong(
    command: ImportOrder, code: ErrorCode, path: tuple[str, ...]
) -> None:
    order = given().when(command).then_rejected(code)
    assert order.rejection
    assert order.rejection.path == path
