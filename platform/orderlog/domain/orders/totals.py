"""What an order costs: pure functions from lines, discounts and shipping to frozen totals.

Each line is rounded once, in its total; everything else is a sum, a share or a tax of that.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from orderlog.domain.money import (
    PPM,
    PriceMode,
    Rounding,
    allocate,
    checked,
    divide,
    exponent_of,
    tax_of,
)
from orderlog.domain.orders.events import DiscountKind, DiscountScope, PlacedLine, TaxAmount
from orderlog.domain.orders.lines import Line

_SHIPPING: Final = ""
"""Stands for the shipping price among the line ids: a discount may lower it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """`value` is parts per million for PERCENT, minor units otherwise."""

    discount_id: str
    kind: DiscountKind
    value: int
    scope: DiscountScope
    line_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    price: int = 0
    tax_rate_ppm: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """How this order is priced: decided by its channel, frozen when it is placed."""

    currency: str
    price_mode: PriceMode
    rounding: Rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """`grand_total = subtotal − discount_total + shipping_total`, and `+ tax_total` if NET.

    `shipping_total` is after its own discounts; `discount_total` is that of the lines.
    """

    lines: list[PlacedLine]
    subtotal: int
    discount_total: int
    shipping_total: int
    tax_total: int
    grand_total: int
    tax_breakdown: list[TaxAmount]
    currency: str
    exponent: int


def shares_of(discount: Discount, left: Mapping[str, int], rounding: Rounding) -> dict[str, int]:
    """What one discount takes from each of the amounts that are left, never more than there is."""
    keys = _keys_of(discount, left)
    whole = sum(left[key] for key in keys)
    is_percent = discount.kind is DiscountKind.PERCENT
    amount = divide(whole * discount.value, PPM, rounding) if is_percent else discount.value
    shares = allocate(min(amount, whole), [left[key] for key in keys])
    return dict(zip(keys, shares, strict=True))


def _keys_of(discount: Discount, left: Mapping[str, int]) -> list[str]:
    match discount.scope:
        case DiscountScope.LINE:
            return [key for key in left if key == discount.line_id]
        case DiscountScope.SHIPPING:
            return [_SHIPPING]
        case DiscountScope.ORDER:
            return [key for key in left if key != _SHIPPING]


def allocations_of(
    lines: Iterable[Line],
    shipping_price: int,
    discounts: Sequence[Discount],
    rounding: Rounding = Rounding.HALF_UP,
) -> tuple[dict[str, int], dict[str, int]]:
    """What is left by line id after all discounts, and what the last of them took from each.

    Discounts work one after the other, each on what the earlier ones left.
    """
    left = {line.line_id: line.total for line in lines}
    left[_SHIPPING] = shipping_price
    shares: dict[str, int] = {}
    for discount in discounts:
        shares = shares_of(discount, left, rounding)
        for key, amount in shares.items():
            left[key] -= amount
    shares.pop(_SHIPPING, None)
    return left, shares


def totals_of(
    lines: Sequence[Line], discounts: Sequence[Discount], shipping: Shipping, pricing: Pricing
) -> Totals:
    """Freezes an order. Raises `MONEY_OVERFLOW`."""
    left, _ = allocations_of(lines, shipping.price, discounts, pricing.rounding)
    placed = [_placed_line(line, line.total - left[line.line_id], pricing) for line in lines]
    shipping_total = left[_SHIPPING]
    subtotal = checked(sum(line.total for line in placed))
    discount_total = sum(line.discount for line in placed)
    breakdown = _tax_breakdown(placed, shipping_total, shipping.tax_rate_ppm, pricing)
    tax_total = checked(sum(entry.tax for entry in breakdown))
    added_tax = tax_total if pricing.price_mode is PriceMode.NET else 0
    return Totals(
        lines=placed,
        subtotal=subtotal,
        discount_total=discount_total,
        shipping_total=shipping_total,
        tax_total=tax_total,
        grand_total=checked(subtotal - discount_total + shipping_total + added_tax),
        tax_breakdown=breakdown,
        currency=pricing.currency,
        exponent=exponent_of(pricing.currency),
    )


def paid_for(line: PlacedLine, price_mode: PriceMode) -> int:
    """What the customer owes for the whole line, in minor units."""
    added_tax = line.tax if price_mode is PriceMode.NET else 0
    return line.total - line.discount + added_tax


def _placed_line(line: Line, discount: int, pricing: Pricing) -> PlacedLine:
    return PlacedLine(
        line_id=line.line_id,
        sku=line.sku,
        title=line.title,
        quantity=line.ordered,
        unit_price=line.unit_price,
        tax_rate_ppm=line.tax_rate_ppm,
        requires_shipping=line.requires_shipping,
        total=line.total,
        discount=discount,
        tax=_tax(line.total - discount, line.tax_rate_ppm, pricing),
    )


def _tax(amount_minor: int, rate_ppm: int, pricing: Pricing) -> int:
    return tax_of(amount_minor, rate_ppm, pricing.price_mode, pricing.rounding) if rate_ppm else 0


def _tax_breakdown(
    lines: Iterable[PlacedLine], shipping_minor: int, shipping_rate_ppm: int, pricing: Pricing
) -> list[TaxAmount]:
    """By rate, lowest first; `taxable` is the amount without the tax."""
    taxable: dict[int, int] = defaultdict(int)
    taxes: dict[int, int] = defaultdict(int)
    for line in lines:
        taxable[line.tax_rate_ppm] += line.total - line.discount
        taxes[line.tax_rate_ppm] += line.tax
    if shipping_minor:
        taxable[shipping_rate_ppm] += shipping_minor
        taxes[shipping_rate_ppm] += _tax(shipping_minor, shipping_rate_ppm, pricing)
    is_gross = pricing.price_mode is PriceMode.GROSS
    return [
        TaxAmount(rate, taxable[rate] - (taxes[rate] if is_gross else 0), taxes[rate])
        for rate in sorted(taxable)
    ]
