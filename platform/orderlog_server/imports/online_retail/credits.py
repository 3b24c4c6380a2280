"""A `C…` invoice gives back what was bought: which units of which orders, and how.

A row is matched to the same customer's purchases of the same stock code: those at the same price
first, and among them the newest with open units. Within a day of the order its units are
cancelled, the whole order where nothing of it is left; later they are a return. Fees are never
shipped, so that they are cancelled at any time. A shipping charge is no line: it goes only with
the whole order.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from orderlog.domain.rejections import ErrorCode
from orderlog_server.imports.online_retail.rows import Row
from orderlog_server.imports.online_retail.steps import (
    AnyStep,
    Bucket,
    CancelSome,
    CancelWhole,
    Place,
    Sold,
    TakeBack,
    total_minor,
)

CANCEL_WINDOW: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Match:
    """Units of a credit row that were found in one purchase."""

    row: Row
    sold: Sold
    units: int

    @property
    def file_minor(self) -> int:
        return total_minor(self.row, self.units)


class Purchases:
    """What each customer bought, and how much of it is open."""

    def __init__(self) -> None:
        self._sold: dict[tuple[str, str], list[Sold]] = defaultdict(list)

    def remember(self, order: Place) -> None:
        if order.customer is not None:
            for sold in (*order.lines, *order.shipping):
                self._sold[order.customer, sold.row.sku].append(sold)

    def find(self, row: Row, taken: dict[Sold, int]) -> Iterator[Match]:
        """The best open units first. `taken` holds what the same invoice has found before."""
        missing = -row.quantity
        for sold in self._candidates(row):
            units = min(missing, sold.open_units - taken.get(sold, 0))
            if units > 0:
                taken[sold] = taken.get(sold, 0) + units
                missing -= units
                yield Match(row, sold, units)
            if not missing:
                return

    def _candidates(self, row: Row) -> list[Sold]:
        if row.customer is None:
            return []
        newest_first = reversed(self._sold.get((row.customer, row.sku), ()))
        return sorted(newest_first, key=lambda sold: sold.row.price != row.price)


def credit_refusal(row: Row) -> ErrorCode | None:
    """Why a row of a credit cannot be taken, whatever was bought."""
    if row.price.amount < 0:
        return ErrorCode.NEGATIVE_PRICE
    return ErrorCode.INVALID_QUANTITY if row.quantity >= 0 else None


@dataclass(slots=True)
class Credit:
    """One `C…` invoice: its steps, and the rows that found no place in any.

    `remainders` are (negative) units of matched rows for which there was no purchase.
    """

    steps: list[AnyStep] = field(default_factory=list[AnyStep])
    refused: list[tuple[Row, ErrorCode]] = field(default_factory=list[tuple[Row, ErrorCode]])
    remainders: list[tuple[Row, int]] = field(default_factory=list[tuple[Row, int]])
    _is_taken: set[int] = field(default_factory=set[int])

    def own(self, rows: Sequence[Row]) -> list[Row]:
        """Those rows that no earlier step stands for; from now on this one does."""
        own = [row for row in dict.fromkeys(rows) if row.line not in self._is_taken]
        self._is_taken.update(row.line for row in own)
        return own


def credit_of(rows: Sequence[Row], purchases: Purchases, at: datetime) -> Credit:
    """What a `C…` invoice comes to at its time. `rows` are without refusals."""
    credit, taken = Credit(), dict[Sold, int]()
    by_order: dict[Place, list[Match]] = {}
    found: dict[Row, int] = {}
    for row in rows:
        for match in purchases.find(row, taken):
            by_order.setdefault(match.sold.order, []).append(match)
            found[row] = found.get(row, 0) + match.units
    for order, matches in by_order.items():
        _give_back(credit, order, matches, at)
    for row in credit.own(rows):
        code = ErrorCode.LINE_NOT_FOUND if row in found else ErrorCode.ORDER_NOT_FOUND
        credit.refused.append((row, code))
        found.pop(row, None)
    credit.remainders += [(row, row.quantity + n) for row, n in found.items() if row.quantity + n]
    return credit


def _give_back(credit: Credit, order: Place, matches: list[Match], at: datetime) -> None:
    is_early = at - order.at <= CANCEL_WINDOW
    if is_early and _is_whole(order, matches):
        _cancel_whole(credit, order, matches, at)
        return
    matches = [match for match in matches if not match.sold.is_shipping]
    cancelled = [match for match in matches if is_early or not match.sold.is_goods]
    returned = [match for match in matches if not is_early and match.sold.is_goods]
    if cancelled:
        _cancel_some(credit, order, cancelled, at)
    if returned:
        _take_back(credit, order, returned, at)


def _is_whole(order: Place, matches: list[Match]) -> bool:
    units = _units_of(matches)
    return all(sold.open_units == units.get(sold, 0) for sold in (*order.lines, *order.shipping))


def _cancel_whole(credit: Credit, order: Place, matches: list[Match], at: datetime) -> None:
    rows = credit.own([match.row for match in matches])
    units = _units_of(matches)
    refund = order.total_minor - order.refunded_minor
    _credit(units)
    step = CancelWhole(
        key=f"cancel/{matches[0].row.invoice}/{order.invoice}",
        at=at,
        rows={Bucket.CANCELLATION: rows},
        booked={Bucket.CANCELLATION: -refund},
        order=order,
        units=units,
    )
    order.refunded_minor += refund
    credit.steps.append(step)


def _cancel_some(credit: Credit, order: Place, matches: list[Match], at: datetime) -> None:
    units = _units_of(matches)
    refund = _credit(units)
    step = CancelSome(
        key=f"cancel/{matches[0].row.invoice}/{order.invoice}",
        at=at,
        rows={Bucket.CANCELLATION: credit.own([match.row for match in matches])},
        booked={Bucket.CANCELLATION: -refund},
        order=order,
        units=units,
    )
    order.refunded_minor += refund
    credit.steps.append(step)


def _take_back(credit: Credit, order: Place, matches: list[Match], at: datetime) -> None:
    invoice, units = matches[0].row.invoice, _units_of(matches)
    wanted = sum(match.file_minor for match in matches)
    refund = min(wanted, _credit(units))
    step = TakeBack(
        key=f"return/{invoice}/{order.invoice}",
        at=at,
        rows={Bucket.RETURN: credit.own([match.row for match in matches])},
        booked={Bucket.RETURN: -refund},
        order=order,
        units=units,
        invoice=invoice,
        refund_minor=refund,
    )
    order.refunded_minor += refund
    credit.steps.append(step)


def _credit(units: dict[Sold, int]) -> int:
    return sum(sold.credit(count) for sold, count in units.items())


def _units_of(matches: list[Match]) -> dict[Sold, int]:
    units: dict[Sold, int] = {}
    for match in matches:
        units[match.sold] = units.get(match.sold, 0) + match.units
    return units
