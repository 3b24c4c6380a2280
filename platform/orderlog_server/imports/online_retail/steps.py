"""What the import will do, one step after the other: each is sent as one unit of commands.

A step knows the rows of the file that it stands for and what it will book, in minor units: both
count only if the platform accepts it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

from orderlog.domain.money import Rounding, allocate, divide, refund_for
from orderlog_server.imports.online_retail.rows import Row

CURRENCY: Final = "GBP"


class Bucket(StrEnum):
    """Where a row ends. Each ends in exactly one."""

    ORDER_LINE = "order line"
    SHIPPING = "shipping"
    FEE = "fee"
    DISCOUNT = "discount"
    CANCELLATION = "cancellation"
    RETURN = "return"
    STOCK_ADJUSTMENT = "stock adjustment"
    REJECTED = "rejected"


Rows: TypeAlias = Mapping[Bucket, Sequence[Row]]
Booked: TypeAlias = Mapping[Bucket, int]


def total_minor(row: Row, units: int | None = None) -> int:
    """What a row, or some units of it, come to: rounded once, as the platform does."""
    quantity = row.quantity if units is None else units
    return row.price.times(quantity, CURRENCY, Rounding.HALF_UP)


@dataclass(slots=True, eq=False)
class Sold:
    """A row that was sold: goods, a fee or a shipping charge, and how much of it was given back.

    `paid_minor` is after discount. Goods are reserved and shipped, the others are not.
    """

    row: Row
    order: "Place"
    bucket: Bucket
    number: int
    paid_minor: int
    credited: int = 0

    @property
    def is_goods(self) -> bool:
        return self.bucket is Bucket.ORDER_LINE

    @property
    def is_shipping(self) -> bool:
        return self.bucket is Bucket.SHIPPING

    @property
    def open_units(self) -> int:
        return self.row.quantity - self.credited

    def credit(self, units: int) -> int:
        """Gives units back; what they are worth by the domain's cumulative rule."""
        already, of = self.credited, self.row.quantity
        given = divide(self.paid_minor * already, of)
        self.credited = already + units
        return refund_for(self.paid_minor, given, already=already, units=units, of=of)


Units: TypeAlias = Mapping[Sold, int]


@dataclass(slots=True, eq=False, kw_only=True)
class Step:
    """`key` names the step for ever: what was done under it is not done again."""

    key: str
    at: datetime
    rows: Rows = field(default_factory=dict[Bucket, Sequence[Row]])
    booked: Booked = field(default_factory=dict[Bucket, int])


@dataclass(slots=True, eq=False, kw_only=True)
class Place(Step):
    """One sale invoice becomes one order."""

    invoice: str
    customer: str | None
    country: str
    lines: list[Sold] = field(default_factory=list[Sold])
    shipping: list[Sold] = field(default_factory=list[Sold])
    discount_minor: int = 0
    refunded_minor: int = 0

    @property
    def shipping_minor(self) -> int:
        return sum(sold.paid_minor for sold in self.shipping)

    @property
    def total_minor(self) -> int:
        return sum(self.booked.values())

    @property
    def open_units(self) -> dict[Sold, int]:
        return {sold: sold.open_units for sold in self.lines if sold.open_units}

    @property
    def is_given_back(self) -> bool:
        """Everything, the shipping charge included."""
        return not any(sold.open_units for sold in (*self.lines, *self.shipping))


@dataclass(slots=True, eq=False, kw_only=True)
class _OfOrder(Step):
    order: Place
    units: Units


class Ship(_OfOrder):
    """Generated: the file says nothing about shipments."""


class CancelWhole(_OfOrder):
    """`units` are those that were left."""


class CancelSome(_OfOrder):
    """Within a day, or of lines that are never shipped."""


@dataclass(slots=True, eq=False, kw_only=True)
class TakeBack(_OfOrder):
    """A return: booked is what is refunded, the file's amount but never more than was paid."""

    invoice: str
    refund_minor: int


@dataclass(slots=True, eq=False, kw_only=True)
class Adjust(Step):
    """Stock that was written off or found to be missing; `delta` is negative."""

    sku: str
    delta: int
    reason: str


AnyStep: TypeAlias = Place | Ship | CancelWhole | CancelSome | TakeBack | Adjust


def share_discount(order: Place, discount_minor: int) -> int:
    """Lowers what the lines were paid by a discount; what it took, never more than there is."""
    taken = min(discount_minor, sum(sold.paid_minor for sold in order.lines))
    shares = allocate(taken, [sold.paid_minor for sold in order.lines])
    for sold, share in zip(order.lines, shares, strict=True):
        sold.paid_minor -= share
    return taken


def sum_by_sku(units: Iterable[tuple[Sold, int]]) -> dict[str, int]:
    """Units of goods by SKU."""
    sums: dict[str, int] = {}
    for sold, count in units:
        if sold.is_goods:
            sums[sold.row.sku] = sums.get(sold.row.sku, 0) + count
    return sums
