"""An order while it is a draft: everything about it can still change."""

from dataclasses import replace
from typing import Any

import pytest

from orderlog.domain.money import AMOUNT_MINOR_MAX, Money, UnitPrice
from orderlog.domain.orders.commands import (
    AddOrderLine,
    ApplyDiscount,
    AssignCustomer,
    ChangeOrderLineQuantity,
    CreateDraftOrder,
    DiscardDraft,
    OrderCommand,
    RemoveDiscount,
    RemoveOrderLine,
)
from orderlog.domain.orders.events import (
    Allocation,
    DiscountApplied,
    DiscountKind,
    DiscountRemoved,
    DiscountScope,
    DraftDiscarded,
    OrderAddressSet,
    OrderCustomerAssigned,
    OrderDrafted,
    OrderLineAdded,
    OrderLineQuantityChanged,
    OrderLineRemoved,
    ShippingMethodSelected,
)
from orderlog.domain.orders.order import Order
from orderlog.domain.rejections import ErrorCode, Rejected
from tests.domain.examples import DRAFT, MUG, ORDER, PEN, TO_BRISTOL, line, parcel, uuid_of
from tests.support.scenario import envelopes_of, given, happened

A_DISCOUNT = ApplyDiscount(
    order_id=ORDER, discount_id="d1", kind=DiscountKind.PERCENT, value=100_000
)


def test_an_order_begins_as_a_draft() -> None:
    given().when(DRAFT).then(happened(OrderDrafted, currency="GBP", channel_id="default"))


def test_an_order_begins_once() -> None:
    given(DRAFT).when(DRAFT).then_rejected(ErrorCode.ALREADY_EXISTS)


def test_what_was_never_begun_is_not_found() -> None:
    given().when(line(PEN, 1, "1.00")).then_rejected(ErrorCode.ORDER_NOT_FOUND)


@pytest.mark.parametrize("order_id", ["1001", "", ORDER.upper(), f"{{{ORDER}}}"])
def test_the_id_of_an_order_is_a_uuid_in_one_spelling(order_id: str) -> None:
    given().when(replace(DRAFT, order_id=order_id)).then_rejected(ErrorCode.INVALID_ID)


def test_the_currency_is_one_of_this_world() -> None:
    command = CreateDraftOrder(order_id=ORDER, currency="XYZ")
    given().when(command).then_rejected(ErrorCode.UNKNOWN_CURRENCY, currency="XYZ")


def test_lines_are_added_changed_and_removed() -> None:
    order = given(DRAFT).when(line(PEN, 2, "1.50")).then(happened(OrderLineAdded, quantity=2))
    assert order.state(Order).subtotal == 300
    order.when(ChangeOrderLineQuantity(order_id=ORDER, line_id=PEN, quantity=5)).then(
        happened(OrderLineQuantityChanged, from_quantity=2, to_quantity=5)
    )
    assert order.state(Order).subtotal == 750
    order.when(RemoveOrderLine(order_id=ORDER, line_id=PEN)).then(OrderLineRemoved)
    assert order.state(Order).subtotal == 0


def test_the_same_quantity_again_is_no_news() -> None:
    command = ChangeOrderLineQuantity(order_id=ORDER, line_id=PEN, quantity=2)
    given(DRAFT, line(PEN, 2, "1.50")).when(command).then_nothing()


