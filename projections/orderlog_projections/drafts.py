"""What a draft would cost if it were placed now, by the domain's own arithmetic; and when it was.

The channel's price mode and rounding are frozen only when the order is placed; until then a draft
shows GROSS prices, rounded half up.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from orderlog.domain.money import Rounding, UnitPrice
from orderlog.domain.orders.events import (
    DiscountKind,
    DiscountScope,
    OrderImported,
    OrderPlaced,
)
from orderlog.domain.orders.lines import Line
from orderlog.domain.orders.totals import Discount, allocations_of
from orderlog_projections.columns import saturated

_NO_PRICE: Final = UnitPrice(0, 0)


class DiscountTerms(Protocol):
    """A discount as a read model keeps it."""

    @property
    def discount_id(self) -> str: ...
    @property
    def kind(self) -> DiscountKind: ...
    @property
    def value(self) -> int: ...
    @property
    def scope(self) -> DiscountScope: ...
    @property
    def line_id(self) -> str | None: ...


class RunningTotals(NamedTuple):
    """Minor units; `discounts` by line id, where there are any."""

    subtotal: int
    discount_total: int
    shipping_total: int
    grand_total: int
    discounts: Mapping[str, int]


def placed_at_of(event: OrderPlaced | OrderImported) -> datetime:
    """An import keeps the time of the other system."""
    return event.placed_at if isinstance(event, OrderImported) else event.envelope.occurred_at


def line_total(unit_price: UnitPrice, quantity: int, currency: str) -> int:
    return unit_price.times(quantity, currency, Rounding.HALF_UP)


def running_totals(
    totals: Mapping[str, int], shipping_price: int, discounts: Iterable[DiscountTerms]
) -> RunningTotals:
    """`totals` are those of the lines before discounts, by line id."""
    terms = [_domain_discount(discount) for discount in discounts]
    subtotal = sum(totals.values())
    if not terms:
        grand_total = saturated(subtotal + shipping_price)
        return RunningTotals(saturated(subtotal), 0, shipping_price, grand_total, {})
    left, _ = allocations_of(
        [_domain_line(line_id, total) for line_id, total in totals.items()], shipping_price, terms
    )
    grand_total, lines_left = sum(left.values()), sum(left[line_id] for line_id in totals)
    return RunningTotals(
        subtotal=saturated(subtotal),
        discount_total=saturated(subtotal - lines_left),
        shipping_total=grand_total - lines_left,
        grand_total=saturated(grand_total),
        discounts={line_id: total - left[line_id] for line_id, total in totals.items()},
    )


def _domain_line(line_id: str, total: int) -> Line:
    """As much of a line as sharing out a discount looks at."""
    return Line(
        line_id=line_id,
        sku="",
        title="",
        unit_price=_NO_PRICE,
        tax_rate_ppm=0,
        requires_shipping=False,
        ordered=0,
        total=total,
    )


def _domain_discount(terms: DiscountTerms) -> Discount:
    return Discount(
        discount_id=terms.discount_id,
        kind=terms.kind,
        value=terms.value,
        scope=terms.scope,
        line_id=terms.line_id,
    )
