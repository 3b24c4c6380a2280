"""Whatever is asked of an order, in whatever sequence, its invariants hold after every command."""

from typing import Final

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from orderlog.domain.aggregate import Event
from orderlog.domain.commands import Command
from orderlog.domain.money import PriceMode, Rounding, UnitPrice
from orderlog.domain.orders.commands import (
    AddOrderLine,
    ApplyDiscount,
    CancelOrder,
    CancelOrderLines,
    ChangeOrderLineQuantity,
    DiscardDraft,
    ExpireOrder,
    PlacementTerms,
    PlaceOrder,
    RecordLinesDelivered,
    RecordLinesReturned,
    RecordLinesShipped,
    RejectOrder,
    RemoveDiscount,
    RemoveOrderLine,
)
from orderlog.domain.orders.events import (
    DiscountKind,
    DiscountScope,
    LineQuantity,
    OrderLinesCancelled,
    OrderLinesReturned,
    OrderPlaced,
    OrderStatus,
)
from orderlog.domain.orders.order import Order
from tests.domain.examples import (
    DRAFT,
    DUE,
    ORDER,
    TERMS,
    TO_BRISTOL,
    confirm,
    line,
    parcel,
    uuid_of,
)
from tests.support.scenario import Scenario, given

LINE_IDS: Final = [uuid_of(f"line-{n}") for n in range(4)]
ARROWS: Final = {
    OrderStatus.DRAFT: {OrderStatus.PENDING, OrderStatus.DISCARDED},
    OrderStatus.PENDING: {
        OrderStatus.CONFIRMED,
        OrderStatus.REJECTED,
        OrderStatus.EXPIRED,
        OrderStatus.CANCELLED,
    },
    OrderStatus.CONFIRMED: {OrderStatus.COMPLETED, OrderStatus.CANCELLED},
}

line_ids = st.sampled_from(LINE_IDS)
rates = st.sampled_from([0, 50_000, 175_000, 200_000])
terms = st.builds(
    PlacementTerms,
    order_number=st.just("1001"),
    capture_mode=st.just(TERMS.capture_mode),
    shortage_policy=st.just(TERMS.shortage_policy),
    price_mode=st.sampled_from(PriceMode),
    rounding=st.sampled_from(Rounding),
    payment_method=st.just("sandbox:approve"),
    payment_due_at=st.just(DUE),
    reserve_until=st.just(DUE),
)
add_line = st.builds(
    AddOrderLine,
    order_id=st.just(ORDER),
    line_id=line_ids,
    sku=st.just("SKU"),
    title=st.just("Thing"),
    quantity=st.integers(1, 7),
    unit_price=st.builds(UnitPrice, st.integers(0, 10**7), st.integers(2, 6)),
    currency=st.just("GBP"),
    tax_rate_ppm=rates,
)
percent = st.tuples(st.just(DiscountKind.PERCENT), st.integers(1, 1_000_000))
fixed = st.tuples(
    st.sampled_from([DiscountKind.FIXED, DiscountKind.VOUCHER]), st.integers(1, 10**6)
)


@st.composite
def discounts(draw: st.DrawFn) -> ApplyDiscount:
    kind, value = draw(percent | fixed)
    scope = draw(st.sampled_from(DiscountScope))
    return ApplyDiscount(
        order_id=ORDER,
        discount_id=draw(st.sampled_from(["d1", "d2", "d3"])),
        kind=kind,
        value=value,
        scope=scope,
        line_id=draw(line_ids) if scope is DiscountScope.LINE else None,
    )


drafting: st.SearchStrategy[Command] = st.one_of(
    add_line,
    add_line,
    discounts(),
    st.builds(parcel, st.integers(0, 1_000), rates),
    st.builds(
        ChangeOrderLineQuantity,
        order_id=st.just(ORDER),
        line_id=line_ids,
        quantity=st.integers(1, 7),
    ),
    st.builds(RemoveOrderLine, order_id=st.just(ORDER), line_id=line_ids),
    st.builds(RemoveDiscount, order_id=st.just(ORDER), discount_id=st.just("d1")),
)
quantities = st.lists(
    st.builds(LineQuantity, line_ids, st.integers(1, 3)), min_size=1, max_size=3
).map(tuple)
fulfilling: st.SearchStrategy[Command] = st.one_of(
    st.builds(
        CancelOrderLines, order_id=st.just(ORDER), lines=quantities, reason_code=st.just("WHY")
    ),
    st.builds(RecordLinesShipped, order_id=st.just(ORDER), lines=quantities, ref=st.just("p")),
    st.builds(RecordLinesDelivered, order_id=st.just(ORDER), lines=quantities, ref=st.just("p")),
    st.builds(
        RecordLinesReturned,
        order_id=st.just(ORDER),
        lines=quantities,
        ref=st.just("r"),
        refund_minor=st.none() | st.integers(0, 500),
    ),
)
turning: st.SearchStrategy[Command] = st.one_of(
    st.builds(confirm, st.just(2**62)),
    st.builds(PlaceOrder, order_id=st.just(ORDER), terms=terms),
    st.just(RejectOrder(order_id=ORDER, code="NO")),
    st.just(ExpireOrder(order_id=ORDER, now=DUE)),
    st.just(CancelOrder(order_id=ORDER, reason_code="WHY")),
    st.just(DiscardDraft(order_id=ORDER)),
)