BAD_LINES: list[tuple[AddOrderLine, ErrorCode, dict[str, object]]] = [
    (replace(line(PEN, 1, "1"), line_id="pen"), ErrorCode.INVALID_ID, {}),
    (replace(line(PEN, 1, "1"), line_id=PEN.upper()), ErrorCode.INVALID_ID, {}),
    (replace(line(PEN, 1, "1"), override_reason=" "), ErrorCode.INVALID_VALUE, {}),
    (line(PEN, 0, "1"), ErrorCode.INVALID_QUANTITY, {"min": 1, "max": 1_000_000}),
    (line(PEN, -1, "1"), ErrorCode.INVALID_QUANTITY, {}),
    (line(PEN, 1_000_001, "1"), ErrorCode.INVALID_QUANTITY, {}),
    (replace(line(PEN, 1, "1"), sku=" "), ErrorCode.INVALID_VALUE, {}),
    (replace(line(PEN, 1, "1"), title=""), ErrorCode.INVALID_VALUE, {}),
    (replace(line(PEN, 1, "1"), currency="EUR"), ErrorCode.CURRENCY_MISMATCH, {}),
    (line(PEN, 1, "1", tax_rate_ppm=1_000_001), ErrorCode.INVALID_VALUE, {}),
    (
        replace(line(PEN, 1, "1"), unit_price=UnitPrice(-1, 2)),
        ErrorCode.NEGATIVE_PRICE,
        {},
    ),
    (
        replace(line(PEN, 1, "1"), unit_price=UnitPrice(1, 7)),
        ErrorCode.AMOUNT_PRECISION,
        {"maxScale": 6},
    ),
    (
        replace(line(PEN, 2, "1"), unit_price=UnitPrice(AMOUNT_MINOR_MAX, 2)),
        ErrorCode.MONEY_OVERFLOW,
        {},
    ),
]


@pytest.mark.parametrize(("command", "code", "details"), BAD_LINES)
def test_a_bad_line_is_refused(
    command: AddOrderLine, code: ErrorCode, details: dict[str, object]
) -> None:
    given(DRAFT).when(command).then_rejected(code, **details)


def test_a_line_id_is_used_once() -> None:
    given(DRAFT, line(PEN, 1, "1")).when(line(PEN, 1, "1")).then_rejected(ErrorCode.ALREADY_EXISTS)


def test_lines_together_may_not_overflow_either() -> None:
    half = replace(line(PEN, 1, "1"), unit_price=UnitPrice(AMOUNT_MINOR_MAX, 2))
    given(DRAFT, half).when(line(MUG, 1, "0.01")).then_rejected(ErrorCode.MONEY_OVERFLOW)


def test_an_order_has_two_thousand_lines_at_most() -> None:
    order = given(DRAFT, line(PEN, 1, "1.00")).state(Order)
    order.lines |= {uuid_of(str(n)): order.lines[PEN] for n in range(1_999)}
    with pytest.raises(Rejected) as caught:
        order.handle(line(MUG, 1, "1.00"), envelopes_of(1))
    assert caught.value.code is ErrorCode.TOO_MANY_LINES
    assert caught.value.details == {"max": 2_000}


@pytest.mark.parametrize(
    "command",
    [
        ChangeOrderLineQuantity(order_id=ORDER, line_id=MUG, quantity=1),
        RemoveOrderLine(order_id=ORDER, line_id=MUG),
    ],
)
def test_a_line_that_is_not_there_is_not_found(command: OrderCommand) -> None:
    given(DRAFT, line(PEN, 1, "1")).when(command).then_rejected(
        ErrorCode.LINE_NOT_FOUND, lineId=MUG
    )


def test_an_address_keeps_the_person_sealed() -> None:
    given(DRAFT).when(TO_BRISTOL).then(
        happened(OrderAddressSet, country="GB", address_ref=TO_BRISTOL.address)
    )


@pytest.mark.parametrize(
    ("field", "value"), [("country", "UK"), ("region", "r" * 256), ("postcode_prefix", "p" * 256)]
)
def test_a_bad_address_names_its_field(field: str, value: str) -> None:
    change: dict[str, Any] = {field: value}
    order = (
        given(DRAFT).when(replace(TO_BRISTOL, **change)).then_rejected(ErrorCode.INVALID_ADDRESS)
    )
    assert order.rejection
    assert order.rejection.details["field"] == order.rejection.path[-1]


