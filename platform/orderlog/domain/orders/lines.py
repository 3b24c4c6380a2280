"""The lines of an order: what was ordered, and what became of each unit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from orderlog.domain.money import Rounding, UnitPrice, divide, refund_for
from orderlog.domain.orders.commands import AddOrderLine, ImportedLine
from orderlog.domain.orders.events import LineQuantity, OrderLineAdded, PlacedLine
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.values import (
    require_canonical_uuid,
    require_quantity,
    require_sku,
    require_tax_rate,
    require_text,
)

LINES_MAX: Final = 2_000


@dataclass(slots=True, kw_only=True)
class Line:
    """How many units there are, and in which bucket each of them is.

    `total` and `paid_minor` are minor units. The second is known after placing: what the
    customer owes for the whole line, discount and tax included.
    """

    line_id: str
    sku: str
    title: str
    unit_price: UnitPrice
    tax_rate_ppm: int
    requires_shipping: bool
    ordered: int
    total: int
    paid_minor: int = 0
    cancelled: int = 0
    shipped: int = 0
    delivered: int = 0
    return_open: int = 0
    returned: int = 0
    restocked: int = 0
    written_off: int = 0
    refunded_minor: int = 0

    def open_units(self) -> int:
        return self.ordered - self.cancelled - self.shipped

    def undelivered_units(self) -> int:
        return self.shipped - self.delivered

    def returnable_units(self) -> int:
        return self.shipped - self.returned - self.return_open

    def rounded(self, currency: str, rounding: Rounding) -> "Line":
        """The same line with its total rounded another way."""
        return replace(self, total=self.unit_price.times(self.ordered, currency, rounding))

    def worth(self, units: int) -> int:
        """What the next units to be cancelled or returned give back, in minor units.

        Counted by units alone: what was withheld from an earlier refund stays withheld.
        """
        already = self.cancelled + self.returned
        given = divide(self.paid_minor * already, self.ordered)
        return refund_for(self.paid_minor, given, already=already, units=units, of=self.ordered)


def line_of(
    asked: AddOrderLine | ImportedLine | OrderLineAdded, currency: str, rounding: Rounding
) -> Line:
    """A line with its total. Raises `MONEY_OVERFLOW`."""
    return Line(
        line_id=asked.line_id,
        sku=asked.sku,
        title=asked.title,
        unit_price=asked.unit_price,
        tax_rate_ppm=asked.tax_rate_ppm,
        requires_shipping=asked.requires_shipping,
        ordered=asked.quantity,
        total=asked.unit_price.times(asked.quantity, currency, rounding),
    )


def placed_line_of(placed: PlacedLine, paid_minor: int) -> Line:
    """The line as it was placed, with nothing done yet."""
    return Line(
        line_id=placed.line_id,
        sku=placed.sku,
        title=placed.title,
        unit_price=placed.unit_price,
        tax_rate_ppm=placed.tax_rate_ppm,
        requires_shipping=placed.requires_shipping,
        ordered=placed.quantity,
        total=placed.total,
        paid_minor=paid_minor,
    )


def require_line(asked: AddOrderLine | ImportedLine, currency: str, *path: str) -> None:
    """Every check on a line that needs nothing but the line."""
    require_canonical_uuid(asked.line_id, *path, "lineId")
    require_sku(asked.sku, *path, "sku")
    require_text(asked.title, *path, "title")
    require_quantity(asked.quantity, *path, "quantity")
    require_tax_rate(asked.tax_rate_ppm, *path, "taxRatePpm")
    UnitPrice.of(asked.unit_price.amount, asked.unit_price.scale, currency)


def require_line_count(count: int) -> None:
    """Raises `TOO_MANY_LINES {max}`."""
    if count > LINES_MAX:
        message = f"An order has at most {LINES_MAX:,} lines."
        raise Rejected(ErrorCode.TOO_MANY_LINES, message, path=("lines",), max=LINES_MAX)


def summed(wanted: Sequence[LineQuantity]) -> dict[str, int]:
    """Units by line id: a line that is named twice is asked for once, with the sum."""
    if not wanted:
        raise Rejected(ErrorCode.INVALID_VALUE, "Name at least one line.", path=("lines",))
    require_line_count(len(wanted))
    units: dict[str, int] = {}
    for index, entry in enumerate(wanted):
        require_quantity(entry.quantity, "lines", str(index), "quantity")
        units[entry.line_id] = units.get(entry.line_id, 0) + entry.quantity
    return units


def already_exists(what: str, *path: str) -> Rejected:
    return Rejected(ErrorCode.ALREADY_EXISTS, f"This {what} exists already.", path=path)