def a_placed_order(drafts: list[Command], place: PlaceOrder) -> Scenario:
    """Begun, drafted at random, and placed with one line at least."""
    scenario = given(DRAFT, TO_BRISTOL, parcel(395))
    for command in drafts:
        scenario.when(command)
    if not scenario.state(Order).lines:
        scenario.when(line(LINE_IDS[0], 3, "0.333333"))
    return scenario.when(place)


def require_buckets(order: Order) -> None:
    """I1 to I5."""
    for one in order.lines.values():
        assert one.cancelled + one.shipped <= one.ordered
        assert one.delivered <= one.shipped
        assert one.returned + one.return_open <= one.shipped
        assert one.restocked + one.written_off <= one.returned
        assert 0 <= one.refunded_minor <= one.paid_minor
        assert min(one.open_units(), one.undelivered_units(), one.returnable_units()) >= 0
    assert order.refunded_minor == sum(one.refunded_minor for one in order.lines.values())
    assert 0 <= order.refunded_minor <= order.grand_total
    assert order.shipped_units == sum(one.shipped for one in order.lines.values())


def require_totals(event: OrderPlaced) -> None:
    """I6."""
    added_tax = event.tax_total if event.price_mode is PriceMode.NET else 0
    lines = event.lines
    assert event.subtotal == sum(one.total for one in lines)
    assert event.discount_total == sum(one.discount for one in lines)
    assert all(0 <= one.discount <= one.total for one in lines)
    assert event.tax_total == sum(entry.tax for entry in event.tax_breakdown)
    assert event.grand_total == (
        event.subtotal - event.discount_total + event.shipping_total + added_tax
    )
    assert event.grand_total >= 0


def prices_of(order: Order) -> list[tuple[str, str, int, UnitPrice, int]]:
    return [
        (one.line_id, order.currency, one.ordered, one.unit_price, one.total)
        for one in order.lines.values()
    ]


@for_all(
    drafts=st.lists(drafting, max_size=12),
    rest=st.lists(st.one_of(turning, fulfilling, drafting), max_size=20),
)
@settings(max_examples=120, deadline=None)
def test_the_invariants_of_an_order_hold(drafts: list[Command], rest: list[Command]) -> None:
    scenario = given(DRAFT, TO_BRISTOL, parcel(395))
    for command in [*drafts, *rest]:
        order = scenario.state(Order)
        status, prices = order.status, prices_of(order)
        scenario.when(command)
        assert order.status is status or order.status in ARROWS[status]  # I9
        assert order.currency == "GBP"  # I7
        if status is not OrderStatus.DRAFT:
            assert prices_of(order) == prices  # I8
        require_buckets(order)
        if scenario.new and isinstance(scenario.new[0], OrderPlaced):
            require_totals(scenario.new[0])


@for_all(
    drafts=st.lists(drafting, min_size=1, max_size=12),
    terms=terms,
    rest=st.lists(fulfilling, max_size=25),
)
@settings(max_examples=120, deadline=None)
def test_fulfilment_keeps_the_buckets(
    drafts: list[Command], terms: PlacementTerms, rest: list[Command]
) -> None:
    scenario = a_placed_order(drafts, PlaceOrder(order_id=ORDER, terms=terms)).when(confirm())
    for command in rest:
        scenario.when(command)
        require_buckets(scenario.state(Order))


@for_all(
    drafts=st.lists(drafting, min_size=1, max_size=12),
    terms=terms,
    turns=st.lists(st.tuples(st.booleans(), line_ids, st.integers(1, 3)), max_size=30),
)
@settings(max_examples=120, deadline=None)
def test_all_units_given_back_are_all_that_was_paid_for_them(
    drafts: list[Command], terms: PlacementTerms, turns: list[tuple[bool, str, int]]
) -> None:
    scenario = a_placed_order(drafts, PlaceOrder(order_id=ORDER, terms=terms)).when(confirm())
    order = scenario.state(Order)
    rest = [(False, one.line_id, one.ordered) for one in order.lines.values()]
    for is_returned, line_id, quantity in [*turns, *rest]:
        give_back(scenario, line_id, quantity, is_returned=is_returned)
    paid = sum(one.paid_minor for one in order.lines.values())
    assert order.status is OrderStatus.CONFIRMED
    assert sum(map(refund_in, scenario.events)) == order.refunded_minor == paid


def give_back(scenario: Scenario, line_id: str, quantity: int, *, is_returned: bool) -> None:
    """Up to so many units that are still open, shipped and returned or just cancelled."""
    one = scenario.state(Order).lines.get(line_id)
    if one is None or not one.open_units():
        return
    lines = (LineQuantity(line_id, min(quantity, one.open_units())),)
    if is_returned:
        scenario.when(RecordLinesShipped(order_id=ORDER, lines=lines, ref="p"))
        scenario.when(RecordLinesReturned(order_id=ORDER, lines=lines, ref="r"))
    else:
        scenario.when(CancelOrderLines(order_id=ORDER, lines=lines, reason_code="WHY"))


def refund_in(event: Event) -> int:
    match event:
        case OrderLinesCancelled() | OrderLinesReturned():
            assert event.refund_minor == sum(refund.amount_minor for refund in event.refunds)
            return event.refund_minor
        case _:
            return 0