def test_a_shipping_method_has_a_price() -> None:
    given(DRAFT).when(parcel(450)).then(happened(ShippingMethodSelected, price=450))
    given(DRAFT).when(parcel(-1)).then_rejected(ErrorCode.NEGATIVE_PRICE)
    in_euro = replace(parcel(450), price=Money(450, "EUR"))
    given(DRAFT).when(in_euro).then_rejected(ErrorCode.CURRENCY_MISMATCH)


def test_a_discount_on_the_order_is_spread_over_its_lines() -> None:
    given(DRAFT, line(PEN, 1, "1.00"), line(MUG, 1, "2.01")).when(A_DISCOUNT).then(
        happened(DiscountApplied, allocations=[Allocation(PEN, 10), Allocation(MUG, 20)])
    )


def test_a_discount_on_a_line_goes_when_the_line_goes() -> None:
    on_pen = replace(A_DISCOUNT, scope=DiscountScope.LINE, line_id=PEN)
    order = given(DRAFT, line(PEN, 1, "1.00"), on_pen)
    order.when(RemoveOrderLine(order_id=ORDER, line_id=PEN)).then(
        happened(DiscountRemoved, discount_id="d1"), OrderLineRemoved
    )


def test_a_discount_can_be_removed_once() -> None:
    remove = RemoveDiscount(order_id=ORDER, discount_id="d1")
    order = given(DRAFT, A_DISCOUNT).when(remove).then(DiscountRemoved)
    order.when(remove).then_rejected(ErrorCode.DISCOUNT_NOT_FOUND)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (replace(A_DISCOUNT, value=0), ErrorCode.INVALID_DISCOUNT),
        (replace(A_DISCOUNT, value=1_000_001), ErrorCode.INVALID_DISCOUNT),
        (replace(A_DISCOUNT, scope=DiscountScope.LINE), ErrorCode.INVALID_DISCOUNT),
        (replace(A_DISCOUNT, line_id=PEN), ErrorCode.INVALID_DISCOUNT),
        (
            replace(A_DISCOUNT, scope=DiscountScope.LINE, line_id=MUG),
            ErrorCode.LINE_NOT_FOUND,
        ),
        (
            replace(A_DISCOUNT, kind=DiscountKind.FIXED, value=AMOUNT_MINOR_MAX + 1),
            ErrorCode.MONEY_OVERFLOW,
        ),
    ],
)
def test_a_bad_discount_is_refused(command: ApplyDiscount, code: ErrorCode) -> None:
    given(DRAFT, line(PEN, 1, "1.00")).when(command).then_rejected(code)


def test_a_discount_id_is_used_once_and_there_are_a_hundred_at_most() -> None:
    order = given(DRAFT, A_DISCOUNT)
    order.when(A_DISCOUNT).then_rejected(ErrorCode.ALREADY_EXISTS)
    for number in range(99):
        order.when(replace(A_DISCOUNT, discount_id=f"more-{number}", code="SPRING"))
    order.when(replace(A_DISCOUNT, discount_id="too-many"))
    order.then_rejected(ErrorCode.INVALID_DISCOUNT)


def test_a_customer_takes_over_a_draft() -> None:
    bob = AssignCustomer(order_id=ORDER, customer_id="bob")
    order = given(DRAFT).when(bob)
    order.then(happened(OrderCustomerAssigned, customer_id="bob", previous="ada"))
    order.when(bob).then_nothing()


def test_a_discarded_draft_is_over() -> None:
    order = given(DRAFT).when(DiscardDraft(order_id=ORDER, reason="test")).then(DraftDiscarded)
    order.when(line(PEN, 1, "1")).then_rejected(
        ErrorCode.INVALID_STATE, status="DISCARDED", allowed=["DRAFT"]
    )
    order.when(AssignCustomer(order_id=ORDER, customer_id="bob")).then_rejected(
        ErrorCode.INVALID_STATE
    )
